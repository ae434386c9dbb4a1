"""What a search is asked for: its settings, and the values that it may choose."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from runner.errors import RequestError
from runner.folder_lock import HIDDEN
from runner.request.space import Space
from runner.request.sweeper_keys import NODE, Choosing, Least1

REQUEST = f"{HIDDEN}/search/request.json"
"""Where the folder of a search says what was asked for."""
AT_LEAST = 6  # rounds: a sampler learns from what it was told before


class Confirm(BaseModel):
    """How the best points are trained again.

    Attributes:
        points: How many points; 0 for none.
        seeds: On how many seeds that the search has not seen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Annotated[int, Field(ge=0)]
    seeds: Least1


class Settings(Choosing):
    """The keys of ``hydra/sweeper=search``.

    Attributes:
        sampler: What asks for points.
        trials: How many points are tried in all.
        round: How many are asked for at a time; ``"auto"`` for a sixth of the trials,
            and no fewer than ``eta`` where some are let go.
        prune: How the worst of a round are let go.
        eta: One in so many stays at each rung.
        min_epochs: The first rung is not before.
        goals: Several metrics of which none may be had at the cost of another; none for one metric.
        budget: Minutes after which no further round is begun; None for no limit.
        start: Points to try first, each key to value, or the defaults.
        confirm: How the best points are trained again.
    """

    needs = (
        "A search needs a key to choose values for, such as 'optim.lr=tag(log,interval(1e-3,1))' "
        "or optim=sgd,adam."
    )

    sampler: Literal["tpe", "random", "sobol", "cmaes", "gp"]
    trials: Least1
    round: Literal["auto"] | Least1
    prune: Literal["halving", "median", "none"]
    eta: Annotated[int, Field(ge=2)]
    min_epochs: Least1
    goals: list[str]
    budget: Annotated[float, Field(gt=0)] | None
    start: Literal["defaults"] | list[dict[str, Any]]
    confirm: Confirm

    @property
    def columns(self) -> list[str]:
        """What decides; nothing for the run's ``monitor``."""
        return self.goals or super().columns

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return len(self.sizes)

    @property
    def round_size(self) -> int:
        """How many points are asked for at a time: enough that some can be let go."""
        least = 1 if self.prune == "none" else self.eta
        return max(least, self.trials // AT_LEAST) if self.round == "auto" else self.round

    @property
    def sizes(self) -> list[int]:
        """How many points each round has."""
        whole, rest = divmod(self.trials, self.round_size)
        return [self.round_size] * whole + [rest] * (rest > 0)

    def check(self) -> None:
        """Refuse settings that contradict each other; see `Choosing.check`."""
        super().check()
        if not self.goals:
            return
        different = len(set(self.goals))
        if self.metric is not None or different < 2 or different < len(self.goals):
            raise RequestError(
                f"{NODE}.goals takes two metrics or more, such as [val/loss,val/accuracy], and "
                f"{NODE}.metric none beside them."
            )
        if self.prune != "none":
            raise RequestError(
                f"With several goals nobody can say who is behind: add {NODE}.prune=none."
            )
        if self.sampler == "cmaes":
            raise RequestError(
                f"{NODE}.sampler=cmaes knows one goal alone: several take tpe, random, sobol or gp."
            )


class SearchRequest(Space[Settings]):
    """A search that was asked for."""

    settings_kind = Settings


def is_search(folder: Path) -> bool:
    """Whether a folder is that of a search."""
    return (folder / REQUEST).is_file()
