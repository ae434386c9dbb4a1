"""A group: the runs that train together, with all that their one loop needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from runner.datasets.data import Data
from runner.device import Compilation
from runner.engine.members import Members
from runner.engine.recorder import Recorder
from runner.losses.base import Loss
from runner.metrics.base import Metric
from runner.optim.base import Optimizer
from runner.regularizers import Regularizer
from runner.schedules import Schedule


@dataclass(frozen=True)
class Group:
    """Runs of one architecture that train in the same loop; slot i of everything is one run.

    Attributes:
        data: The data, on the device.
        members: Stacked parameters, buffers and optimizer state.
        metrics: What is measured besides the loss, by name.
        loss, regularizer, optimizer, schedule: One instance each, with (S,) hyperparameters.
        seeds: Each member's seed, from which its noise and augmentation are drawn.
        orders: Shuffles each member's examples, once an epoch; on the CPU for every device.
        recorders: Where each member's results go.
        noise: Noise buffers and their shapes for one example.
        epochs: Passes over the training set.
        batch_size: Examples of a step, for each member.
        eval_train: Measure the training set after each epoch, not on the fly.
        checkpoint_every: Epochs between checkpoints; None writes none but the last and best.
        patience: Epochs without a better val/loss after which a run stops; None never stops one.
        gradient_norms: Record the norm of each weight's gradient.
        trace_every: Examples between looks at the whole training set; None takes none.
        deterministic: Whether torch is to take deterministic operations alone.
        tf32: Whether a GPU's float32 products may round their factors.
        compile: What makes of steps something that starts faster; see ``runner.device.Device``.
    """

    data: Data
    members: Members
    metrics: Mapping[str, Metric]
    loss: Loss
    regularizer: Regularizer
    optimizer: Optimizer
    schedule: Schedule
    seeds: Sequence[int]
    orders: Sequence[torch.Generator]
    recorders: Sequence[Recorder]
    noise: dict[str, tuple[int, ...]]
    epochs: int
    batch_size: int
    eval_train: bool
    checkpoint_every: int | None
    patience: int | None
    gradient_norms: bool
    trace_every: int | None
    deterministic: bool
    tf32: bool
    compile: Compilation

    def __len__(self) -> int:
        return len(self.seeds)

    @property
    def device(self) -> torch.device:
        """Where the group trains."""
        return next(iter(self.members.params.values())).device

    @property
    def device_name(self) -> str:
        """The same in words, with the model of a GPU."""
        place = self.device
        return f"cuda ({torch.cuda.get_device_name(place)})" if place.type == "cuda" else place.type

    @property
    def dtype(self) -> torch.dtype:
        """The floating-point type of its parameters."""
        return next(iter(self.members.params.values())).dtype

    def keep(self, slots: Sequence[int]) -> "Group":
        """Return the group with the given slots alone, in that order; the rest keep their bits."""
        rows = torch.tensor(slots, dtype=torch.int64, device=self.device)
        return replace(
            self,
            members=self.members.keep(rows),
            loss=self.loss.select(rows),
            regularizer=self.regularizer.select(rows),
            optimizer=self.optimizer.select(rows),
            schedule=self.schedule.select(rows),
            seeds=[self.seeds[slot] for slot in slots],
            orders=[self.orders[slot] for slot in slots],
            recorders=[self.recorders[slot] for slot in slots],
        )
