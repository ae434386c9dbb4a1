"""``hydra/sweeper=population``, from the command to its files."""

from contextlib import contextmanager
from itertools import pairwise

import pytest

from runner.crew.exchanges import FOLDER, Exchange, read_exchanges
from runner.engine.saves import Saves
from runner.engine.train import Training

FILES = ("lineage.csv", "schedule.csv", "sweep.csv", "curves.csv")


def test_the_worst_go_on_from_the_best(populate, rows):
    folder, said = populate("a")
    exchanges = read_exchanges(folder)
    assert [one.epoch for one in exchanges] == [2, 4]
    for one in exchanges:
        ranked = sorted(one.metric, key=one.metric.get)
        assert len(ranked) == 8
        assert set(one.parents) == set(ranked[-2:])
        assert set(one.parents.values()) <= set(ranked[:2])
        assert one.values.keys() == one.parents.keys()
    assert "This is a trajectory, not a point" in said
    assert "±" not in said and not (folder / "summary.csv").exists()
    assert not list((folder / "plots").glob("by_*.png"))
    assert (folder / "plots" / "lineage.png").is_file()


def test_lineage_and_schedule_tell_the_same_as_the_members_tables(calm, rows):
    folder = calm
    lineage, schedule = rows(folder / "lineage.csv"), rows(folder / "schedule.csv")
    assert len(lineage) == 8 * 4 and [row["epoch"] for row in lineage[::8]] == ["0", "2", "4", "6"]
    last = [row for row in lineage if row["epoch"] == "6"]
    winner = min(last, key=lambda row: float(row["val/loss"]))["member"]
    assert [row["epoch"] for row in schedule] == list("123456")
    assert schedule[-1]["member"] == winner
    for row in schedule:
        own = rows(folder / row["member"] / "metrics.csv")[int(row["epoch"]) - 1]
        assert float(own["lr"]) == float(row["lr"]) == float(row["optim.lr"])
    parent = {(row["epoch"], row["member"]): row["parent"] for row in lineage}
    for before, after in pairwise(schedule):
        at = (before["epoch"], after["member"])
        assert before["member"] == parent.get(at, after["member"])


def test_sweep_csv_has_what_each_member_began_with(calm, rows):
    folder = calm
    begun = [row for row in rows(folder / "lineage.csv") if row["epoch"] == "0"]
    table = rows(folder / "sweep.csv")
    for key in ("optim.lr", "regularizer.lambda"):
        assert [float(row[key]) for row in table] == [float(row[key]) for row in begun]
    assert len({row["signature"] for row in table}) == 8
    assert [row["seed"] for row in table] == [str(seed) for seed in range(8)]


def test_a_member_s_signature_is_not_that_of_a_run_by_itself(calm, command, rows, tmp_path):
    row = rows(calm / "sweep.csv")[0]
    asked = [f"{key}={row[key]}" for key in ("optim.lr", "regularizer.lambda")]
    small = ["dataset.train_size=200", "model.hidden=[8]", "epochs=6", "device=cpu"]
    assert command(*small, *asked, f"hydra.run.dir={tmp_path / 'run'}")[0] == 0
    alone = (tmp_path / "run" / "summary.json").read_text()
    assert row["signature"] not in alone


class Killed(BaseException):
    """What no part of the program catches: as if the process were gone."""


PLACES = {
    "trained": (Training, "_conclude_epoch", "after"),
    "saved": (Saves, "save", "after"),
    "undecided": (Exchange, "write", "before"),
    "decided": (Exchange, "write", "after"),
}


@contextmanager
def killed(where, call):
    """Kill at one of the calls of what writes something, before it or after it."""
    owner, name, when = PLACES[where]
    original, calls = getattr(owner, name), []

    def dying(self, *args):
        calls.append(args)
        if len(calls) == call and when == "before":
            raise Killed
        original(self, *args)
        if len(calls) == call:
            raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(owner, name, dying)
        patch.setattr("runner.search.population.command.conclude_population", lambda _: None)
        yield


@pytest.mark.parametrize(
    ("where", "call"),
    [
        *(("trained", call) for call in (1, 2, 3, 4, 5)),
        *((where, call) for where in ("saved", "undecided", "decided") for call in (1, 2)),
    ],
)
def test_killed_anywhere_it_goes_on_to_the_same_bytes(
    calm, populate, command, tmp_path, where, call
):
    with killed(where, call):
        populate("killed")
    folder = tmp_path / "killed"
    code, said = command("--resume", folder)
    assert code == 0, said
    for name in FILES:
        assert (folder / name).read_bytes() == (calm / name).read_bytes()
    for job in range(8):
        for name in ("metrics.csv", "checkpoints/last.pt", "checkpoints/best.pt"):
            assert (folder / str(job) / name).read_bytes() == (calm / str(job) / name).read_bytes()
    for number in (0, 1):
        name = f"{FOLDER}/{number}.json"
        assert (folder / name).read_bytes() == (calm / name).read_bytes()


def test_a_population_that_has_ended_stays_as_it_is(populate, command):
    folder, _ = populate("a")
    before = {name: (folder / name).read_bytes() for name in FILES}
    assert command("--resume", folder)[0] == 0
    assert {name: (folder / name).read_bytes() for name in FILES} == before


def test_it_is_redrawn_from_its_files(populate, tmp_path, rows):
    from runner.report import main as report

    folder, _ = populate("a")
    (folder / "plots" / "lineage.png").unlink()
    assert report([str(folder)]) == 0
    assert (folder / "plots" / "lineage.png").is_file()
    assert not (folder / "summary.csv").exists()
    page = (folder / "report.html").read_text()
    assert "This is a trajectory, not a point" in page
    assert "By swept value" not in page and "Summary by point" not in page


def test_members_are_no_points_to_compare(calm, capsys):
    from runner.compare import main as compare
    from runner.report import main as report

    assert compare([str(calm), str(calm)]) == 2
    assert "is a population. This is a trajectory" in capsys.readouterr().err
    assert report([str(calm), "--markdown"]) == 2
    assert "has no table of points" in capsys.readouterr().err


def test_a_dry_run_tells_what_it_would_do(command, asked, tmp_path):
    code, said = command(*asked, "--dry-run", f"hydra.sweep.dir={tmp_path / 'none'}")
    assert code == 0
    assert "optim.lr: from 0.001 to 1, by ratios" in said
    assert "8 members train in one group to epoch 6." in said
    assert "After every 2 epochs, 2 times, the worst 2 go on from the best 2." in said
    assert "48 epochs of members, about" in said
    assert not (tmp_path / "none").exists()
