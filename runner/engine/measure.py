"""Metrics of an epoch, summed on the device and fetched once."""

from collections.abc import Mapping

import torch
from torch import Tensor

from runner.columns import of_gradient, of_model
from runner.engine.batches import whole
from runner.engine.group import Group
from runner.engine.recorder import Row
from runner.engine.step import predict
from runner.metrics import METRICS, Metric
from runner.models.base import Model
from runner.optim.base import Tensors
from runner.regularizers import penalised

# Examples in an evaluation batch: fixed, so that a group's size can't change a rounding.
EVALUATION_BATCH = 250


class Tally:
    """Sums the loss and the metrics of batches, for each member.

    Args:
        metrics: What is measured besides the loss.
        like: (S, …) any tensor of the group: the sums live with it.
    """

    def __init__(self, metrics: tuple[Metric, ...], like: Tensor) -> None:
        self.metrics = metrics
        self.examples = 0
        names = ["loss", *(metric.name for metric in metrics)]
        self.sums = {name: like.new_zeros(len(like)) for name in names}
        self.norms: Tensors = {}

    def add(self, losses: Tensor, logits: Tensor, targets: Tensor) -> None:
        """Add a batch: losses (S, B), logits (S, B, C), targets (S, B) or (S, B, T)."""
        self.examples += losses.shape[1]
        self.sums["loss"] += losses.sum(1)
        for metric in self.metrics:
            self.sums[metric.name] += metric.per_example(logits, targets).sum(1)

    def add_norms(self, norms: Tensors, examples: int) -> None:
        """Add the norms of a step's gradients, name to (S,), weighted by its examples."""
        for name, norm in norms.items():
            self.norms[name] = self.norms.get(name, 0) + norm * examples

    def gradient_norms(self) -> Tensors:
        """Return the mean norm of each weight's gradient, its column to (S,)."""
        return {of_gradient(name): norm / self.examples for name, norm in self.norms.items()}

    def means(self) -> Tensors:
        """Return each metric over the examples seen, (S,)."""
        finish = {metric.name: metric.finish for metric in self.metrics}
        means = {name: total / self.examples for name, total in self.sums.items()}
        return {name: finish.get(name, torch.clone)(mean) for name, mean in means.items()}


def new_tally(group: Group) -> Tally:
    """Return an empty tally of the metrics that suit the group's data."""
    return Tally(METRICS[group.data.task], next(iter(group.members.params.values())))


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
    tally = new_tally(group)
    for inputs, targets in whole(
        group.data, group.data.splits[split], EVALUATION_BATCH, group.dtype
    ):
        logits = predict(group.members, inputs)
        per_member = targets.expand(len(group), *targets.shape)
        tally.add(group.loss(logits, per_member), logits, per_member)
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
