"""The legend: every run has its place in it, and it stays short."""

import pytest

from runner.results.report.groups import MOST, make_groups


@pytest.mark.parametrize(
    ("keys", "title", "count"),
    [
        ({"seed": [0, 1]}, "", 1),
        ({"optim__lr": [0.1, 0.2], "optim": ["sgd", "adam"]}, "optim.lr, optim", 4),
        ({"optim__lr": [0.1 * i for i in range(1, 30)]}, "optim.lr", 8),
        ({"a__b": [f"w{i}" for i in range(20)]}, "a.b", 8),
        ({"a__b": [1, 2], "a__c": list(range(20))}, "a.b", 2),
    ],
)
def test_every_run_has_its_place(folders, grid, view_of, keys, title, count):
    view = view_of(folders.sweep("s", grid(**keys)))
    groups = make_groups(view)
    assert (groups.title, len(groups.labels), len(groups.colours)) == (title, count, count)
    assert set(groups.of_job) == set(view.runs["job"])
    assert set(groups.of_job.values()) == set(range(count))
    assert count <= MOST
    assert len(set(groups.colours)) == count


def test_the_key_that_explains_most_gives_the_colours(folders, grid, make_curve, view_of):
    (folders.root / "s").mkdir()
    points = grid(a__b=[1, 2, 3, 4], a__c=[1, 2, 3, 4])
    for job, point in enumerate(points):
        rows = make_curve(2, offset=0.01 * point["a.c"])
        rows = [row | {"val/loss": row["test/loss"]} for row in rows]
        folders.run(f"s/{job}", point, rows)
    assert make_groups(view_of(folders.root / "s")).title == "a.c"
