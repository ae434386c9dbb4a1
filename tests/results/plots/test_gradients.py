import math
from typing import Any

import pandas as pd
import pytest

from runner.results.figures import mpl
from runner.results.plots.draw import draw_run, draw_sweep
from runner.results.plots.gradients import run_gradients, sweep_gradients
from runner.results.read.runs import read_run
from runner.results.sweep import read_sweep


def rows(curve: list[dict[str, float]], norms: list[float]) -> list[dict[str, float]]:
    """Epochs whose norms grow tenfold from one to the next."""
    return [
        row | {f"gradient_norm/layers.{i}.weight": norm * 10**epoch for i, norm in enumerate(norms)}
        for epoch, row in enumerate(curve)
    ]


def ys(axes: Any) -> list[list[float]]:
    return [list(line.get_ydata()) for line in axes.lines]


def test_run_has_a_line_for_each_layer(folders: Any, make_curve: Any, said: Any) -> None:
    table = rows(make_curve(2), [0.001, 0.1])
    figure = mpl.draw(run_gradients(pd.DataFrame(table), "a run"))
    assert ys(figure.axes[0]) == [[0.001, 0.01], [0.1, 1.0]]
    assert figure.axes[0].get_yscale() == "log"
    assert "layers.1.weight" in said(figure)
    folder = folders.run("run", {}, table)
    assert [path.name for path in draw_run(read_run(folder))] == ["curves.png", "gradients.png"]


def test_run_without_gradients_says_so(make_curve: Any, said: Any) -> None:
    table = pd.DataFrame(rows(make_curve(2), [math.nan, 0.0]))
    assert "no finite gradient" in said(run_gradients(table, "a run"))


def test_many_layers_are_named_in_part(make_curve: Any, said: Any) -> None:
    table = pd.DataFrame(rows(make_curve(2), [0.1] * 40))
    figure = mpl.draw(run_gradients(table, "a run"))
    assert len(figure.axes[0].lines) == 40
    assert said(figure).count(".weight") < 2 * 13
    assert "layers.39.weight" in said(figure)


@pytest.mark.parametrize("count", [1, 2, 5, 64])
def test_sweep_has_a_line_for_each_point_and_moment(
    folders: Any, make_curve: Any, view_of: Any, count: int
) -> None:
    for job in range(count):
        folders.run(f"sweep/{job}", {"optim.lr": job}, rows(make_curve(2), [0.1, 0.2, 0.3]))
    assert "gradients.png" in {path.name for path in draw_sweep(read_sweep(folders.root / "sweep"))}
    (axes,) = mpl.draw(sweep_gradients(view_of(folders.root / "sweep"))).axes
    assert len(axes.lines) == 2 * count
    assert [0.1, 0.2, 0.3] in ys(axes), "the first epoch"
    assert [1, 2, 3] in ys(axes), "the last epoch"


def test_of_two_keys_one_has_panels_and_seeds_are_averaged(
    folders: Any, make_curve: Any, view_of: Any, said: Any
) -> None:
    job = 0
    for activation in ("relu", "sigmoid", "tanh"):
        for init in ("normal", "xavier"):
            for seed in (0, 1):
                point = {"model.activation": activation, "model.init": init, "seed": seed}
                folders.run(f"sweep/{job}", point, rows(make_curve(1), [0.1 + 0.2 * seed, 1]))
                job += 1
    figure = mpl.draw(sweep_gradients(view_of(folders.root / "sweep")))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["model.init = normal", "model.init = xavier"]
    assert all(line == pytest.approx([0.2, 1]) for axes in figure.axes for line in ys(axes))
    assert "2 seeds each, mean" in said(figure)


def test_layers_of_other_architectures_leave_no_gap(
    folders: Any, make_curve: Any, view_of: Any
) -> None:
    folders.run("sweep/0", {"model": "x"}, rows(make_curve(1), [0.1, 0.2]))
    other = [
        row | {"gradient_norm/conv.weight": 0.3, "gradient_norm/out.weight": math.nan}
        for row in make_curve(1)
    ]
    folders.run("sweep/1", {"model": "y"}, other)
    (axes,) = mpl.draw(sweep_gradients(view_of(folders.root / "sweep"))).axes
    assert [0.1, 0.2] in ys(axes)
    assert [0.3] in ys(axes)
    assert all(line.get_xdata()[0] == 1 for line in axes.lines)


def test_vanished_layer_keeps_its_place(folders: Any, make_curve: Any, view_of: Any) -> None:
    folders.run("sweep/0", {}, rows(make_curve(1), [0.0, 0.2]))
    (axes,) = mpl.draw(sweep_gradients(view_of(folders.root / "sweep"))).axes
    line = axes.lines[-1]
    assert list(line.get_xdata()) == [1, 2]
    assert math.isnan(line.get_ydata()[0])
    assert line.get_ydata()[1] == 0.2
