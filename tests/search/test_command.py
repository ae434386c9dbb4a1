"""A search as a command: what it leaves, that it can be killed and resumed, and its endings."""

import csv
import importlib
import pkgutil
import shutil

import pandas as pd
import pytest

optuna = pytest.importorskip("optuna", reason="the extra 'search' is not installed")

from optuna.storages import JournalStorage  # noqa: E402
from optuna.storages.journal import JournalFileBackend  # noqa: E402

from runner.atomic_write import PART  # noqa: E402
from runner.crew.sweep_file import read_sweep_file  # noqa: E402
from runner.search.record import read_rounds  # noqa: E402

SMALL = ["dataset.train_size=60", "model.hidden=[8]", "epochs=4", "device=cpu"]
ASKED = [
    *("-m", "hydra/sweeper=search", *SMALL, "optim.lr=tag(log,interval(1e-2,1))"),
    *("optim=sgd,momentum", "optim.momentum=interval(0,0.9)", "repeats=2"),
    *("hydra.sweeper.trials=12", "hydra.sweeper.round=6", "hydra.sweeper.eta=2"),
    *("hydra.sweeper.confirm.points=2", "hydra.sweeper.confirm.seeds=2"),
]
TABLES = ("sweep.csv", "summary.csv", "curves.csv", "jobs.yaml")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A search that nobody disturbed."""
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("whole") / "search"
    done = subprocess.run(
        [sys.executable, "-m", "runner", *ASKED, f"hydra.sweep.dir={folder}"],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, " ".join(done.stdout.split())


def table(folder):
    with (folder / "search.csv").open() as file:
        return list(csv.DictReader(file))


def test_one_in_eta_passes_each_rung(whole):
    folder, _ = whole
    rows = table(folder)
    assert [int(row["round"]) for row in rows] == [0] * 6 + [1] * 6
    for round_ in "01":
        reached = [int(row["rung"]) for row in rows if row["round"] == round_]
        assert sorted(reached) == [1, 1, 1, 2, 2, 4]
    assert {row["status"] for row in rows} == {"pruned", "ok"}
    assert all(int(row["member_epochs"]) == 2 * int(row["rung"]) for row in rows)


def test_a_point_s_value_is_the_mean_of_its_runs_best(whole):
    folder, _ = whole
    sweep = pd.read_csv(folder / "sweep.csv").set_index("job")
    for round_ in read_rounds(folder):
        for number, jobs in zip(round_.trials, round_.jobs, strict=True):
            mean = sweep.loc[jobs, "best/val/loss"].mean()
            # Nine digits of a table.
            assert float(table(folder)[number]["val/loss"]) == pytest.approx(mean, rel=1e-7)


def test_who_went_on_was_better_than_who_was_let_go(whole):
    folder, _ = whole
    for round_ in read_rounds(folder):
        for cut in round_.cuts:
            staying = [value for n, value in cut.values.items() if n not in cut.pruned]
            assert max(staying) <= min(cut.values[n] for n in cut.pruned)


def test_what_diverged_is_out_of_the_race_with_all_its_runs(command, tmp_path):
    folder = tmp_path / "search"
    code, said = command(
        *("-m", "hydra/sweeper=search", *SMALL, "epochs=9", "repeats=2"),
        *("optim.lr=tag(log,interval(1e-2,1e20))", "hydra.sweeper.sampler=random"),
        *("hydra.sweeper.trials=18", "hydra.sweeper.round=18", "hydra.sweeper.confirm.points=0"),
        f"hydra.sweep.dir={folder}",
    )
    assert code == 0, said
    (round_,) = read_rounds(folder)
    assert [len(cut.values) for cut in round_.cuts] == [18, 6]
    assert "Round 1: 18 points; 6 past epoch 1; 2 past epoch 3" in said
    runs = pd.read_csv(folder / "sweep.csv").set_index("job")
    points = [runs.loc[round_.jobs[number]] for number in round_.trials]
    # At the edge one seed diverges and the other does not: this stops as well.
    assert any(set(point["status"]) == {"diverged", "pruned"} for point in points)
    for number in round_.cuts[0].pruned:
        assert (points[number]["epoch"] == 1).all()


def test_a_point_that_was_asked_for_twice_is_confirmed_once(command, tmp_path):
    folder = tmp_path / "search"
    code, said = command(
        *("-m", "hydra/sweeper=search", *SMALL, "batch_size=int(interval(16,17))"),
        "hydra.sweeper.trials=8",
        *("hydra.sweeper.round=8", "hydra.sweeper.prune=none", "hydra.sweeper.confirm.seeds=2"),
        f"hydra.sweep.dir={folder}",
    )
    assert code == 0, said
    assert "Confirming the best 2 points on 2 fresh seeds each." in said
    confirmed = pd.read_csv(folder / "confirm-8" / "sweep.csv")
    assert sorted(confirmed["batch_size"]) == [16, 16, 17, 17]


def test_a_point_of_which_a_seed_did_not_complete_is_not_the_best(whole, command, tmp_path):
    """Its mean is of those that did, and flatters it."""
    undisturbed, _ = whole
    folder = tmp_path / "search"
    shutil.copytree(undisturbed, folder)
    best = pd.read_csv(undisturbed / "confirm-12" / "sweep.csv").sort_values("best/val/loss")
    job = best["job"].iloc[0]
    summary = folder / "confirm-12" / str(job) / "summary.json"
    summary.write_text(summary.read_text().replace('"status": "ok"', '"status": "diverged"'))
    code, said = command("--resume", folder)
    assert code == 1
    other = best[best["job"] // 2 != job // 2]["optim.lr"].iloc[0]
    assert f"best by val/loss at the best epoch: optim=momentum optim.lr={other}" in said


def test_best_so_far_is_of_points_that_were_trained_to_the_end(whole):
    folder, _ = whole
    best = None
    for row in table(folder):
        if row["status"] == "ok":
            value = float(row["val/loss"])
            best = value if best is None else min(best, value)
        assert (float(row["best_so_far"]) if row["best_so_far"] else None) == best


def test_a_pruned_run_keeps_its_rows_and_no_weights(whole):
    folder, _ = whole
    sweep = pd.read_csv(folder / "sweep.csv")
    pruned = sweep[sweep["status"] == "pruned"]
    assert len(pruned) == 20 and (pruned["epoch"] < 4).all()
    for job in pruned["job"]:
        assert not (folder / str(job) / "checkpoints").exists()
    summary = pd.read_csv(folder / "summary.csv")
    assert (summary["failed"] == 0).all() and summary["pruned"].sum() == 20
    assert (summary.loc[summary["pruned"] > 0, "val/loss_n"] == 0).all()


def test_the_best_points_are_trained_again_on_fresh_seeds(whole):
    folder, said = whole
    confirmed = pd.read_csv(folder / "confirm-12" / "sweep.csv")
    assert sorted(confirmed["seed"]) == [2, 2, 3, 3]
    assert (confirmed["status"] == "ok").all()
    best = sorted(table(folder), key=lambda row: float(row["val/loss"] or "inf"))
    rates = {row["optim.lr"] for row in best if row["status"] == "ok"}
    assert {str(lr) for lr in confirmed["optim.lr"]} <= rates
    assert "12 points in 2 rounds: 10 pruned, 2 ok." in said
    assert "Confirming the best 2 points on 2 fresh seeds each." in said


def study_of(folder):
    """Read the journal as Optuna's own tools do."""
    storage = JournalStorage(JournalFileBackend(str(folder / "study.log")))
    return optuna.load_study(study_name="runner", storage=storage)


