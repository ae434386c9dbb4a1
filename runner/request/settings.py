"""Settings of a part of Hydra's config, a sweeper's or a launcher's, checked value by value."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter

from runner.allowed_values import value_faults
from runner.component_keys import STRICT
from runner.config_keys import as_typed
from runner.errors import RequestError

S = TypeVar("S", bound=BaseModel)


def settings_of(kind: type[S], node: Mapping[str, Any], where: str) -> S:
    """Return the settings of a part of Hydra's config.

    Args:
        kind: Which it has.
        node: That part, of which the names are checked already.
        where: Its dotted name.

    Raises:
        RequestError: One sentence for every value that is not allowed.
    """
    if faults := list(_faults(kind, node, where)):
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
