"""How much of what decides each key of a search explains, by fANOVA.

Source: "An efficient approach for assessing hyperparameter importance" (Hutter, Hoos and
Leyton-Brown, 2014), as Optuna has it.
"""

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

from runner.results.figures.scales import scale_of
from runner.results.labels import counted
from runner.results.search.trials import Trials

FEWEST = 100


@dataclass(frozen=True)
class Importance:
    """How much each key explains.

    Attributes:
        shares: Of each key its part of the variance that single keys explain, the largest first.
        words: What these are, and of how many points.
        why_not: Why there are none; empty where there are.
    """

    shares: dict[str, float] = field(default_factory=dict)
    words: str = ""
    why_not: str = ""


def importance(trials: Trials) -> Importance:
    """Estimate how much of what decides each key explains, over the points trained to the end.

    A forest of regression trees is fitted to them, and the variance of its predictions over the
    whole space is taken apart: a key's part is that of the means at its values. Keys that not every
    point has are left out, for of these the forest knows nothing where they are missing.
    """
    done = trials.complete.dropna(subset=[trials.metric])
    keys = [key for key in trials.keys if done[key].notna().all() and done[key].nunique() > 1]
    done_words = f"{counted(len(done), 'point')} trained to the end"
    if len(done) < FEWEST:
        return Importance(
            why_not=f"{done_words}: too few to say how much each key matters, which takes {FEWEST}."
        )
    if len(keys) < 2:
        return Importance(why_not="There are no two keys that every point has, and that vary.")
    if done[trials.metric].nunique() < 2:
        return Importance(why_not=f"{trials.metric} does not vary.")
    if find_spec("optuna") is None:
        return Importance(
            why_not="Importance takes the package optuna: pip install 'runner[search]'."
        )
    left = [key for key in trials.keys if key not in keys]
    words = (
        f"The part of the variance of {trials.metric} that each key explains by itself (fANOVA, "
        f"n = {len(done)}), in relation to each other: together they are 1. "
    )
    words += "Points let go early have no part in it. " if len(trials.pruned) else ""
    words += f"Left out, since not every point has them: {', '.join(left)}." if left else ""
    return Importance(_shares(done, keys, trials.metric), words.strip())


def _shares(done: pd.DataFrame, keys: list[str], metric: str) -> dict[str, float]:
    import optuna
    from optuna.importance import FanovaImportanceEvaluator, get_param_importances

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    parts = {key: _dimension(done[key]) for key in keys}
    spaces = {key: space for key, (space, _) in parts.items()}
    study = optuna.create_study()
    study.add_trials([
        optuna.trial.create_trial(
            params={key: values[row] for key, (_, values) in parts.items()},
            distributions=spaces,
            value=value,
        )
        for row, value in enumerate(done[metric].astype(float).tolist())
    ])  # fmt: skip
    return get_param_importances(study, evaluator=FanovaImportanceEvaluator(seed=0))


def _dimension(column: "pd.Series[Any]") -> tuple[Any, list[Any]]:
    """The space of a key, and its values there: numbers over decades are logarithms."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if not pd.api.types.is_numeric_dtype(column):
        values = list(map(str, column))
        return CategoricalDistribution(sorted(set(values))), values
    numbers = column.to_numpy(np.float64)
    if scale_of(column).kind == "log" and (numbers > 0).all():
        numbers = np.log10(numbers)
    return FloatDistribution(float(numbers.min()), float(numbers.max())), numbers.tolist()