def test_optuna_reads_the_journal(whole):
    folder, _ = whole
    study = study_of(folder)
    states = [trial.state.name for trial in study.get_trials()]
    assert states.count("PRUNED") == 10 and states.count("COMPLETE") == 2
    assert f"{study.best_value:.9g}" == table(folder)[-1]["best_so_far"]


class Killed(BaseException):
    """What no part of the program catches: as if the process were gone."""


PLACES = {
    "asked, not written": ("runner.search.rounds.Round.write", 1),
    "asked": ("runner.search.rounds.set_out", 1),
    "set out, not written": ("runner.search.rounds.Round.write", 2),
    "the first rung not trained": ("runner.sweep.launch.Trainers.train", 1),
    "between two rungs": ("runner.sweep.launch.Trainers.train", 2),
    "cut, not written": ("runner.search.rounds.Round.write", 3),
    "some let go": ("runner.search.race.prune", 3),
    "before the last rung": ("runner.sweep.launch.Trainers.train", 3),
    "who was let go, not told": ("runner.search.study.Study.tell", 1),
    "who was let go, told, not written": ("runner.search.rounds.Round.write", 5),
    "the next round asked, not written": ("runner.search.rounds.Round.write", 6),
    "a last stretch beside the next round": ("runner.sweep.launch.Trainers.train", 4),
    "before the first round has ended": ("runner.search.race.Race.end", 1),
    "the first round has ended, not told": ("runner.search.study.Study.tell", 2),
    "the first round told, not written": ("runner.search.rounds.Round.write", 10),
    "the last stretch of all": ("runner.search.race.Race.end", 2),
    "before it is confirmed": ("runner.search.confirm.train", 1),
    "confirming, not set out": ("runner.search.confirm.set_out", 1),
    "confirming, not listed": ("runner.search.confirm.write_jobs", 1),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_search_that_is_killed_ends_as_if_it_had_not_been(
    whole, command, tmp_path, monkeypatch, place
):
    undisturbed, _ = whole
    folder = tmp_path / "search"
    kill_at(monkeypatch, *PLACES[place])
    with pytest.raises(Killed):
        command(*ASKED, f"hydra.sweep.dir={folder}")
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("runner.sweep.conclude._attempt", lambda fault, write: [])  # no pictures
    code, said = command("--resume", folder)
    assert code == 0, said
    assert_same(undisturbed, folder)


def kill_at(monkeypatch, target, call):
    """Let a function kill the search at one of its calls."""
    module, _, name = target.rpartition(".")
    try:
        owner = importlib.import_module(module)
    except ModuleNotFoundError:
        above, _, cls = module.rpartition(".")
        owner = getattr(importlib.import_module(above), cls)
    function, calls = getattr(owner, name), []

    def killing(*args, **kwargs):
        calls.append(1)
        if len(calls) == call:
            raise Killed
        return function(*args, **kwargs)

    monkeypatch.setattr(owner, name, killing)
    # What is told at an end that nobody lives to see.
    monkeypatch.setattr("runner.search.command.conclude_search", lambda search: None)


def assert_same(one, other):
    for name in TABLES:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    for name in ("sweep.csv", "summary.csv", "curves.csv"):
        confirmed = [folder / "confirm-12" / name for folder in (one, other)]
        assert confirmed[0].read_bytes() == confirmed[1].read_bytes()
    assert (one / "confirm-12" / "jobs.yaml").read_bytes() == (
        other / "confirm-12" / "jobs.yaml"
    ).read_bytes()
    without_clock = [
        [{k: v for k, v in row.items() if k != "seconds"} for row in table(folder)]
        for folder in (one, other)
    ]
    assert without_clock[0] == without_clock[1]
    told = [
        [(t.params, t.state, t.value, t.intermediate_values) for t in study_of(folder).get_trials()]
        for folder in (one, other)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["optim=adam,sgd", "optim.lr=interval(1e-4,1)"], ["sgd", "0.1"]),
        (["optim=adam,adamw", "optim.lr=interval(1e-4,1)"], ["adam", "0.001"]),
        (["optim=adam,adamw", "optim.eps=1e-9,1e-8"], ["adam", "1e-08"]),
    ],
)
def test_the_first_point_has_the_defaults_of_what_is_listed(command, tmp_path, words, first):
    folder = tmp_path / "search"
    asked = [*words, "hydra.sweeper.trials=1", "hydra.sweeper.confirm.points=0"]
    code, said = command(
        "-m", "hydra/sweeper=search", *SMALL, *asked, f"hydra.sweep.dir={folder}"
    )  # fmt: skip
    assert code == 0, said
    (row,) = table(folder)
    assert [row["optim"], row[words[1].partition("=")[0]]] == first


def test_more_trials_begin_with_those_that_were_tried(whole, command, tmp_path):
    undisturbed, _ = whole
    folder = tmp_path / "search"
    shutil.copytree(undisturbed, folder)
    code, said = command("--resume", folder, "hydra.sweeper.trials=18")
    assert code == 0, said
    rows = table(folder)
    assert len(rows) == 18 and rows[:12] == table(undisturbed)
    assert (folder / "confirm-18").is_dir() and (folder / "confirm-12").is_dir()


def test_more_trials_stay_asked_for(whole, command, tmp_path, monkeypatch):
    undisturbed, _ = whole
    folder = tmp_path / "search"
    shutil.copytree(undisturbed, folder)
    kill_at(monkeypatch, "runner.search.rounds.Search._set_out", 1)
    with pytest.raises(Killed):
        command("--resume", folder, "hydra.sweeper.trials=18", "hydra.launcher.workers=0")
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    code, said = command("--resume", folder)
    assert code == 0 and len(table(folder)) == 18, said
    # Fewer than were tried are no reason to forget any.
    code, said = command("--resume", folder, "hydra.sweeper.trials=5")
    assert code == 0 and len(table(folder)) == 18
    assert "points were not tried" not in said


def test_a_resumed_search_is_trained_as_it_is_asked_for_now(whole, command, tmp_path):
    undisturbed, _ = whole
    folder = tmp_path / "search"
    shutil.copytree(undisturbed, folder)
    asked = ["hydra.launcher.workers=0", "hydra.launcher.timeout_min=30"]
    code, said = command("--resume", folder, *asked)
    assert code == 0, said
    for sweep in (folder, folder / "confirm-12"):
        found = read_sweep_file(sweep)
        assert (found.workers, found.timeout_min) == (0, 30)


