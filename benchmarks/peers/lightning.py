"""Lightning, with its defaults, or with logger, bars, checkpoints and the model's summary off."""

import time
import warnings

import lightning
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision.datasets import FashionMNIST
from torchvision.transforms import ToTensor

from benchmarks.peers.networks import NETWORKS, count
from benchmarks.peers.told import RATE, Asked, Clock, Told

PACKAGES = ["torch", "torchvision", "lightning"]
QUIET = {
    "logger": False,
    "enable_progress_bar": False,
    "enable_checkpointing": False,
    "enable_model_summary": False,
}


class Classifier(lightning.LightningModule):
    """A network with its loss, its accuracy and its optimizer."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Return a batch's loss, and log it with the accuracy."""
        inputs, targets = batch
        logits = self.model(inputs)
        loss = nn.functional.cross_entropy(logits, targets)
        right = (logits.argmax(1) == targets).float().mean()
        self.log_dict({"loss": loss, "accuracy": right}, on_step=False, on_epoch=True)
        return loss

    def test_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Log a batch's accuracy."""
        inputs, targets = batch
        self.log("test", (self.model(inputs).argmax(1) == targets).float().mean())

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return SGD."""
        return torch.optim.SGD(self.parameters(), lr=RATE)


class Epochs(lightning.Callback):
    """Keeps the seconds of each epoch."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def on_train_epoch_start(self, *_: object) -> None:
        """Begin an epoch."""
        self.began = time.perf_counter()

    def on_train_epoch_end(self, *_: object) -> None:
        """End it."""
        self.seconds.append(time.perf_counter() - self.began)


def run(asked: Asked, clock: Clock) -> Told:
    """Train and test."""
    warnings.filterwarnings("ignore")
    train = FashionMNIST(str(asked.data), train=True, transform=ToTensor())
    test = FashionMNIST(str(asked.data), train=False, transform=ToTensor())
    loader = DataLoader(train, batch_size=asked.batch, shuffle=True)
    clock.end("load")
    lightning.seed_everything(asked.seed)
    model, epochs = Classifier(NETWORKS[asked.workload]()), Epochs()
    trainer = lightning.Trainer(
        max_epochs=asked.epochs,
        accelerator="cpu",
        callbacks=[epochs],
        **(QUIET if asked.quiet else {}),
    )
    clock.end("compile")
    trainer.fit(model, loader)
    steps = trainer.global_step
    clock.end("train")
    (tested,) = trainer.test(model, DataLoader(test, batch_size=asked.batch), verbose=False)
    clock.end("test")
    return Told(tested["test"], count(model), steps, PACKAGES, epochs.seconds)
