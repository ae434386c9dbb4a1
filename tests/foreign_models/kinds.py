"""The list of all kinds: each a model class, and what it stands for in words."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from runner.models.base import Model

CHAPTERS = {
    "weights": "What is learnt",
    "layers": "Layers of PyTorch",
    "statistics": "What a model remembers",
    "computing": "What happens in forward",
    "outputs": "What a model gives",
}


@dataclass(frozen=True)
class Kind:
    """A kind of model.

    Attributes:
        words: What it is.
        model: An example, a class as somebody wrote it.
        chapter: The file it stands in.
        overrides: What the run needs besides the usual.
        keys: The values of its own YAML file.
    """

    words: str
    model: type[Model]
    chapter: str
    overrides: tuple[str, ...]
    keys: dict[str, Any]


_kinds: list[Kind] = []


def kind(words: str, *overrides: str, **keys: Any) -> Callable[[type[Model]], type[Model]]:
    """Add the decorated class to the list."""

    def add(model: type[Model]) -> type[Model]:
        chapter = model.__module__.rpartition(".")[2]
        _kinds.append(Kind(words, model, chapter, overrides, keys))
        return model

    return add


def all_kinds() -> list[Kind]:
    """Return every kind, chapter by chapter."""
    for chapter in CHAPTERS:
        import_module(f"{__package__}.{chapter}")
    return sorted(_kinds, key=lambda one: list(CHAPTERS).index(one.chapter))