def test_a_resume_clears_up_what_a_kill_left(whole, command, tmp_path):
    undisturbed, _ = whole
    folder = tmp_path / "search"
    shutil.copytree(undisturbed, folder)
    for name in (".runner/search/.round-0.json", ".search.csv", "confirm-12/.sweep.csv"):
        (folder / f"{name}.x1{PART}").touch()
    code, said = command("--resume", folder)
    assert code == 0, said
    assert not list(folder.rglob(f".*{PART}"))


def test_a_resume_needs_the_components_that_were_used(whole, command, tmp_path):
    undisturbed, _ = whole
    folder = tmp_path / "search"
    shutil.copytree(undisturbed, folder)
    sweep = read_sweep_file(folder)
    sweep.origin["code"]["components/net.py"] = "a checksum"
    sweep.write(folder)
    code, said = command("--resume", folder)
    assert code == 2 and "uses components/net.py, which is not at hand" in said


def interrupted(*args, **kwargs):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("place", "call", "told"),
    [
        ("runner.search.rounds.set_out", 1, "12 of 12 points were not tried. To resume:"),
        ("runner.search.confirm.set_out", 1, "Not all of the best points were confirmed."),
        ("runner.crew.conduct.Queue.train", 7, "Not all of the best points were confirmed."),
    ],
)
def test_an_interrupted_search_says_how_it_goes_on(
    command, tmp_path, monkeypatch, place, call, told
):
    function = pkgutil.resolve_name(place)
    calls = iter([*[function] * (call - 1), interrupted])
    monkeypatch.setattr(place, lambda *args, **kwargs: next(calls)(*args, **kwargs))
    code, said = command(*ASKED, f"hydra.sweep.dir={tmp_path / 'search'}")
    assert code == 130 and told in said and "To resume:" in said
    assert "could not be written" not in said


