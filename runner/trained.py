"""A trained model, taken back from the files of its run."""

import json
import warnings
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from torch import Tensor, nn
from yaml import YAMLError

from runner.build import build_network
from runner.columns import Status
from runner.config import Config, check
from runner.config_keys import role_of
from runner.datasets.data import Preparation, prepare
from runner.engine import checkpoint
from runner.errors import RequestError, unknown
from runner.paths import conf_folder

Weights = Literal["best", "last"]
# Settings that came later: their own values mean what was done without them.
LATER = ("freeze",)
# A run says that it is running from its beginning on; whether it still is can't be told from it.
NO_END = " has not ended, or was cut off:"


class Trained(nn.Module):
    """A trained model that takes examples as the dataset stores them; printed, it says how.

    The digits, for one, are (B, 1, 8, 8) images of values from 0 to 16, Fashion-MNIST's
    (B, 1, 28, 28) of bytes from 0 to 255. Do not divide them: scaling and resizing are done here.

    Attributes:
        model: The network itself, which takes prepared inputs.
        classes: The names of the classes; None where the outputs are numbers.
        epoch: The epoch whose weights these are.
    """

    mean: Tensor | None
    std: Tensor | None

    def __init__(self, model: nn.Module, preparation: Preparation, epoch: int) -> None:
        super().__init__()
        self.model = model
        self.classes: list[str] | None = preparation["classes"]
        self.epoch = epoch
        self.scale, self.size = preparation["scale"], preparation["size"]
        self.shape = _stored_shape(preparation)
        self.register_buffer("mean", preparation["mean"], persistent=False)
        self.register_buffer("std", preparation["std"], persistent=False)

    @property
    def takes(self) -> str:
        """The shape and range of the examples, in words: ``(B, 1, 8, 8) images of values 0 to 16``.

        H and W stand for any size, where images are resized and not standardised by pixel.
        """
        sides = ["CHW"[axis] if side is None else str(side) for axis, side in enumerate(self.shape)]
        if len(sides) < 3:
            return f"(B, {', '.join(sides)}) features in their own units"
        return f"(B, {', '.join(sides)}) images of values 0 to {1 / self.scale:g}"

    def extra_repr(self) -> str:
        """What ``print`` says beside the network."""
        return f"takes {self.takes}; weights of epoch {self.epoch}"

    def forward(self, examples: Tensor | npt.NDArray[Any]) -> Tensor:
        """Map raw examples to logits or predicted numbers.

        Args:
            examples: A tensor or an array, of any type of number. (B, C, H, W) images as the
                dataset stores them: bytes from 0 to 255 for most, from 0 to 16 for ``digits``; of
                any size where the run resized its own. Or (B, D) features in their own units.

        Returns:
            (B, C) logits of classes, or (B, T) numbers.

        Raises:
            RequestError: The examples are of another shape; see ``takes``.
        """
        parameter = next(p for p in self.model.parameters() if p.is_floating_point())
        if not isinstance(examples, Tensor):
            examples = torch.from_numpy(np.array(examples)).to(parameter.device)
        self._check_shape(tuple(examples.shape))
        inputs = prepare(examples, parameter.dtype, self.scale, self.mean, self.std, self.size)
        logits: Tensor = self.model(inputs)
        return logits

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        pairs = zip(self.shape, shape[1:], strict=False)
        if len(shape) != 1 + len(self.shape) or any(side not in (None, s) for side, s in pairs):
            raise RequestError(f"This model takes {self.takes}, not examples of shape {shape}.")


def _stored_shape(preparation: Preparation) -> tuple[int | None, ...]:
    """The shape of an example before it is prepared; None for a side of any length."""
    mean, shape = preparation["mean"], tuple(preparation["shape"])
    if mean is not None and mean.ndim == 3 and mean[0].numel() > 1:
        return tuple(mean.shape)  # each pixel has figures of its own
    return shape if preparation["size"] is None else (shape[0], None, None)


def load_model(run: str | Path, weights: Weights | None = None) -> Trained:
    """Give a run's trained model back, on the CPU and ready for use.

    Args:
        run: The run's folder.
        weights: ``"best"``, of the epoch with the lowest ``val/loss``, or ``"last"``; None takes
            the best where there was a validation split.

    Raises:
        RequestError: The folder is no run, or has no such checkpoint, or a damaged one; or its
            weights are not finite, as the last ones of a run that diverged.

    Warns:
        UserWarning: The run did not end well, or has not ended; the weights are finite all the
            same.
    """
    folder = Path(run)
    config = _config_of(folder)
    which = _choose(folder, weights)
    saved = _saved(folder, which)
    _check_end(folder, which, saved)
    preparation = saved["data"]
    model = build_network(config, tuple(preparation["shape"]), preparation["outputs"])
    model.to(dtype=next(iter(saved["params"].values())).dtype)
    _fill(model, saved["params"] | saved["buffers"])
    return Trained(model, preparation, saved["epoch"]).eval()


