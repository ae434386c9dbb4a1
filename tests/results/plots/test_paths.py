import math
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from runner.results.plots.draw import draw_run, draw_sweep
from runner.results.plots.paths import Surface, read_surfaces, run_path, sweep_paths
from runner.results.read.runs import read_run
from runner.results.sweep import read_sweep

BOWL = {"dataset": {"name": "none"}, "model": {"name": "point"}, "loss": {"name": "quadratic"}}


def write_surface(path: Path, dimensions: int, jobs: Any = (), name: str = "quadratic") -> None:
    grid = np.linspace(-5, 5, 41)
    axes = {f"x{i + 1}": grid for i in range(dimensions)}
    values = grid**2 if dimensions == 1 else np.add.outer(grid**2, 2 * grid**2)
    np.savez(path, values=values, name=np.array(name), jobs=np.array(jobs, int), **axes)


def rows(factor: float, dimensions: int, start: float = 4.0) -> list[dict[str, float]]:
    """A point that comes nearer by a factor each epoch, or goes ever farther away."""
    points = [start * factor**epoch for epoch in range(5)]
    points = [point if abs(point) < 1e35 else math.nan for point in points]
    names = [f"model/x{i + 1}" for i in range(dimensions)]
    return [
        {"epoch": e, "step": e, "lr": 0.1, "train/loss": dimensions * x * x}
        | dict.fromkeys(names, x)
        for e, x in enumerate(points)
    ]


def read_one(folder: Path, dimensions: int) -> Surface:
    write_surface(folder / "surface.npz", dimensions)
    return read_surfaces(folder)[0]


@pytest.mark.parametrize("dimensions", [1, 2])
def test_path_lies_where_the_run_was(tmp_path: Path, said: Any, dimensions: int) -> None:
    surface = read_one(tmp_path, dimensions)
    figure = run_path(surface, pd.DataFrame(rows(0.5, dimensions)), "a bowl")
    axes = figure.axes[0]
    across = [4, 2, 1, 0.5, 0.25]
    upwards = [x**2 for x in across] if dimensions == 1 else across
    lines = [(list(line.get_xdata()), list(line.get_ydata())) for line in axes.lines]
    assert (across, upwards) in lines
    assert ([4], upwards[:1]) in lines, "the start has a mark"
    assert ([0.25], upwards[-1:]) in lines, "the end has a mark"
    for expected in ("a bowl", "f(x)", "start", "end", "epochs 0 to 4"):
        assert expected in said(figure)
    assert "leaves" not in said(figure)


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize("factor", [-3.0, 1e15, 1e30])
def test_path_that_leaves_does_not_stretch_the_picture(
    tmp_path: Path, said: Any, dimensions: int, factor: float
) -> None:
    surface = read_one(tmp_path, dimensions)
    figure = run_path(surface, pd.DataFrame(rows(factor, dimensions)), "a bowl")
    assert figure.axes[0].get_xlim() == (-5, 5)
    assert figure.axes[0].get_ylim()[1] < 100
    assert "the path leaves the picture" in said(figure)
    figure.savefig(tmp_path / "leaves.png")


def test_run_without_a_finite_point_says_so(tmp_path: Path, said: Any) -> None:
    table = pd.DataFrame([dict.fromkeys(row, math.nan) for row in rows(1, 2)])
    assert "no finite point" in said(run_path(read_one(tmp_path, 2), table, "a bowl"))


@pytest.mark.parametrize("dimensions", [1, 2])
@pytest.mark.parametrize("count", [1, 2, 5, 64])
def test_sweeps_of_any_size_have_one_picture(
    folders: Any, view_of: Any, said: Any, count: int, dimensions: int
) -> None:
    for job in range(count):
        point = {"optim.lr": job / 10}
        table = rows(0.9 - job / 64, dimensions)
        folders.run(f"sweep/{job}", point, table, task="objective", config=BOWL)
    folder = folders.root / "sweep"
    write_surface(folder / "surface_0.npz", dimensions, range(count))
    assert "path.png" in {path.name for path in draw_sweep(read_sweep(folder))}
    figure = sweep_paths(view_of(folder), read_surfaces(folder))
    words = said(figure)
    assert "quadratic: paths" in words
    assert ("0.1\n" in words) == (count in (2, 5)), "values are named where they are few"
    ends = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert len(ends) == count


def test_functions_have_a_panel_each_with_their_own_runs(
    folders: Any, view_of: Any, said: Any
) -> None:
    for job, (curve, seed) in enumerate(product((1, 2), (0, 1))):
        point = {"loss.curvatures": f"[{curve}]", "seed": seed}
        folders.run(f"sweep/{job}", point, rows(curve / 10, 1), task="objective", config=BOWL)
    folder = folders.root / "sweep"
    for number, jobs in enumerate(([0, 1], [2, 3])):
        name = f"curvatures=[{number + 1}]"
        write_surface(folder / f"surface_{number}.npz", 1, jobs, name)
    figure = sweep_paths(view_of(folder), read_surfaces(folder))
    assert [axes.get_title() for axes in figure.axes] == ["curvatures=[1]", "curvatures=[2]"]
    for axes, second in zip(figure.axes, (0.4, 0.8), strict=True):
        paths = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 5]
        assert [path[1] for path in paths] == [pytest.approx(second)] * 2
    assert "2 seeds each" in said(figure)


def test_runs_without_a_surface_are_counted(folders: Any, view_of: Any, said: Any) -> None:
    for job in range(3):
        folders.run(f"s/{job}", {"a": job}, rows(0.5, 1), task="objective", config=BOWL)
    write_surface(folders.root / "s" / "surface_0.npz", 1, [0, 1])
    figure = sweep_paths(view_of(folders.root / "s"), read_surfaces(folders.root / "s"))
    assert "1 of 3 runs are not drawn" in said(figure)


def test_run_is_drawn_from_its_files(folders: Any) -> None:
    folder = folders.run("run", {}, rows(0.5, 2), task="objective", config=BOWL)
    assert [path.name for path in draw_run(read_run(folder))] == ["curves.png"]
    write_surface(folder / "surface.npz", 2)
    assert [path.name for path in draw_run(read_run(folder))] == ["curves.png", "path.png"]
