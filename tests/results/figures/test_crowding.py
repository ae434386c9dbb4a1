"""Dots do not hide each other, and what is far off does not squeeze the rest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from runner.results.figures import mpl
from runner.results.figures.crowding import aside, with_arrows, without_far
from runner.results.figures.heat_maps import heat_map
from runner.results.figures.marks import Dots, Lines, Words
from runner.results.figures.parallel import parallel_coordinates
from runner.results.figures.runs_by_value import runs_by_value
from runner.results.figures.spec import AxisSpec
from runner.results.figures.sweep_curves import runs_curves, sweep_curves
from runner.results.figures.values import by_value
from runner.results.report.groups import make_groups

UNIT = AxisSpec(span=(0.0, 1.0))


def test_equal_dots_stand_side_by_side_and_others_where_they_belong():
    x, y = np.full(5, 0.5), np.array([0.2, 0.2, 0.2, 0.8, 0.9])
    moved = aside(x, y, UNIT, UNIT)
    assert len(set(moved[:3])) == 3
    assert moved[0] == 0.5
    assert (moved[3:] == 0.5).all()
    assert (aside(x, y, UNIT, UNIT) == moved).all(), "the same for the same dots"


@given(some.integers(1, 300))
def test_however_many_they_stay_nearer_to_their_own_place(count):
    x = np.repeat([0.2, 0.4], count)
    moved = aside(x, np.full(2 * count, 0.5), UNIT, UNIT)
    assert (np.abs(moved - x) < 0.1).all()


def test_places_of_a_log_axis_are_moved_along_it():
    axis = AxisSpec(kind="log", span=(1e-4, 1.0))
    moved = aside(np.full(3, 1e-2), np.zeros(3), axis, UNIT)
    # As far to the left as to the right, in powers of ten.
    assert moved[1] * moved[2] == pytest.approx(1e-4)


@pytest.mark.parametrize("log", [False, True])
def test_one_number_far_off_is_left_out_at_either_end(log):
    values = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]
    assert without_far([*values, 1e6], log).tolist() == values
    assert without_far([1e-6, *values] if log else [-1e6, *values], log).tolist() == values
    assert without_far(values, log).tolist() == values
    # A fifth at the most: of five numbers two are no exception.
    assert len(without_far([1.0, 1.1, 1.2, 1e6, 2e6], log)) == 5
    assert len(without_far([1.0, 1.0, 1.0, 1.0, 2.0], log)) == 5, "the rest has no spread"


def test_what_is_beyond_the_axis_is_an_arrow_with_its_number():
    dots = Dots(np.array([1.0, 2.0, 2.0, 3.0]), np.array([0.5, 7.0, 1e6, -20.0]))
    marks, axis = with_arrows([dots], UNIT)
    arrows = {mark.marker: mark.x.tolist() for mark in marks if isinstance(mark, Dots)}
    assert (arrows["^"], arrows["v"]) == ([2.0], [3.0])
    words = [word for mark in marks if isinstance(mark, Words) for word in mark.words]
    assert words == ["1e+06", "-20"]
    assert axis.span[1] > 1
    assert with_arrows([replace_x(dots)], UNIT)[1] == UNIT


def replace_x(dots):
    return Dots(dots.x, np.zeros(len(dots.x)))


@pytest.fixture
def with_one_far(folders, make_curve, view_of):
    (folders.root / "s").mkdir()
    for job in range(10):
        loss = 1e6 if job == 9 else 0.1 + 0.01 * job
        rows = [row | {"test/loss": loss, "train/loss": loss} for row in make_curve(3)]
        folders.run(f"s/{job}", {"optim.lr": 0.1 + job, "a.b": job % 2}, rows, task="numbers")
    return view_of(folders.root / "s")


def test_one_run_far_off_leaves_the_others_their_room(with_one_far, said):
    view = with_one_far
    groups = make_groups(view)
    curves = next(iter(runs_curves(view, groups.of_job)))
    assert "1 run leaves it at the top, up to 1e+06" in curves.caption
    panels = [
        by_value(view, "optim.lr").panels[0],
        runs_by_value(view, "optim.lr", groups.of_job),
        sweep_curves(view).panels[1],
        curves,
    ]
    assert all(panel.y.span[1] < 1 for panel in panels)
    for figure in (by_value(view, "optim.lr"), sweep_curves(view)):
        assert "1e+06" in said(figure)
    shown = parallel_coordinates(view)
    heights = shown.marks[0].y.reshape(10, -1)[:, -1]
    assert (np.diff(np.sort(heights)[:9]) > 0.05).all()
    assert any("1e+06" in word for m in shown.marks[1:] for word in m.words)
    assert heat_map(view, "a.b", "optim.lr").panels[0].shades.high < 1


def test_points_of_one_epoch_stand_side_by_side(folders, grid, view_of):
    view = view_of(folders.sweep("s", grid(optim__lr=[0.1, 0.2, 0.3], seed=[0, 1]), 1))
    (panel, *_) = sweep_curves(view).panels
    assert len({mark.x[0] for mark in panel.marks}) == 3
    assert all(isinstance(mark, Dots) and mark.low is not None for mark in panel.marks)
    assert panel.x.ticks == ((1.0, "1"),)


def test_no_bar_is_over_other_keys_and_no_mean_hides_them(folders, grid, view_of, said):
    points = grid(a__b=[1, 2], c=["x", "y"], d=[1, 2, 3, 4], seed=[0, 1])
    view = view_of(folders.sweep("s", points, 1))
    spec = by_value(view, "a.b")
    assert spec.legend.labels == ["x", "y"]
    assert "line: mean over d, seed" in spec.title
    assert all(m.low is None for m in spec.panels[0].marks if isinstance(m, Dots))
    page = runs_by_value(view, "a.b", make_groups(view).of_job)
    means = [mark for mark in page.marks if isinstance(mark, Lines) and mark.tag == "mean"]
    assert [mean.group for mean in means] == [0, 1]
    assert "at each c, over all d" in page.caption
    # Where nothing but repetitions is left, bars are of them.
    assert (
        "bar: mean ± std over seed"
        in by_value(
            view_of(folders.sweep("t", grid(a__b=[1, 2], c=["x", "y"], seed=[0, 1]), 1)), "a.b"
        ).title
    )


def test_no_bar_of_an_accuracy_goes_beyond_one(folders, make_curve, view_of):
    (folders.root / "s").mkdir()
    for job in range(6):
        rows = [row | {"test/accuracy": 0.8 + 0.2 * (job % 3 > 0)} for row in make_curve(2)]
        folders.run(f"s/{job}", {"a.b": job // 3, "seed": job % 3}, rows)
    spec = by_value(view_of(folders.root / "s"), "a.b")
    highest = [m.high.max() for m in spec.panels[0].marks if getattr(m, "high", None) is not None]
    assert highest
    assert max(highest) <= 1
    assert "bars cut at 0 and 1" in spec.title


def test_words_stand_as_they_were_typed(folders, grid, view_of):
    names = ["resnet", "mlp", "densenet"]
    view = view_of(folders.sweep("s", grid(model=names, seed=[0, 1]), 2))
    ticks = [words for _, words in by_value(view, "model").panels[0].x.ticks]
    assert ticks == names
    assert sweep_curves(view).legend.labels == names
    assert make_groups(view).labels == names


def test_a_running_mean_with_dropout_says_so(folders, make_curve, view_of, said):
    (folders.root / "s").mkdir()
    model = {"name": "dropout-mlp", "dropout": [0.2, 0.5]}
    for job, after in enumerate((False, True)):
        config = {"dataset": {"name": "digits"}, "model": model, "eval_train": after}
        folders.run(f"s/{job}", {"eval_train": after}, make_curve(3), config=config)
    view = view_of(folders.root / "s")
    axes = mpl.draw(sweep_curves(view)).axes
    assert axes[0].get_ylabel() == "train loss (cross-entropy)\nrunning mean, with dropout"
    assert axes[1].get_ylabel() == "test accuracy"
    labels = by_value(view, "eval_train").legend.labels
    assert labels == ["train (running mean, with dropout)", "test"]


def test_ticks_of_ten_decades_do_not_touch_on_a_phone(folders, view_of):
    points = [{"regularizer.lambda": 10.0**-power} for power in range(10)]
    view = view_of(folders.sweep("s", points, 1))
    axis = runs_by_value(view, "regularizer.lambda", make_groups(view).of_job).x
    low, high = np.log10(axis.span)
    places = [(np.log10(at) - low) / (high - low) * 250 for at, _ in axis.ticks]
    # 250 pixels of a page 390 wide; a letter takes 6.
    widest = max(len(words) for _, words in axis.ticks)
    assert min(np.diff(places)) > 6 * widest
