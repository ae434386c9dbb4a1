"""A trained model, taken back from the files of its run."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from torch import Tensor, nn
from yaml import YAMLError

from runner.build import build_network
from runner.config import Config, check, keys
from runner.config_keys import role_of
from runner.datasets.data import Preparation, prepare
from runner.errors import RequestError
from runner.paths import conf_folder
from runner.registry import find, names
from runner.weights import Weights, choose, end_told, no_run, read_weights

# Settings that came later, and what was done without them.
LATER: dict[str, object] = {"freeze": [], "init_from": None, "dataset.class_subset": None}


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
    which = choose(folder, weights)
    saved = read_weights(folder, which)
    if told := end_told(folder, which, saved):
        warnings.warn(told, stacklevel=3)
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
        raise RequestError(no_run(folder))
    try:
        node: Any = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    except (OSError, ValueError, YAMLError, OmegaConfBaseException) as error:
        raise RequestError(f"'{path}' can't be read: {' '.join(str(error).split())}") from error
    if not isinstance(node, dict):
        raise RequestError(f"'{path}' can't be read: it is no configuration.")
    return check(_as_of_now(node))


def _as_of_now(node: dict[str, Any]) -> dict[str, Any]:
    """Return the config of a run with the keys that it lacks where it is older than they are."""
    now = _without_effect() | node
    for key, value in LATER.items():
        group, _, name = key.rpartition(".")
        place = now.get(group) if group else now
        if isinstance(place, dict) and (not group or _takes(group, place.get("name"), name)):
            place.setdefault(name, value)
    return now


def _takes(group: str, component: object, key: str) -> bool:
    """Whether there is such a component, and it has such a key."""
    if component not in names(group):
        return False
    found: type = find(group, str(component))
    return key in keys(found)


def _without_effect() -> dict[str, Any]:
    """The program's own values of the keys that change no result: an older run may lack some."""
    own: Any = OmegaConf.to_container(OmegaConf.load(conf_folder() / "config.yaml"), resolve=False)
    roles = {key: role_of(key) for key in own if key in Config.model_fields}
    return {
        key: own[key] for key, role in roles.items() if not (role.is_setting or role.in_signature)
    }
