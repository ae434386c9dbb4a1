"""Training that starts from the weights of another run: ``init_from``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor, nn

from runner.config import Config
from runner.datasets.checksum import checksum_of
from runner.errors import RequestError
from runner.weights import choose, end_told, no_run, path_of, read_weights

SHOWN = 8  # names in a sentence: a deep network has hundreds


@dataclass(frozen=True)
class Source:
    """The weights of a run that others start from.

    Attributes:
        folder: Its folder, an absolute path.
        which: ``"best"`` or ``"last"``.
        epoch: The epoch whose weights these are.
        tensors: Parameters and buffers, by name.
        checksum: Of their names, types, shapes and values.
        ended: What is to be said of a run that did not complete; None of another.
    """

    folder: Path
    which: str
    epoch: int
    tensors: Mapping[str, Tensor]
    checksum: str
    ended: str | None


@dataclass(frozen=True)
class Fit:
    """Which tensors of a source a model starts with.

    Attributes:
        taken: Those of the same name and shape.
        new: The model's others, which are initialised as without a source.
        unused: The source's, of which the model has none by the name.
    """

    taken: tuple[str, ...]
    new: tuple[str, ...]
    unused: tuple[str, ...]

    def told(self, source: Source) -> str:
        """Say it in a sentence."""
        told = (
            f"init_from: {len(self.taken)} of {len(self.taken) + len(self.new)} tensors are the "
            f"{source.which} weights of '{source.folder}', of epoch {source.epoch}"
        )
        if self.new:
            told += f"; not found there in this shape, and initialised anew: {_some(self.new)}"
        if self.unused:
            told += f"; not used from there: {_some(self.unused)}"
        return f"{told}." if source.ended is None else f"{told}. {source.ended}"

    def record(self, source: Source) -> dict[str, object]:
        """Return the same for ``summary.json``, with all names."""
        own = {"taken": list(self.taken), "new": list(self.new), "unused": list(self.unused)}
        return {
            "path": str(source.folder),
            "weights": source.which,
            "epoch": source.epoch,
            "checksum": source.checksum,
            **own,
        }


def with_weights(config: Config) -> Config:
    """Return a config whose ``init_from`` is an absolute path, with a checksum of its weights.

    Raises:
        RequestError: There are no such weights, or they are damaged or not finite.
    """
    if config.init_from is None:
        return config
    source = _read(config.init_from)
    found = {"init_from": str(source.folder), "init_checksum": source.checksum}
    return config.model_copy(update=found)


def source_of(config: Config) -> Source | None:
    """Return the weights that a config starts from; None where it starts from none.

    Raises:
        RequestError: They are lost, or no longer those that were asked for.
    """
    if config.init_from is None:
        return None
    source = _read(config.init_from)
    if config.init_checksum not in (None, source.checksum):
        raise RequestError(
            f"init_from: the {source.which} weights of '{source.folder}' have changed since this "
            "was asked for; ask for it anew, in another folder."
        )
    return source


def fit(model: nn.Module, source: Source) -> Fit:
    """Find what a model can start with: parameters and buffers of the same name and shape.

    Buffers that are not saved (``persistent=False``) hold what the config says, a dropout rate for
    one, and stay.
    """
    own, fixed = _startable(model), dict(model.named_buffers())
    taken = [
        n for n, t in own.items() if n in source.tensors and t.shape == source.tensors[n].shape
    ]
    new = [name for name in own if name not in taken]
    unused = [name for name in source.tensors if name not in own and name not in fixed]
    return Fit(tuple(taken), tuple(new), tuple(unused))


@torch.no_grad()
def start_from(model: nn.Module, source: Source, told: str) -> None:
    """Put the tensors of a source that fit into a model.

    Args:
        model: Any module, of the type in which it trains.
        source: The weights.
        told: The model in words: ``model=mlp``.

    Raises:
        RequestError: No parameter fits.
    """
    own, taken = _startable(model), fit(model, source).taken
    parameters = {name for name, _ in model.named_parameters()}
    if not parameters & {*taken}:
        raise RequestError(
            f"init_from: no parameter of {told} has the name and the shape of one in "
            f"'{source.folder}'. Here: {_shapes({n: own[n] for n in own if n in parameters})}. "
            f"There: {_shapes(source.tensors)}."
        )
    for name in taken:
        own[name].copy_(source.tensors[name])


def _startable(model: nn.Module) -> dict[str, Tensor]:
    """Parameters, a tied one under its first name, and the buffers that belong to the weights."""
    saved = model.state_dict(keep_vars=True).keys()
    buffers = {name: buffer for name, buffer in model.named_buffers() if name in saved}
    return dict(model.named_parameters()) | buffers


def _read(given: str) -> Source:
    folder = Path(given).expanduser().resolve()
    if not (folder / "checkpoints").is_dir() and not (folder / ".hydra" / "config.yaml").is_file():
        raise RequestError(f"init_from: {no_run(folder)}")
    which = choose(folder)
    path = path_of(folder, which)
    # Many runs of a request start from the same weights.
    return _source(folder, which, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=16)
def _source(folder: Path, which: str, written: int) -> Source:
    try:
        saved = read_weights(folder, which)
        ended = end_told(folder, which, saved)
    except RequestError as error:
        raise RequestError(f"init_from: {error}") from error
    tensors = saved["params"] | saved["buffers"]
    return Source(folder, which, saved["epoch"], tensors, checksum_of(tensors), ended)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


def _shapes(tensors: Mapping[str, Tensor]) -> str:
    return _some(tuple(f"{name} {tuple(tensor.shape)}" for name, tensor in tensors.items()))
