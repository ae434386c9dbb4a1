"""What a population is asked for: its settings, and the values that its members may take."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from runner.errors import RequestError
from runner.folder_lock import HIDDEN
from runner.request.space import Space
from runner.request.sweeper_keys import NODE, Choosing, Least1

REQUEST = f"{HIDDEN}/population/request.json"
"""Where the folder of a population says what was asked for."""
TENTH = 10  # of the epochs, from one exchange to the next, unless asked for otherwise


class Settings(Choosing):
    """The keys of ``hydra/sweeper=population``.

    Attributes:
        members: How many runs train together.
        interval: The epochs from one exchange to the next; ``"auto"`` for a tenth of all.
        quantile: At an exchange this part of the members, the worst, go on from the best.
        factor: A number that is taken over is multiplied or divided by it.
        resample: The probability that a value is drawn afresh instead.
    """

    needs = (
        "A population needs a key whose values may change, such as "
        "'optim.lr=tag(log,interval(1e-3,1))'."
    )

    members: Annotated[int, Field(ge=2)]
    interval: Literal["auto"] | Least1
    quantile: Annotated[float, Field(gt=0, le=0.5)]
    factor: Annotated[float, Field(gt=1)]
    resample: Annotated[float, Field(ge=0, le=1)]

    def stops(self, epochs: int) -> range:
        """Return the epochs after which there is an exchange; the last epoch is none."""
        interval = max(1, epochs // TENTH) if self.interval == "auto" else self.interval
        return range(interval, epochs, interval)

    def copied(self, members: int) -> int:
        """Return how many of some members go on from others."""
        return int(self.quantile * members)

    def check(self) -> None:
        """Refuse settings that contradict each other; see `Choosing.check`."""
        super().check()
        if not self.copied(self.members):
            raise RequestError(
                f"{NODE}.quantile={self.quantile:g} of {self.members} members is none that goes on "
                "from another: more members, or a larger part, at most 0.5."
            )


class PopulationRequest(Space[Settings]):
    """A population that was asked for."""

    settings_kind = Settings


def is_population(folder: Path) -> bool:
    """Whether a folder is that of a population."""
    return (folder / REQUEST).is_file()
