"""A frame of several datasets: no mean is over what has no common measure."""

from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from runner.errors import RequestError
from runner.results import load, plots


def drawn(figure: Figure) -> bool:
    return any(axes.has_data() for axes in figure.axes)


def two_datasets(folders: Any) -> pd.DataFrame:
    """Classes and numbers, over too many values for a line each."""
    grid = [{"a.b": a, "c": c, "d": a + c} for a in (1, 2) for c in range(4)]
    for dataset, task in (("digits", "classes"), ("linear", "numbers")):
        own = {"dataset": {"name": dataset}, "loss": {"name": "auto"}}
        sweep = folders.sweep(dataset, grid, config=own, task=task)
        for path in sweep.glob("*/summary.json"):
            loss = {"classes": "cross-entropy", "numbers": "squared"}[task]
            path.write_text(path.read_text().replace('"auto"', f'"{loss}"'))
    return load(folders.root)


def test_no_mean_is_over_several_datasets_or_losses(folders: Any, said: Any) -> None:
    frame = two_datasets(folders)
    for draw in (
        lambda f: plots.by_value(f, "a.b", "test/loss"),
        lambda f: plots.heat_map(f, "a.b", "c", "test/loss"),
    ):
        with pytest.raises(RequestError, match="over several values of 'dataset' ") as fault:
            draw(frame)
        assert "(digits, linear)" in str(fault.value)
        assert 'frame[frame["dataset"] == "digits"]' in str(fault.value)
        assert "loss (cross-entropy)" in said(draw(frame[frame["dataset"] == "digits"]))
    assert drawn(plots.by_value(frame, "dataset", "test/loss"))
    assert drawn(plots.heat_map(frame, "dataset", "c", "test/loss"))
    one = frame.assign(dataset="digits")
    with pytest.raises(RequestError, match=r"several values of 'loss' [(]cross-entropy, squared"):
        plots.heat_map(one, "a.b", "c", "test/loss")
    assert drawn(plots.heat_map(one, "a.b", "c", "test/accuracy"))


def test_few_combinations_have_a_line_for_each_dataset(folders: Any, said: Any) -> None:
    frame = two_datasets(folders)
    text = said(plots.by_value(frame[frame["a.b"] == frame["d"]], "a.b", "test/loss"))
    assert "digits, cross-entropy" in text
    assert "linear, squared" in text
