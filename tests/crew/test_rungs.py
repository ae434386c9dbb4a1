"""Groups that pause at a rung, lose members there and go on: what is left has the same bits."""

import pytest

from runner.crew.deaths import Tries, after_death
from runner.crew.group_files import Death, GroupFiles, leaves
from runner.sweep.launch import statuses

DIGITS = ["dataset=digits", "dataset.train_size=40", "dataset.test_fraction=0.02"]
DROPOUT = [*DIGITS, "dataset.val_fraction=0.02", "model=dropout-mlp", "model.hidden=[6,5]"]
POINTS = [
    [*DROPOUT, "batch_size=8", "epochs=4", f"seed={seed}", f"optim.lr={lr}"]
    for seed, lr in ((0, 0.01), (7, 0.03), (3, 0.02), (5, 0.04))
]


def climb(sweep, until):
    for files in sweep.groups:
        files.climb(until)
    return sweep.train()


@pytest.mark.parametrize("width", [1, 2, 4])
def test_a_sweep_that_pauses_twice_ends_as_one_that_does_not(set_out_sweep, width):
    whole = set_out_sweep("whole", POINTS, width)
    whole.train()
    paused = set_out_sweep("paused", POINTS, width)
    climb(paused, 1)
    assert all(files.rests and not files.is_done for files in paused.groups)
    assert len((paused.folder / "0" / "metrics.csv").read_text().splitlines()) == 2
    assert set(climb(paused, 3).began_at) == {5}  # steps of the first epoch: it goes on from there
    climb(paused, None)
    assert all(files.is_done for files in paused.groups)
    assert paused.ending() == whole.ending()


@pytest.mark.parametrize("staying", [[1], [0, 2], [3, 1]])
def test_who_stays_ends_as_if_nobody_had_left(set_out_sweep, staying):
    whole = set_out_sweep("whole", POINTS, 4)
    whole.train()
    halved = set_out_sweep("halved", POINTS, 4)
    climb(halved, 2)
    (files,) = halved.groups
    for run in files.plan.runs:
        if run.job not in staying:
            end(files, run)
    climb(halved, None)
    assert files.is_done
    of = {run.job: place for place, run in enumerate(files.plan.runs)}
    for job in staying:
        assert halved.ending()[of[job]] == whole.ending()[of[job]]
    gone = next(run for run in files.plan.runs if run.job not in staying)
    assert files.status(gone) == "pruned"
    assert len((halved.folder / gone.folder / "metrics.csv").read_text().splitlines()) == 3


def test_who_is_left_alone_ends_as_one_of_a_stack_but_for_rounding(set_out_sweep):
    """In float64 the order of operations moves no figure by more than 1e-10 of it."""
    points = [[*point, "device.precision=float64"] for point in POINTS]
    solo = set_out_sweep("solo", points[1:2], 1)
    solo.train()
    halved = set_out_sweep("halved", points, 4)
    climb(halved, 2)
    (files,) = halved.groups
    for run in files.plan.runs[:1] + files.plan.runs[2:]:
        end(files, run)
    files.climb(None, alone=True)
    assert halved.train().began_at
    rows = [read_rows(sweep.folder / name) for sweep, name in ((solo, "0"), (halved, "1"))]
    assert rows[0].keys() == rows[1].keys()
    for column, values in rows[0].items():
        assert rows[1][column] == pytest.approx(values, rel=1e-8), column  # nine digits of a table
    assert files.is_done


def test_how_far_a_group_goes_is_said_once(set_out_sweep):
    sweep = set_out_sweep("sweep", POINTS, 4)
    (files,) = sweep.groups
    files.climb(2)
    files.climb(2, alone=True)  # a resume finds one run left of those that set out
    assert not files.is_alone
    files.climb(None, alone=True)
    assert files.is_alone and files.until is None
    files.climb(None)
    assert files.is_alone


def read_rows(folder):
    """Return the columns of a run's metrics."""
    head, *rows = (line.split(",") for line in (folder / "metrics.csv").read_text().splitlines())
    return {name: [float(row[place]) for row in rows] for place, name in enumerate(head)}


def test_a_group_that_dies_after_a_rung_keeps_those_that_had_left(set_out_sweep):
    sweep = set_out_sweep("dies", POINTS, 4)
    climb(sweep, 2)
    (files,) = sweep.groups
    end(files, files.plan.runs[1])
    names = after_death(files, Death("exception", "It failed."), Tries())
    assert [[run.job for run in part.plan.runs] for part in leaves(files)] == [[0], [2, 3], [1]]
    assert names == [part.name for part in leaves(files)]
    climb(sweep, None)
    assert statuses(sweep.folder) == ["ok", "pruned", "ok", "ok"]
    assert all(part.is_done for part in leaves(files))


def end(files, run):
    from runner.engine.monitor import Monitor
    from runner.search.race import prune

    prune(files, run, Monitor(), 2, "It was let go.")


def test_a_paused_group_waits_until_it_is_told_how_far_to_go(set_out_sweep):
    sweep = set_out_sweep("sweep", POINTS, 4)
    climb(sweep, 1)
    before = (sweep.folder / "0" / "metrics.csv").read_bytes()
    sweep.train()
    assert (sweep.folder / "0" / "metrics.csv").read_bytes() == before


def test_the_parts_of_a_group_pause_where_it_was_to_pause(set_out_sweep):
    sweep = set_out_sweep("sweep", POINTS, 4)
    (files,) = sweep.groups
    files.climb(2)
    parts = [files.plan.part([0, 1]), files.plan.part([2, 3])]
    names = files.split(parts)
    assert [GroupFiles(sweep.folder, name).until for name in names] == [2, 2]
