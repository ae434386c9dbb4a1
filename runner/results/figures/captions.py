"""What figures show, in sentences."""

from collections.abc import Sequence

import pandas as pd


def curve_caption(
    label: str, each: str, left: str, last: pd.DataFrame, log: bool, beyond: Sequence[float] = ()
) -> str:
    """What a panel of learning curves shows.

    Args:
        label: The metric.
        each: What a line is.
        left: What is not there to be seen, after a semicolon.
        last: The metric at the end, a column each, a row per run.
        log: Whether the vertical axis is logarithmic.
        beyond: The highest value of each line that leaves the panel.
    """
    last = last.astype(float)
    ends = ", ".join(
        f"{name} {last[name].min():.4g}"
        + (f" to {last[name].max():.4g}" if last[name].nunique() > 1 else "")
        for name in last
        if last[name].notna().any()
    )
    runs = "1 run leaves" if len(beyond) == 1 else f"{len(beyond)} runs leave"
    far = f" {runs} it at the top, up to {max(beyond):.3g}; zoom out to see more." if beyond else ""
    return f"{label} by epoch, {each}{left}. At the end {ends}.{log_words(log)}{far}"


def log_words(vertical: bool, horizontal: bool = False) -> str:
    """Which of the axes are logarithmic, in a sentence."""
    if vertical and horizontal:
        return " Both axes are logarithmic."
    if vertical or horizontal:
        return f" The {'vertical' if vertical else 'horizontal'} axis is logarithmic."
    return ""
