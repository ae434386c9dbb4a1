import math
from pathlib import Path
from typing import Any

import pytest

from runner.results.compare.check import Tolerance, regressions
from runner.results.compare.comparison import Comparison, compare, side_names
from runner.results.compare.load import ReadOptions, read_side
from runner.results.compare.text import sections
from runner.results.stats import holm
from runner.results.text_tables import as_text


def said(comparison: Comparison) -> str:
    return " ".join(" ".join(as_text(sections(comparison))).split())


def table(place: Path, **columns: list[float]) -> str:
    count = len(next(iter(columns.values())))
    rows = [",".join(str(columns[name][i]) for name in columns) for i in range(count)]
    place.write_text(
        "\n".join([",".join(["seed", *columns]), *(f"{i},{r}" for i, r in enumerate(rows))]) + "\n"
    )
    return str(place)


def of_tables(*paths: str) -> Comparison:
    return compare([read_side(path, ReadOptions(["seed"])) for path in paths])


@pytest.fixture
def three(tmp_path: Path) -> Comparison:
    first = table(tmp_path / "a", loss=[1.0, 1.1, 1.2, 1.0], x=[3.0, 3.1, 3.3, 3.2])
    other = table(tmp_path / "b", loss=[0.5, 0.62, 0.7, 0.49], x=[3.1, 3.0, 3.3, 3.4])
    third = table(tmp_path / "c", loss=[1.0, 1.1, 1.2, 1.0], x=[3.0, math.nan, math.nan, math.nan])
    return of_tables(first, other, third)


def test_all_metrics_of_all_sides_are_one_family(three: Comparison) -> None:
    rows = [row for contrast in three.contrasts for row in contrast.overall]
    raw = [row.estimate.p for row in rows]
    assert [row.p for row in rows][:3] == holm(raw)[:3]
    assert sum(not math.isnan(p) for p in raw) == 3
    assert math.isnan(rows[3].p)


def test_verdicts_say_what_the_numbers_say(three: Comparison) -> None:
    words = said(three)
    assert "B is significantly lower in loss (Holm, α = 0.05)." in words
    assert "No significant difference (Holm, α = 0.05): x." in words
    assert "Identical in every pair: loss." in words
    assert "Left out of C: x is no number in 3 of 4 rows." in words


def test_two_seeds_give_no_verdict(tmp_path: Path) -> None:
    first, other = table(tmp_path / "a", loss=[1, 2]), table(tmp_path / "b", loss=[3.0, 4.001])
    words = said(of_tables(first, other))
    assert "n = 2: too few seeds for a conclusion" in words
    assert "is higher" not in words


def test_sweeps_over_other_keys_meet_at_their_best_points(folders: Any) -> None:
    """Here the validation loss falls from job to job, so the last point is the best."""
    for name, key in (("a", "optim.lr"), ("b", "model.dropout")):
        points = [{key: value, "seed": seed} for value in (0.1, 0.2) for seed in range(3)]
        folders.sweep(name, points)
        for job in range(6):
            file = folders.root / name / str(job) / "metrics.csv"
            file.write_text(file.read_text().replace("train/accuracy", "val/loss"))
            summary = file.with_name("summary.json")
            summary.write_text(summary.read_text().replace("train/accuracy", "val/loss"))
    words = said(compare([read_side(str(folders.root / name)) for name in "ab"]))
    assert "A at its best point by val/loss, optim.lr=0.2" in words
    assert "B at its best point by val/loss, model.dropout=0.2; paired by seed: 3 pairs" in words
    assert "A's optim.lr=0.2 for 3 of 3, B's model.dropout=0.2 for 3 of 3." in words


def test_best_epochs_that_were_the_last_are_not_tested_twice(folders: Any, make_curve: Any) -> None:
    best = make_curve(3)[-1]
    folders.run("a", {}, make_curve(3), best=best)
    folders.run("b", {}, make_curve(3), best=best)
    sides = [read_side(str(folders.root / name)) for name in "ab"]
    comparison = compare(sides)
    assert {f"best/{name}" for name in ("test/loss", "train/loss")} <= set(comparison.repeated)
    assert not any(row.metric.startswith("best/") for row in comparison.contrasts[0].overall)


def test_what_one_side_lacks_is_kept_as_fields(tmp_path: Path) -> None:
    first = table(tmp_path / "a", loss=[1.0], x=[1.0])
    other = table(tmp_path / "b", loss=[1.0], y=[1.0])
    (contrast,) = of_tables(first, other).contrasts
    assert contrast.missing == [("x", "B"), ("y", "A")]


def test_unlike_data_is_named(folders: Any, make_curve: Any) -> None:
    folders.run("a", {}, make_curve(2))
    folders.run("b", {}, make_curve(2), config={"dataset": {"name": "mnist"}})
    assert "The datasets differ" in said(compare([read_side(str(folders.root / n)) for n in "ab"]))


@pytest.mark.parametrize(("relative", "count"), [(0.0, 1), (0.02, 1), (0.05, 0)])
def test_check_names_each_metric_once(tmp_path: Path, relative: float, count: int) -> None:
    """x moves by 3 %; the loss falls, which is for the better."""
    first = table(tmp_path / "a", loss=[1.0, 1.0], x=[1.0, 3.0])
    other = table(tmp_path / "b", loss=[0.5, 0.5], x=[0.97, 2.91])
    found = regressions(of_tables(first, other), Tolerance(relative, 0.0))
    assert len(found) == count
    assert all(line.startswith("x of B moved: 2 to 1.94") for line in found)


@pytest.mark.parametrize(
    ("value", "words"),
    [(math.inf, "loss of B has no value"), (math.nan, "loss is not in B"), (1.0, None)],
)
def test_check_names_values_that_are_gone(tmp_path: Path, value: float, words: str | None) -> None:
    first = table(tmp_path / "a", loss=[1.0], x=[1.0])
    other = table(tmp_path / "b", loss=[value], x=[1.0])
    found = regressions(of_tables(first, other), Tolerance(9.0, 9.0))
    assert found == ([words] if words else [])


def test_names_go_on_after_the_alphabet() -> None:
    names = side_names(30)
    assert (names[0], names[25], names[26], len(set(names))) == ("A", "Z", "S27", 30)


def test_points_that_lost_their_runs_are_named(folders: Any, make_curve: Any) -> None:
    for name in "ab":
        points = [{"optim.lr": lr, "seed": s} for lr in (0.1, 0.2) for s in range(3)]
        folders.sweep(name, points)
    for job in (4, 5):
        (folders.root / "b" / str(job) / "summary.json").write_text('{"status": "diverged"}')
    comparison = compare([read_side(str(folders.root / name)) for name in "ab"])
    words = said(comparison)
    assert "Too few runs left at optim.lr=0.2: not in the overall means." in words
    assert {row.over for row in comparison.contrasts[0].overall} == {1}
    assert "over 1 of 2 equal points" in words


def test_unlike_losses_are_named_where_one_was_chosen_by_itself(
    folders: Any, make_curve: Any
) -> None:
    base = {"dataset": {"name": "digits"}, "model": {"name": "mlp"}}
    folders.run("a", {}, make_curve(2), config=base)
    folders.run("b", {}, make_curve(2), config=base | {"loss": {"name": "mse-one-hot"}})
    assert "The losses differ" in said(compare([read_side(str(folders.root / n)) for n in "ab"]))
