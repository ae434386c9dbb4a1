"""A population's own tables: read as they were written, refused with a reason as anything else."""

from pathlib import Path

import pytest

from runner.guarded_files import GuardedError
from runner.results.population import best_at_end, metric_of, read_lineage, read_schedule

LINEAGE = (
    "epoch,member,parent,val/loss,optim.lr\n0,0,,,0.1\n0,1,,,0.2\n2,0,0,0.5,0.1\n2,1,0,0.4,0.12\n"
)


def test_lineage_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "lineage.csv").write_text(LINEAGE)
    rows = read_lineage(tmp_path)
    assert list(rows["parent"][2:]) == [0, 0] and rows["parent"][:2].isna().all()
    assert metric_of(rows) == "val/loss"
    best = best_at_end(rows, "val/loss", 1)
    assert best is not None and best["member"] == 1


def test_where_all_diverged_nobody_is_the_best(tmp_path: Path) -> None:
    (tmp_path / "lineage.csv").write_text(LINEAGE.replace("0.5", "nan").replace("0.4", "inf"))
    assert best_at_end(read_lineage(tmp_path), "val/loss", 1) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "can't be read"),
        ("epoch,member,val/loss\n0,0,1\n", "lacks the column parent"),
        ("epoch,member,parent\n0,0,\n", "no column of a metric"),
        ("epoch,member,parent,val/loss\nx,y,,1\n", "without an epoch or a member"),
        ("epoch,member,parent,val/loss\n1e999,0,,1\n", "without an epoch or a member"),
        ("epoch,member,parent,val/loss\n0,-1,,1\n", "without an epoch or a member"),
        ("epoch,member,parent,val/loss\n0,9000000000,,1\n", "a row for each member"),
        ("epoch,member,parent,val/loss\n", "without an epoch or a member"),
    ],
)
def test_lineage_that_is_none_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "lineage.csv").write_text(text)
    with pytest.raises(GuardedError, match=reason):
        read_lineage(tmp_path)


def test_tables_that_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(LINEAGE)
    for name, read in (("lineage.csv", read_lineage), ("schedule.csv", read_schedule)):
        (tmp_path / name).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(GuardedError, match="symbolic link"):
            read(tmp_path)
