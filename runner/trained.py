"""A trained model, taken back from the files of its run."""

from pathlib import Path
from typing import Any, Literal

from omegaconf import OmegaConf
from torch import Tensor, nn

from runner.build import build_network
from runner.config import Config, check
from runner.datasets.data import prepare
from runner.engine import checkpoint
from runner.errors import RequestError

Weights = Literal["best", "last"]


class Trained(nn.Module):
    """A trained model that takes examples as the dataset stores them.

    Attributes:
        model: The network itself, which takes prepared inputs.
        classes: The names of the classes; None where the outputs are numbers.
        epoch: The epoch whose weights these are.
    """

    mean: Tensor | None
    std: Tensor | None

    def __init__(self, model: nn.Module, preparation: dict[str, Any], epoch: int) -> None:
        super().__init__()
        self.model = model
        self.classes: list[str] | None = preparation["classes"]
        self.epoch = epoch
        self.scale, self.size = preparation["scale"], preparation["size"]
        self.register_buffer("mean", preparation["mean"], persistent=False)
        self.register_buffer("std", preparation["std"], persistent=False)

    def forward(self, examples: Tensor) -> Tensor:
        """Map raw examples to logits or predicted numbers.

        Args:
            examples: (B, C, H, W) images as the dataset stores them (bytes from 0 to 255, for
                most), of any size, or (B, D) features in their own units.

        Returns:
            (B, C) logits of classes, or (B, T) numbers.
        """
        dtype = next(self.model.parameters()).dtype
        inputs = prepare(examples, dtype, self.scale, self.mean, self.std, self.size)
        logits: Tensor = self.model(inputs)
        return logits


def load_model(run: str | Path, weights: Weights | None = None) -> Trained:
    """Give a run's trained model back, on the CPU and ready for use.

    Args:
        run: The run's folder.
        weights: ``"best"``, of the epoch with the lowest ``val/loss``, or ``"last"``; None takes
            the best where there was a validation split.

    Raises:
        RequestError: The folder is no run, or has no such checkpoint, or a damaged one.
    """
    folder = Path(run)
    config = _config_of(folder)
    saved = checkpoint.load(folder / "checkpoints" / f"{weights or _preferred(folder)}.pt")
    preparation = saved["data"]
    model = build_network(config, tuple(preparation["shape"]), preparation["outputs"])
    model.to(dtype=next(iter(saved["params"].values())).dtype)
    model.load_state_dict(saved["params"] | saved["buffers"])
    return Trained(model, preparation, saved["epoch"]).eval()


def _config_of(folder: Path) -> Config:
    path = folder / ".hydra" / "config.yaml"
    if not path.is_file():
        raise RequestError(f"'{folder}' is not the folder of a run: it has no .hydra/config.yaml.")
    node: Any = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    return check(node)


def _preferred(folder: Path) -> Weights:
    return "best" if (folder / "checkpoints" / "best.pt").is_file() else "last"
