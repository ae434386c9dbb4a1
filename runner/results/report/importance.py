"""How much of a metric each swept key explains by itself."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from runner.results.study import Study

LEAST = 2


@dataclass(frozen=True)
class Share:
    """The share of a metric's variance that one key explains.

    Attributes:
        key: The swept key.
        share: The sum of squares between the means of its values over the whole sum of squares,
            0 to 1 (η², "eta squared"); None where the runs do not suffice.
        chance: What that share would be on average if the key meant nothing:
            (values - 1) / (runs - 1).
        why_not: Why there is none, in words; empty where there is one.
    """

    key: str
    share: float | None
    chance: float | None
    why_not: str = ""


def shares(study: Study) -> list[Share]:
    """The share of each swept key, the largest first.

    Only runs that ended well with a finite metric count. A key needs two values with two runs
    each; values with a single run are left out, since within them nothing can vary.

    Args:
        study: The sweep.
    """
    ended = study.sweep[study.sweep["status"] == "ok"]
    runs = ended[np.isfinite(ended[study.metric].astype(float))]
    found = [_share(runs, key, study.metric) for key in study.keys]
    return sorted(found, key=lambda share: -1.0 if share.share is None else share.share)[::-1]


def _share(runs: pd.DataFrame, key: str, metric: str) -> Share:
    sizes = runs.groupby(key, dropna=False)[metric].transform("size")
    runs = runs[sizes >= LEAST]
    grouped = runs.groupby(key, dropna=False)[metric]
    values = grouped.ngroups if len(runs) else 0
    if values < LEAST:
        return Share(key, None, None, "needs two values with two runs each that ended well")
    mean = runs[metric].mean()
    total = float(((runs[metric] - mean) ** 2).sum())
    if not np.isfinite(total) or total <= 0:
        return Share(key, None, None, "the metric does not vary")
    between = float((grouped.size() * (grouped.mean() - mean) ** 2).sum())
    return Share(key, min(1.0, between / total), (values - 1) / (len(runs) - 1))
