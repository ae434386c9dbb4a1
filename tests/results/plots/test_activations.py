from typing import Any

import numpy as np
import pytest

from runner.results.figures import mpl
from runner.results.plots.activations import activation_curves
from runner.results.plots.draw import draw_sweep
from runner.results.sweep import read_sweep


def arrays(count: int) -> dict[str, Any]:
    x = np.linspace(-2, 2, 5)
    rows = {"values": np.stack([x * (i + 1) for i in range(count)]), "slopes": np.ones((count, 5))}
    return rows | {"names": np.array([f"a{i}" for i in range(count)]), "x": x}


@pytest.mark.parametrize("count", [1, 2, 5, 10])
def test_each_activation_has_a_panel_with_its_derivative(said: Any, count: int) -> None:
    figure = mpl.draw(activation_curves(arrays(count)))
    assert [axes.get_title(loc="left") for axes in figure.axes] == [f"a{i}" for i in range(count)]
    for number, axes in enumerate(figure.axes):
        _, function, slope = (list(line.get_ydata()) for line in axes.lines)
        assert function == [(number + 1) * x for x in (-2, -1, 0, 1, 2)]
        assert slope == [1] * 5
    assert "derivative" in said(figure)


def test_sweep_is_drawn_from_its_files(folders: Any) -> None:
    folder = folders.sweep("sweep", [{"model.activation": name} for name in ("a0", "a1")])
    np.savez(folder / "activations.npz", **arrays(2))
    assert "activations.png" in {path.name for path in draw_sweep(read_sweep(folder))}
