"""How much of a metric each swept key explains, and how much of that chance would."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from runner.columns import Status
from runner.results.stats import holm
from runner.results.sweep_view import SweepView
from runner.results.tables import replicate_columns

LEAST = 2
# So many that p is known to 0.007 about 0.05, and fewer where there are many runs.
MOST_PERMUTATIONS, LEAST_PERMUTATIONS = 999, 199
MOST_NUMBERS = 2_000_000

Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Share:
    """The share of a metric's variance that one key explains.

    Attributes:
        key: The swept key.
        share: The sum of squares between the means of its values over the whole sum of squares,
            0 to 1 (η², "eta squared"); None where the runs do not suffice.
        chance: What that share is on average if the key means nothing and the other keys mean what
            they do; None where nothing tells.
        p: How often chance gives a share as large, by Holm's correction for the number of keys;
            ``nan`` where nothing tells.
        why_not: Why there is none, in words; empty where there is one.
    """

    key: str
    share: float | None
    chance: float | None = None
    p: float = float("nan")
    why_not: str = ""


def shares(view: SweepView) -> list[Share]:
    """The share of each swept key, the largest first, or in order where nothing may rank.

    Only runs that completed with a finite metric count. A key needs two values with two runs
    each; values with a single run are left out, since within them nothing can vary.

    Args:
        view: The sweep.
    """
    runs = _runs(view)
    found = [
        Share(key, None, why_not="has a value of its own at each point")
        if key in view.continuous
        else _share(runs, key, view.metric)
        for key in view.keys
    ]
    if view.ranks_by is None:
        return found
    return sorted(found, key=lambda share: -1.0 if share.share is None else share.share)[::-1]


def shares_with_chance(view: SweepView) -> list[Share]:
    """The share of each swept key with that of chance, in the order of `shares`.

    By permutation: if a key means nothing, the runs that are alike in all other keys and in seed
    and fold could have had each other's values of it. So the metric is shuffled among these again
    and again, and the share taken anew (Good, "Permutation, parametric and bootstrap tests of
    hypotheses", 2005, chapter 7). Whatever the other keys do stays as it is.

    Args:
        view: The sweep.
    """
    runs = _runs(view)
    found = [_with_chance(share, runs, view) for share in shares(view)]
    corrected = holm([share.p for share in found])
    return [replace(share, p=p) for share, p in zip(found, corrected, strict=True)]


def _runs(view: SweepView) -> pd.DataFrame:
    ended = view.runs[view.runs["status"] == Status.OK]
    return ended[np.isfinite(ended[view.metric].astype(float))]


def _counted(runs: pd.DataFrame, key: str, metric: str) -> pd.DataFrame:
    sizes = runs.groupby(key, dropna=False)[metric].transform("size")
    return runs[sizes >= LEAST]


def _share(runs: pd.DataFrame, key: str, metric: str) -> Share:
    runs = _counted(runs, key, metric)
    grouped = runs.groupby(key, dropna=False)[metric]
    values = grouped.ngroups if len(runs) else 0
    if values < LEAST:
        return Share(key, None, why_not="needs two values with two completed runs each")
    mean = runs[metric].mean()
    total = float(((runs[metric] - mean) ** 2).sum())
    if not np.isfinite(total) or total <= 0:
        return Share(key, None, why_not="the metric does not vary")
    between = float((grouped.size() * (grouped.mean() - mean) ** 2).sum())
    return Share(key, min(1.0, between / total))


def _with_chance(share: Share, runs: pd.DataFrame, view: SweepView) -> Share:
    if share.share is None:
        return share
    runs = _counted(runs, share.key, view.metric)
    values = _numbered(runs, [share.key])
    blocks = _blocks(runs, share.key, view.keys, values)
    if blocks is None:
        return share
    metric = runs[view.metric].to_numpy(float)
    shuffled = _shuffled(metric - metric.mean(), blocks)
    by_chance = _between(shuffled, values) / float(((metric - metric.mean()) ** 2).sum())
    # Rounding must not tell an order of the same numbers from another.
    reached = int((by_chance >= share.share - 1e-9).sum())
    return replace(share, chance=float(by_chance.mean()), p=(1 + reached) / (1 + len(by_chance)))


def _blocks(runs: pd.DataFrame, key: str, keys: Sequence[str], values: Places) -> Places | None:
    """Number the runs that are alike in all but a key; None where none of them differ in it.

    Seed and fold are among what they share, unless every run has its own.
    """
    others = [name for name in keys if name != key]
    for alike in ([*others, *replicate_columns(runs)], others):
        blocks = _numbered(runs, alike)
        if len({*zip(blocks.tolist(), values.tolist(), strict=True)}) > len({*blocks.tolist()}):
            return blocks
    return None


def _numbered(runs: pd.DataFrame, names: Sequence[str]) -> Places:
    """Number the runs by what they have in some columns."""
    if not names:
        return np.zeros(len(runs), np.int64)
    return np.asarray(runs.groupby(list(names), dropna=False).ngroup(), np.int64)


def _shuffled(metric: Numbers, blocks: Places) -> Numbers:
    """The metric, shuffled within blocks: (permutations, runs)."""
    rng = np.random.default_rng(0)  # the same report from the same runs
    count = max(LEAST_PERMUTATIONS, min(MOST_PERMUTATIONS, MOST_NUMBERS // len(metric)))
    sizes = np.bincount(blocks)
    shuffled = np.empty((count, len(metric)))
    for size in np.unique(sizes[sizes > 0]):
        of_size = np.flatnonzero(sizes[blocks] == size)
        places = of_size[np.argsort(blocks[of_size], kind="stable")]
        numbers = np.broadcast_to(
            metric[places].reshape(-1, size), (count, len(places) // size, size)
        )
        shuffled[:, places] = rng.permuted(numbers, axis=2).reshape(count, -1)
    return shuffled


def _between(metric: Numbers, values: Places) -> Numbers:
    """The sum of squares between the means of a key's values, of centred metrics."""
    members = np.eye(values.max() + 1)[values]
    squares: Numbers = ((metric @ members) ** 2 / members.sum(0)).sum(1)
    return squares