def test_a_finished_search_has_nothing_left_to_do(whole, command, tmp_path):
    undisturbed, _ = whole
    folder = tmp_path / "search"
    shutil.copytree(undisturbed, folder)
    code, _ = command("--resume", folder)
    assert code == 0
    assert_same(undisturbed, folder)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["optim.lr=0.1"], "There is no key that --resume of a search takes 'optim.lr'"),
        (["--retry"], "--retry has no meaning for a search"),
        (["hydra.sweeper.trials=0"], "hydra.sweeper.trials=0 is not allowed"),
    ],
)
def test_a_search_is_resumed_as_it_was_asked_for(whole, command, words, told):
    folder, _ = whole
    code, said = command("--resume", folder, *words)
    assert code == 2 and told in said


def test_a_budget_ends_a_search_after_a_round(command, tmp_path):
    folder = tmp_path / "search"
    asked = [*ASKED, "hydra.sweeper.confirm.points=0", "hydra.sweeper.budget=0.0001"]
    code, said = command(*asked, f"hydra.sweep.dir={folder}")
    assert code == 0 and "The budget of 0.0001 minutes is spent." in said
    assert len(table(folder)) == 6
    code, said = command("--resume", folder, "hydra.sweeper.budget=null")
    assert code == 0 and len(table(folder)) == 12


@pytest.mark.parametrize(
    ("asked", "number"), [(["trials=12"], 2), (["trials=11", "prune=none"], 6)]
)
def test_a_search_of_points_that_all_diverge_stops(command, tmp_path, asked, number):
    folder = tmp_path / "search"
    code, said = command(
        *("-m", "hydra/sweeper=search", *SMALL, "optim.lr=interval(1e30,1e31)"),
        *(f"hydra.sweeper.{key}" for key in asked),
        f"hydra.sweep.dir={folder}",
    )
    assert f"Every point of {number} rounds diverged: the search stops here." in said
    assert code == 0 and len(table(folder)) == 6
    assert {row["status"] for row in table(folder)} == {"diverged"}
    assert "No point was trained to the end." in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["dataset.val_fraction=0"], "add dataset.val_fraction=0.1"),
        (["epochs=1"], "epochs=1 leaves no epoch at which to let points go"),
        (["hydra.sweeper.sampler=gp"], "add hydra.sweeper.prune=none"),
        (["hydra.sweeper.metric=test/loss"], "it must be a metric of the validation split"),
        (["hydra.sweeper.metric=val/f2"], "val/f2"),
        (["hydra.sweeper.start=[{optim.lr:9}]"], "optim.lr=9 is not among the values to search"),
        (["hydra.sweeper.start=[{optim.mom:0}]"], "There is no key to search 'optim.mom'"),
        (["loss=cross-entropy,mse-one-hot"], "loss can't be chosen by val/loss, which it changes"),
        (
            ["loss=cross-entropy", "loss.label_smoothing=interval(0,0.3)"],
            "loss.label_smoothing can't be chosen by val/loss",
        ),
        (
            ["optim=adam,momentum", "optim.lr=0.1,1", "optim.momentum=range(0.5,0.76,0.125)"],
            "These values make 8 points, fewer than hydra.sweeper.trials=64: leave out "
            "hydra/sweeper=search",
        ),
        (
            ["optim.lr=0.1,1", "hydra.sweeper.trials=3"],
            "These values make 2 points, fewer than hydra.sweeper.trials=3",
        ),
        (["model.dropout=interval(0,1)", "model=dropout-mlp"], "model.dropout=1 is not allowed"),
    ],
)
def test_what_can_t_be_searched_is_refused_and_nothing_is_made(command, tmp_path, words, told):
    asked = ["optim.lr=interval(0.1,1)", *SMALL, *words, "hydra.sweep.dir=none"]
    code, said = command("-m", "hydra/sweeper=search", *asked)
    assert code == 2 and told in said
    assert not list(tmp_path.iterdir())
