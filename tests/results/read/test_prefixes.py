"""Whatever of a file is there is read: cut at every byte, with nothing wrong in what is left."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from runner.build import build_group
from runner.crew.summary_fields import identity
from runner.engine.recorder import Recorder
from runner.engine.train import Quiet, Training
from runner.request.files import request_files, write_jobs
from runner.results.read.missing_files import missing_files, reason
from runner.results.read.runs import Run, read_runs
from runner.results.sweep import read_sweep, write_tables
from runner.results.tables import make_tables

SMALL = ("model.hidden=[8,4]", "dataset.train_size=64", "epochs=3", "trace_every=40", "seed=7")
OF_RUN = ("metrics.csv", "trace.csv", "summary.json", ".hydra/config.yaml", ".hydra/overrides.yaml")
TABLES_AT = (
    41  # bytes between two cuts of which tables are made: these take a hundred times as long
)


@pytest.fixture(scope="module")
def sweep(composer: Any, make_config: Any, tmp_path_factory: Any) -> Path:
    """A sweep as it is trained: two runs that ended, and one that never began."""
    folder: Path = tmp_path_factory.mktemp("whole") / "sweep"
    asked = [(*SMALL, f"optim.lr={rate}") for rate in (0.125, 0.25, 0.5)]
    points, configs = [composer.point(one) for one in asked], [make_config(*one) for one in asked]
    write_jobs(folder, [point.overrides for point in points])
    recorders = []
    for job, (point, config) in enumerate(zip(points[:2], configs[:2], strict=True)):
        hydra = folder / str(job) / ".hydra"
        hydra.mkdir(parents=True)
        for name, text in request_files(point).items():
            (hydra / name).write_text(text)
        recorders.append(Recorder(folder / str(job), identity(config, {}, 2, {})))
    Training(build_group(configs[:2], recorders), Quiet()).run()
    return folder


def is_part(found: Any, whole: Any) -> bool:
    """Whether a config is another one without some of its last lines."""
    if isinstance(found, dict) and isinstance(whole, dict):
        return all(key in whole and is_part(found[key], whole[key]) for key in found)
    if isinstance(found, list) and isinstance(whole, list):
        return found == whole[: len(found)]
    return found is None or found == whole


def check_run(run: Run, whole: Run) -> None:
    """Nothing that is read of a run is other than in its whole files."""
    assert run.rows == whole.rows[: len(run.rows)]
    assert run.header in ((), whole.header)
    assert run.traced.rows == whole.traced.rows[: len(run.traced.rows)]
    numbers = [list(map(float, row.split(","))) for row in run.rows]
    assert run.last in ({}, whole.last) or list(run.last.values()) in numbers
    assert run.best in ({}, whole.best)
    assert run.overrides.items() <= whole.overrides.items()
    assert run.seed in (whole.seed, None)
    assert run.status in (whole.status, "interrupted")


def check_told(name: str, left: bytes, runs: list[Run]) -> None:
    """What a cut took away is said, but for whole lines of a list that tells no length."""
    told = missing_files(runs)
    if name.endswith("summary.json"):
        assert reason(runs[0]) == "summary.json can't be read: no record says how it ended."
    elif name.endswith("metrics.csv"):
        assert any("metrics.csv" in words for words in told)
    elif not left.endswith(b"\n"):
        assert any(Path(name).name in words for words in told)


def check_tables(runs: list[Run], whole: pd.DataFrame) -> None:
    """Every row of the curves is one of the whole sweep's, and a mean is over those that ended."""
    tables = make_tables(runs)
    if "epoch" in tables.curves:
        shared = [name for name in tables.curves if name in whole]
        rows = set(whole[shared].itertuples(index=False, name=None))
        assert set(tables.curves[shared].itertuples(index=False, name=None)) <= rows
    assert len(tables.sweep) == len(runs)
    assert tables.summary["failed"].sum() == sum(run.status != "ok" for run in runs)


@pytest.mark.parametrize("name", [*(f"0/{name}" for name in OF_RUN), "jobs.yaml"])
def test_a_sweep_is_read_wherever_a_file_was_cut(sweep: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(sweep, tmp_path / "sweep")
    whole, content = read_runs(sweep), (folder / name).read_bytes()
    curves = make_tables(whole).curves
    # Without its last newline alone a summary is whole.
    for size in range(len(content) - name.endswith("summary.json")):
        (folder / name).write_bytes(content[:size])
        runs = read_runs(folder)
        assert [run.job for run in runs] == [0, 1, 2][: len(runs)]
        for job in [2][: len(runs) - 2] if name == "jobs.yaml" else [0]:
            check_run(runs[job], whole[job])
        assert "config" not in name or is_part(runs[0].config, whole[0].config)
        if name.endswith("overrides.yaml"):
            assert runs[0].overrides == whole[0].overrides  # jobs.yaml has the same
        else:
            check_told(name, content[:size], runs)
        if size % TABLES_AT == 0:
            check_tables(runs, curves)


@pytest.mark.parametrize("name", OF_RUN)
def test_a_run_is_read_wherever_a_file_was_cut(sweep: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(sweep / "0", tmp_path / "run")
    whole = read_runs(sweep)[0]
    content = (folder / name).read_bytes()
    for size in range(len(content) - (name == "summary.json")):
        (folder / name).write_bytes(content[:size])
        (run,) = read_runs(folder)
        check_run(run, whole)
        assert "config" not in name or is_part(run.config, whole.config)
        check_told(name, content[:size], [run])


def test_tables_of_a_sweep_that_was_killed_are_whole(sweep: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(sweep, tmp_path / "sweep")
    summary = folder / "1" / "summary.json"
    begun = read_runs(sweep)[1].summary | {"status": "running", "last": None, "best": None}
    summary.write_text(pd.Series(begun).to_json())
    rows = (folder / "1" / "metrics.csv").read_text().splitlines(keepends=True)
    (folder / "1" / "metrics.csv").write_text("".join(rows[:3])[:-4])
    write_tables(read_sweep(folder))
    table = pd.read_csv(folder / "sweep.csv")
    assert list(table["status"]) == ["ok", "interrupted", "interrupted"]
    assert list(table["epoch"].fillna(-1)) == [3, 1, -1]
    assert table["best/val/loss"].notna().tolist() == [True, False, False]
    means = pd.read_csv(folder / "summary.csv")
    assert means["test/loss_n"].tolist() == [1, 0, 0]
    assert means["failed"].tolist() == [0, 1, 1]
    assert pd.read_csv(folder / "curves.csv")["job"].tolist() == [0, 0, 0, 1]
