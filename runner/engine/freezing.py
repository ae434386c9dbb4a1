"""Parameters kept from changing, chosen by patterns of their names."""

from collections.abc import Collection, Sequence
from difflib import SequenceMatcher
from fnmatch import fnmatchcase

from torch import nn

from runner.errors import RequestError

NEAR = 0.6  # as alike as difflib's close matches are
SHOWN = 12  # names in a sentence: a deep network has hundreds


def freeze(model: nn.Module, patterns: Sequence[str], told: str) -> None:
    """Keep the parameters whose names match a pattern from changing.

    They get no gradient and no optimizer state, and enter no penalty. Buffers are not touched: the
    running statistics of batch normalisation go on following the batches, as in PyTorch.

    Args:
        model: Any module, changed in place.
        patterns: As of `fnmatch`, over dotted names: ``layers.0.*``. A tied parameter may be
            matched by any of its names.
        told: The model in words: ``model=mlp``.

    Raises:
        RequestError: A pattern matches no parameter, or nothing is left to train.
    """
    named = dict(model.named_parameters(remove_duplicate=False))
    for pattern in patterns:
        matched = [name for name in named if fnmatchcase(name, pattern)]
        if not matched:
            raise RequestError(
                f"freeze={_written(patterns)}: no parameter of {told} matches '{pattern}'; "
                f"{_hint(pattern, named)} It has {_some(named) or 'none'}."
            )
        for name in matched:
            named[name].requires_grad_(False)
    if patterns and not any(parameter.requires_grad for parameter in named.values()):
        raise RequestError(f"freeze={_written(patterns)} leaves {told} no parameter to train.")


def _hint(pattern: str, names: Collection[str]) -> str:
    """The nearest name, or pattern of a layer's names; where none is near, an example."""
    parts = [name.split(".") for name in names]
    layers = [".".join([*p[:end], "*"]) for p in parts for end in range(len(p) - 1, 0, -1)]
    # Of several that are as near the first: get_close_matches would take the last.
    choices = [*names, *layers]
    likeness = [SequenceMatcher(None, choice, pattern).ratio() for choice in choices]
    if (most := max(likeness, default=0.0)) >= NEAR:
        return f"did you mean '{choices[likeness.index(most)]}'?"
    return f"'{layers[0]}' would freeze one layer." if layers else "a pattern is a name, or '*'."


def _written(patterns: Sequence[str]) -> str:
    return f"[{','.join(patterns)}]"


def _some(names: dict[str, nn.Parameter]) -> str:
    shown = ", ".join(list(names)[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown
