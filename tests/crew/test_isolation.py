"""What one run does costs that run alone: every fault here is really made, in real commands."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from trouble.commands import AT, SWEEP, TINY, content, rows

from runner.results.read.runs import read_run

pytestmark = [
    pytest.mark.commands,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes there"),
]
REASONS = {
    "raise": ("failed", "ValueError: Seven is out of the question"),
    "exit": ("failed", "It called sys.exit (SystemExit: 0)."),
    "os-exit": ("failed", "Its process ended by itself, with exit code 0."),
    "abort": ("failed", "Its process died of signal 6 (Aborted)."),
    "segfault": ("failed", "Its process died of signal 11 (Segmentation fault)."),
    "kill": ("failed", "Its process was killed (SIGKILL), perhaps because the memory was full."),
    "memory": ("oom", "Out of memory: MemoryError: Unable to allocate 8.00 TiB"),
    "torch-memory": ("oom", "Out of memory: RuntimeError: "),
}
KINDS = list(REASONS)


@pytest.fixture(scope="module")
def troubled(call, tmp_path_factory) -> SimpleNamespace:
    """A sweep of a group for each kind of trouble, with the trouble and without."""
    folder: Path = tmp_path_factory.mktemp("troubled")
    kinds = f"schedule.kind={','.join(KINDS)}"
    asked = [*SWEEP, kinds, "hydra.launcher.workers=2"]
    done = {
        name: call(*asked, f"hydra.sweep.dir={folder / name}", **environment)
        for name, environment in {"calm": {}, "trouble": {"TROUBLE": "1"}}.items()
    }
    return SimpleNamespace(**done, folder=folder / "trouble", undisturbed=folder / "calm")


def jobs_of(folder: Path, kind: str) -> list[int]:
    table = pd.read_csv(folder / "sweep.csv")
    return table[table["schedule.kind"] == kind].sort_values("schedule.at")["job"].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_trouble_costs_the_guilty_run_alone(troubled, kind):
    guilty, *innocent = jobs_of(troubled.folder, kind)
    status, reason = REASONS[kind]
    run = read_run(troubled.folder / str(guilty))
    assert run.summary["status"] == status
    assert run.summary["reason"].startswith(reason) and "\n" not in run.summary["reason"]
    log = (run.folder / "runner.log").read_text()
    assert f"{status}: {reason}" in log
    assert "words of print" in log and "words of C" in log
    for job in innocent:
        assert read_run(troubled.folder / str(job)).summary["status"] == "ok"
        alike = content(troubled.undisturbed / str(job))
        assert content(troubled.folder / str(job)) == alike


@pytest.mark.parametrize("kind", KINDS)
def test_a_guilty_run_keeps_the_rows_it_had(troubled, kind):
    guilty = str(jobs_of(troubled.folder, kind)[0])
    had, whole = (
        (folder / guilty / "metrics.csv").read_text().splitlines()
        for folder in (troubled.folder, troubled.undisturbed)
    )
    assert had == whole[:3]  # the header and two epochs


def test_the_command_tells_of_every_failure(troubled):
    assert troubled.calm.code == 0 and troubled.trouble.code == 1
    table = pd.read_csv(troubled.folder / "sweep.csv")
    assert len(table) == len(KINDS) * len(AT)
    assert table["status"].value_counts().to_dict() == {"ok": 24, "failed": 6, "oom": 2}
    report = (troubled.folder / "report.html").read_text()
    for _, reason in REASONS.values():
        assert reason in troubled.trouble.words
        assert reason.split("(")[0] in report
    assert "8 of 32 runs" in troubled.trouble.words
    assert f"python -m runner --resume {troubled.folder} --retry" in troubled.trouble.words


def test_what_is_printed_while_workers_train_is_not_on_the_terminal(troubled):
    trained = troubled.trouble.said.partition("32 runs in")[2]
    assert trained and "words of" not in trained


def test_a_traceback_is_in_the_log_alone(troubled):
    guilty = jobs_of(troubled.folder, "raise")[0]
    assert "Traceback" in (troubled.folder / str(guilty) / "runner.log").read_text()
    assert "Traceback" not in troubled.trouble.said


def test_a_retry_without_the_trouble_ends_as_if_there_had_been_none(troubled, call):
    """The last of this folder's tests: it takes the failures away."""
    short = {run for run in range(len(KINDS) * len(AT)) if status_of(troubled, run) == "oom"}
    done = call("--resume", troubled.folder, "--retry")
    assert done.code == 0, done.said
    for job in range(len(KINDS) * len(AT)):
        assert status_of(troubled, job) == "ok"
        # A run that did not fit gave up its padding: it is not computed as it was.
        if job not in short:
            alike = content(troubled.undisturbed / str(job))
            assert content(troubled.folder / str(job)) == alike


def status_of(troubled: SimpleNamespace, job: int) -> str:
    return str(read_run(troubled.folder / str(job)).summary["status"])


@pytest.mark.long
def test_a_run_that_never_comes_back_is_ended(call, tmp_path):
    folder, undisturbed = tmp_path / "trouble", tmp_path / "calm"
    asked = [*TINY, "-m", "schedule.at=9,2,8", "schedule.kind=sleep"]
    assert call(*asked, f"hydra.sweep.dir={undisturbed}").code == 0
    # Within 12 s every healthy group takes a step, on a busy machine too.
    limit = "hydra.launcher.timeout_min=0.2"
    done = call(*asked, limit, f"hydra.sweep.dir={folder}", TROUBLE=1)
    assert done.code == 1
    assert [read_run(folder / str(job)).summary["status"] for job in range(3)] == [
        *("ok", "failed", "ok")
    ]
    reason = f"No step was completed within {limit} minutes."
    assert read_run(folder / "1").summary["reason"] == reason and reason in done.words
    for job in "02":
        assert content(folder / job) == content(undisturbed / job)


# ------------------------------------------------------------- in the command's own process


def test_sys_exit_in_a_single_run_is_a_failure_and_what_it_prints_is_in_its_log(call, tmp_path):
    folder = tmp_path / "run"
    asked = [*TINY, "schedule.at=2", "schedule.kind=exit", f"hydra.run.dir={folder}"]
    done = call(*asked, TROUBLE=1)
    assert done.code == 1
    assert "failed: It called sys.exit (SystemExit: 0)." in done.words
    assert "words of print" not in done.said
    assert "words of print" in (folder / "runner.log").read_text()
    assert read_run(folder).summary["status"] == "failed"
    assert rows(tmp_path, "run") == 2


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("built", "can't be built for examples of shape (1, 8, 8) and 10 outputs: SystemExit: 0."),
        ("computed", "fails on a training batch of 2: SystemExit."),
    ],
)
@pytest.mark.parametrize("sweep", [["-m", "optim.lr=0.1,0.2"], []])
def test_sys_exit_in_a_try_out_is_refused_and_nothing_is_made(call, tmp_path, when, told, sweep):
    place = f"hydra.{'sweep' if sweep else 'run'}.dir={tmp_path / 'none'}"
    done = call("model=trouble", f"model.when={when}", *sweep, place)
    assert (done.code, done.said) == (2, f"model=trouble {told}\n")
    assert not list(tmp_path.iterdir())
