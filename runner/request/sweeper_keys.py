"""The keys of a sweeper that chooses values, checked."""

from typing import Annotated, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from runner.columns import MONITOR
from runner.errors import RequestError

NODE = "hydra.sweeper"
Least1 = Annotated[int, Field(ge=1)]


class Choosing(BaseModel):
    """The keys of whatever chooses values.

    Attributes:
        needs: What is said where there is nothing to choose.
        metric: What decides, of the validation split; None for the run's ``monitor``.
        seed: Of what is drawn.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    needs: ClassVar[str]

    metric: str | None
    seed: Annotated[int, Field(ge=0)]

    @property
    def columns(self) -> list[str]:
        """What decides; nothing for the run's ``monitor``."""
        return [self.metric] if self.metric else []

    @property
    def monitor(self) -> str | None:
        """What chooses the best epoch: the first of several goals; None for the run's own."""
        return next(iter(self.columns), None)

    @property
    def rounds(self) -> int:
        """How many times there is as much to train."""
        return 1

    def check(self) -> None:
        """Refuse settings that contradict each other, or choose by what must choose nothing.

        Raises:
            RequestError: One sentence, with the names that were typed.
        """
        if any(column.partition("/")[0] != "val" for column in self.columns):
            typed = f"metric={self.metric}" if self.metric else "goals"
            raise RequestError(
                f"{NODE}.{typed} is not allowed: it chooses, so it must be a metric of the "
                f"validation split, such as {MONITOR}."
            )


S = TypeVar("S", bound=Choosing)
