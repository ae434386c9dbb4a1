"""The keys of a sweeper that chooses values, checked."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from runner.allowed_values import value_faults
from runner.columns import MONITOR
from runner.config import STRICT
from runner.config_keys import as_typed
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


def settings_of(kind: type[S], node: Mapping[str, Any]) -> S:
    """Return the settings of a sweeper.

    Args:
        kind: Which it has.
        node: Its part of Hydra's config, of which the names are checked already.

    Raises:
        RequestError: One sentence for every value that is not allowed.
    """
    if faults := list(_faults(kind, node, NODE)):
        raise RequestError(*faults)
    return kind.model_validate({name: node[name] for name in kind.model_fields})


def _faults(model: type[BaseModel], node: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield what is wrong with the values of a node."""
    for name, field in model.model_fields.items():
        value, hint = node[name], field.rebuild_annotation()
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            yield from _faults_of_node(hint, value, f"{where}.{name}")
        else:
            yield from value_faults(TypeAdapter(hint, config=STRICT), value, f"{where}.{name}")


def _faults_of_node(model: type[BaseModel], value: Any, where: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _faults(model, value, where)
    else:
        keys = " and ".join(f"{where}.{name}" for name in model.model_fields)
        yield f"{where}={as_typed(value)} is not allowed; it has the keys {keys}."
