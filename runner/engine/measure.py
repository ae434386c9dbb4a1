"""Metrics of an epoch, summed on the device and fetched once."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from runner.columns import LOSS, of_gradient, of_model
from runner.engine.batches import whole
from runner.engine.group import Group
from runner.engine.recorder import Row
from runner.engine.step import predict
from runner.metrics.base import Metric
from runner.models.base import Model
from runner.optim.base import Tensors
from runner.regularizers import penalised

# Examples in an evaluation batch: fixed, so that a group's size can't change a rounding.
EVALUATION_BATCH = 250
WAITING = ("losses", "logits", "targets")


class Tally:
    """Sums the loss and the metrics of batches, for each member.

    Small batches wait until they are as many examples as an evaluation measures at once: a step of
    a tiny model takes no longer than what would be measured of it.

    Args:
        metrics: What is measured besides the loss, by column.

    Attributes:
        examples: How many examples each member has seen.
        sums: (S, …) each: ``loss``, and ``accuracy/correct`` for a metric's sum of that name.
        waiting: ``losses``, ``logits`` and ``targets`` (S, B, …) of what is not yet in the sums.
        norms: (S,) for each weight: the norms of its gradients.
    """

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        self.metrics = metrics
        self.examples = 0
        self.sums: Tensors = {}
        self.norms: Tensors = {}
        self._batches: list[tuple[Tensor, Tensor, Tensor]] = []
        self._waiting = 0

    def add(self, losses: Tensor, logits: Tensor, targets: Tensor) -> None:
        """Add a batch: losses (S, B), logits (S, B, C), targets (S, B) or (S, B, T).

        The losses are as trained; numbers come in the target's own units.
        """
        self.examples += losses.shape[1]
        self._waiting += losses.shape[1]
        self._batches.append((losses, logits, targets))
        if self._waiting >= EVALUATION_BATCH:
            self._sum_up()

    def add_norms(self, norms: Tensors, examples: int) -> None:
        """Add the norms of a step's gradients, name to (S,), weighted by its examples."""
        _add(self.norms, {name: norm * examples for name, norm in norms.items()})

    def gradient_norms(self) -> Tensors:
        """Return the mean norm of each weight's gradient, its column to (S,)."""
        return {of_gradient(name): norm / self.examples for name, norm in self.norms.items()}

    def means(self) -> Tensors:
        """Return each metric over the examples seen, (S,)."""
        self._sum_up()
        measured = {LOSS: self.sums[LOSS] / self.examples}
        for name, metric in self.metrics.items():
            measured[name] = metric.finish(self._sums_of(name), self.examples)
        return measured

    @property
    def waiting(self) -> Tensors:
        """The batches that are not yet in the sums, as one; none where all are."""
        if not self._batches:
            return {}
        parts = (torch.cat(part, dim=1) for part in zip(*self._batches, strict=True))
        return dict(zip(WAITING, parts, strict=True))

    def state(self) -> dict[str, Any]:
        """Return what was seen so far: ``examples``, ``sums``, ``waiting`` and ``norms``."""
        kept = {"sums": self.sums, "waiting": self.waiting, "norms": self.norms}
        return {"examples": self.examples, **kept}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self.examples, self.sums, self.norms = state["examples"], state["sums"], state["norms"]
        waiting = tuple(state["waiting"].values())
        self._batches = [waiting] if waiting else []
        self._waiting = waiting[0].shape[1] if waiting else 0

    def _sum_up(self) -> None:
        """Put what waits into the sums."""
        if not self._batches:
            return
        losses, logits, targets = self.waiting.values()
        self._batches, self._waiting = [], 0
        _add(self.sums, {LOSS: losses.sum(1)})
        for name, metric in self.metrics.items():
            more, before = metric.sums(logits, targets), self._sums_of(name)
            joined = metric.join(before, more) if before else more
            self.sums |= {f"{name}/{part}": value for part, value in joined.items()}

    def _sums_of(self, metric: str) -> Tensors:
        prefix = f"{metric}/"
        own = (name for name in self.sums if name.startswith(prefix))
        return {name.removeprefix(prefix): self.sums[name] for name in own}


def measure(group: Group, tally: Tally, lr: Tensor, epochs_done: int, steps_done: int) -> list[Row]:
    """Return the row of each member for the epoch that ended.

    Args:
        group: The members.
        tally: What the epoch's batches gave; not used where the training set is measured anew.
        lr: (S,) or (1,) learning rates at the epoch's start.
        epochs_done: How many epochs there were, this one included.
        steps_done: How many steps.
    """
    measured = {"train": evaluate(group, "train") if group.eval_train else tally.means()}
    # In their order, and not a set's: a model may draw random numbers in evaluation.
    for split in [name for name in group.data.splits if name != "train"]:
        measured[split] = evaluate(group, split)
    columns = {
        f"{split}/{name}": values
        for split in group.data.splits
        for name, values in measured[split].items()
    }
    fetched = fetch(columns | of_parameters(group) | tally.gradient_norms())
    so_far: Row = {"epoch": epochs_done, "step": steps_done}
    rates = lr.expand(len(group)).tolist()
    return [so_far | {"lr": rate} | row for rate, row in zip(rates, fetched, strict=True)]


def evaluate(group: Group, split: str) -> Tensors:
    """Measure all members on a split, as in use (no dropout, running statistics).

    Returns:
        Metric name to (S,).
    """
    tally = Tally(group.metrics)
    for inputs, targets in whole(
        group.data, group.data.splits[split], EVALUATION_BATCH, group.dtype
    ):
        logits = predict(group.members, inputs)
        per_member = targets.expand(len(group), *targets.shape)
        losses, in_units = group.loss(logits, per_member), group.data.in_units
        tally.add(losses, in_units(logits), in_units(per_member))
    return tally.means()


def of_parameters(group: Group) -> Tensors:
    """Measure the parameters themselves, column to (S,).

    Returns:
        ``model/weight_norm``, ‖w‖₂ over the weights (no biases, no normalisation scales, nothing
        that is frozen), where there are any; the quantities that the model names; and how far they
        are from the true ones, ``model/<name>_error``, where the data knows these.
    """
    members = group.members
    squares = [
        members.params[name].flatten(1).square().sum(1)
        for name in penalised(members.params, bias=False)
    ]
    numbers = {"weight_norm": torch.stack(squares).sum(0).sqrt()} if squares else {}
    model = members.model
    named = members.params | members.buffers
    quantities = model.quantities(named) if isinstance(model, Model) else {}
    errors = {
        f"{name}_error": (quantities[name] - true).abs()
        for name, true in group.data.true.items()
        if name in quantities
    }
    return {of_model(name): value for name, value in (numbers | quantities | errors).items()}


def fetch(columns: Mapping[str, Tensor]) -> list[dict[str, float]]:
    """Bring (S,) columns to the CPU in one transfer, as one row per member."""
    table = torch.stack(list(columns.values())).T.tolist()
    return [dict(zip(columns, row, strict=True)) for row in table]


def _add(sums: Tensors, more: Tensors) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0) + value
