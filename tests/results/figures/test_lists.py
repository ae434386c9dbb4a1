from itertools import product

import pytest

from runner.results.figures import mpl
from runner.results.figures.heat_maps import list_heat_map, swept_lists
from runner.results.plots.draw import draw_sweep
from runner.results.sweep import read_sweep

RATES = ["0", "0.2", "0.5"]
GRID = [{"a.b": f"[{i},{j}]", "seed": seed} for i, j in product(RATES, RATES) for seed in (0, 1)]


def test_a_grid_of_pairs_has_a_cell_for_each(folders, view_of, said):
    view = view_of(folders.sweep("sweep", GRID))
    assert swept_lists(view) == ["a.b"]
    figure = mpl.draw(list_heat_map(view, "a.b"))
    axes = figure.axes[0]
    assert [axes.get_ylabel(), axes.get_xlabel()] == ["a.b, first", "a.b, second"]
    cells = axes.images[0].get_array()
    assert cells.shape == (3, 3)
    expected = view.runs.groupby("a.b")[view.metric].mean()
    assert cells[1, 2] == pytest.approx(expected["[0.2,0.5]"], rel=1e-12)
    assert cells[2, 1] == pytest.approx(expected["[0.5,0.2]"], rel=1e-12)
    assert "mean of 2 runs a cell" in said(figure)


@pytest.mark.parametrize(
    "values",
    [
        ["[0,1]", "[1,0]", "0.5"],
        ["[0,1]", "[1,0,1]"],
        ["[0,1]", "[1,x]"],
        ["[0,1]", "[0,2]"],
        ["[]", "[1]"],
        [0.1, 0.2],
        ["relu", "tanh"],
    ],
)
def test_other_values_make_no_pairs(folders, view_of, values):
    view = view_of(folders.sweep("sweep", [{"a": value} for value in values]))
    assert swept_lists(view) == []


def test_a_sweep_over_pairs_is_drawn_as_a_heat_map(folders):
    names = {path.name for path in draw_sweep(read_sweep(folders.sweep("sweep", GRID)))}
    assert names == {"curves.png", "by_a-b.png", "heatmap_a-b.png"}