@torch.no_grad()
def _fill(model: nn.Module, saved: dict[str, Tensor]) -> None:
    """Put saved tensors into a model; one that is tied was saved once, under its first name."""
    tensors = dict(model.named_parameters()) | dict(model.named_buffers())
    for name, tensor in saved.items():
        tensors[name].copy_(tensor)


def _config_of(folder: Path) -> Config:
    path = folder / ".hydra" / "config.yaml"
    if not path.is_file():
        raise RequestError(_no_run(folder))
    try:
        node: Any = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    except (OSError, ValueError, YAMLError, OmegaConfBaseException) as error:
        raise RequestError(f"'{path}' can't be read: {' '.join(str(error).split())}") from error
    if not isinstance(node, dict):
        raise RequestError(f"'{path}' can't be read: it is no configuration.")
    return check(_without_effect() | node)


def _without_effect() -> dict[str, Any]:
    """The program's own values of keys that an older run may lack: they changed nothing there."""
    own: Any = OmegaConf.to_container(OmegaConf.load(conf_folder() / "config.yaml"), resolve=False)
    roles = {key: role_of(key) for key in own if key in Config.model_fields}
    return {
        key: own[key]
        for key, role in roles.items()
        if key in LATER or not (role.is_setting or role.in_signature)
    }


def _no_run(folder: Path) -> str:
    if folder.is_file():
        return f"'{folder}' is a file; give the folder of a run."
    if not folder.is_dir():
        return f"There is no folder '{folder}'."
    names = [path.parent.name for path in folder.glob("*/.hydra")]
    jobs = sorted(int(name) for name in names if name.isdigit())
    if not jobs:
        return f"'{folder}' is not the folder of a run: it has no .hydra/config.yaml."
    last = f" to '{folder / str(jobs[-1])}'" if len(jobs) > 1 else ""
    return f"'{folder}' is a sweep; give one of its runs, '{folder / str(jobs[0])}'{last}."


def _choose(folder: Path, weights: str | None) -> str:
    """Which checkpoint to take: as asked, otherwise the best if there is one."""
    if weights not in (None, *get_args(Weights)):
        raise RequestError(unknown("kind of weights", str(weights), get_args(Weights)))
    has_best = (folder / "checkpoints" / "best.pt").is_file()
    summary = _summary(folder)
    if weights == "best" and not has_best and summary.get("last") and not summary.get("best"):
        split = summary.get("best_metric") is not None
        why = (
            "no val/loss was finite" if split else "it had no validation split; take weights='last'"
        )
        raise RequestError(f"There is no best epoch of '{folder}': {why}.")
    return weights or ("best" if has_best else "last")


def _saved(folder: Path, which: str) -> dict[str, Any]:
    """A checkpoint; one that is not there is not called lost where the run had no end yet."""
    path = folder / "checkpoints" / f"{which}.pt"
    if not path.is_file() and _summary(folder).get("status", Status.RUNNING) == Status.RUNNING:
        raise RequestError(f"'{folder}'{NO_END} there is no checkpoint {path}.")
    return checkpoint.load(path)


def _check_end(folder: Path, which: str, saved: dict[str, Any]) -> None:
    """Refuse weights that are not finite, and say of others that their run did not end well."""
    summary = _summary(folder)
    ended = _how_it_ended(summary, saved["epoch"])
    of = f"the {which} weights, of epoch {saved['epoch']},"
    # A buffer may be infinite from the start: a mask of attention is.
    sound = all(value.isfinite().all() for value in saved["params"].values())
    if not sound or any(value.isnan().any() for value in saved["buffers"].values()):
        best = summary.get("best") if which == "last" else None
        other = f"; weights='best' are of epoch {best['epoch']}" if best else ""
        raise RequestError(f"'{folder}'{ended or ':'} {of} are not all finite numbers{other}.")
    if ended:
        warnings.warn(f"'{folder}'{ended} these are {of[:-1]}.", stacklevel=4)


def _how_it_ended(summary: dict[str, Any], epoch: int) -> str:
    """What is to be said of a run's end; nothing where it ended well."""
    status, last = summary.get("status", Status.RUNNING), summary.get("last") or {}
    if status == Status.RUNNING:
        return NO_END
    return "" if status == Status.OK else f" {status} in epoch {last.get('epoch', epoch)}:"


def _summary(folder: Path) -> dict[str, Any]:
    """What the run said at its end; nothing where it did not get there."""
    try:
        found = json.loads((folder / "summary.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
