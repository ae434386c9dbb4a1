"""``search.csv``: a row for each point of a search, in the order in which they were asked for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from runner.columns import Status
from runner.errors import RequestError
from runner.results.figures.marks import Floats
from runner.results.read.csv_tables import read_table
from runner.results.read.runs import finite

NAME = "search.csv"
HEAD = ("trial", "round", "rung", "member_epochs", "seconds", "status")
BEST = "best_so_far"
Budget = Literal["trial", "member_epochs", "seconds"]


@dataclass(frozen=True)
class Trials:
    """The points of a search.

    Attributes:
        folder: That of the search.
        frame: The table.
        keys: The keys that were searched over.
        metric: What decided.
    """

    folder: Path
    frame: pd.DataFrame
    keys: list[str]
    metric: str

    @property
    def complete(self) -> pd.DataFrame:
        """The points that were trained to the end."""
        return self.frame[self.frame["status"] == Status.OK]

    @property
    def pruned(self) -> pd.DataFrame:
        """Those that were let go early."""
        return self.frame[self.frame["status"] == Status.PRUNED]

    @property
    def rungs(self) -> list[int]:
        """The epochs at which points were let go, and the last one, in order."""
        counted = self.frame["status"].isin((Status.OK, Status.PRUNED))
        return sorted(map(int, self.frame.loc[counted, "rung"].unique()))

    @property
    def best(self) -> pd.DataFrame:
        """The points that were trained to the end, the best first; of equal ones the earlier."""
        known = self.complete.dropna(subset=[self.metric])
        values = known[self.metric] if self.lower_is_better else -known[self.metric]
        return known.loc[values.sort_values(kind="stable").index]

    @property
    def lower_is_better(self) -> bool:
        """Whether the best so far fell, or could have fallen, rather than risen."""
        best = self.frame[BEST].dropna()
        if best.nunique() > 1:
            return bool(best.iloc[-1] < best.iloc[0])
        seen = self.complete[self.metric]
        return best.empty or bool(best.iloc[0] <= seen.min())

    @property
    def found(self) -> float:
        """The best so far at the end; nan where there is none."""
        return float(self.frame[BEST].iloc[-1])

    def total(self, budget: Budget) -> float:
        """What all points took."""
        return float(self.best_so_far(budget)[0][-1])

    def best_so_far(self, budget: Budget) -> tuple[Floats, Floats]:
        """The best so far against what was spent.

        Args:
            budget: Points, counted from 1; or what all of them took, in member-epochs or seconds:
                then a value for each round, at whose end its results are known.

        Returns:
            What was spent, and the best by then; nan before there is one.
        """
        best = self.frame[BEST].to_numpy(np.float64)
        if budget == "trial":
            return self.frame["trial"].to_numpy(np.float64) + 1, best
        ends = np.append(np.flatnonzero(np.diff(self.frame["round"])), len(best) - 1)
        spent = self.frame[budget].to_numpy(np.float64)
        return (spent if budget == "seconds" else spent.cumsum())[ends], best[ends]


def read_trials(folder: Path) -> Trials | None:
    """Read the table of a search.

    Args:
        folder: That of a search, or any other.

    Returns:
        Its points; None where the folder has no such table, or one without a row.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        frame, _ = read_table(str(path))
    except RequestError:
        return None
    names = list(map(str, frame.columns))
    if tuple(names[: len(HEAD)]) != HEAD or names[-1] != BEST or len(names) < len(HEAD) + 2:
        return None
    keys, metric = names[len(HEAD) : -2], names[-2]
    numbers = ["trial", "round", "rung", "member_epochs", "seconds", metric, BEST]
    frame[numbers] = finite(frame[numbers])
    return Trials(folder, frame, keys, metric)
