"""The MLP on Fashion-MNIST against its matrix products alone: what no loop can do without."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from benchmarks.rows import Row
from benchmarks.suite.here import configs, epochs_of
from benchmarks.timing import in_turn, ratios, seconds, spread
from runner.build import build_group

ROUNDS, BATCH = 5, 256


def measure(rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure an epoch of each in turn, in one process, on all cores."""
    typed = ("dataset=fashion-mnist", "model=mlp", f"batch_size={BATCH}", "device=cpu")
    study = configs(*typed, f"epochs={rounds + 1}")
    group = build_group(study, [])
    shapes = [tuple(p.shape[1:]) for name, p in group.members.params.items() if "weight" in name]
    steps = -(-len(group.data.train) // BATCH)
    products = _epoch_of_products(shapes, steps)
    work = {"ours": epochs_of(study), "products": lambda _: seconds(products)}
    taken = in_turn(work, rounds)
    title = f"`mlp` on Fashion-MNIST, batch {BATCH}, an epoch"
    yield Row(workload=title, seconds=spread(taken["ours"]))
    yield Row(
        workload=title,
        implementation="the matrix products of its steps alone",
        seconds=spread(taken["products"]),
        ratio=ratios(taken["products"], taken["ours"]),
        aim="at least 0.77: ours takes at most 1.3 of it",
    )


def _epoch_of_products(shapes: Sequence[tuple[int, ...]], steps: int) -> Callable[[], None]:
    """Return the products of an epoch: of each layer forwards, of its weights, of its inputs.

    Args:
        shapes: Of each layer's weights, outputs by inputs.
        steps: How many there are.
    """
    layers = [
        (torch.randn(BATCH, inputs), torch.randn(outputs, inputs), torch.randn(BATCH, outputs))
        for outputs, inputs in shapes
    ]

    def epoch() -> None:
        for _ in range(steps):
            for number, (rows, weight, errors) in enumerate(layers):
                _products(rows, weight, errors, is_first=number == 0)

    return epoch


def _products(rows: Tensor, weight: Tensor, errors: Tensor, *, is_first: bool) -> None:
    _ = rows @ weight.T, errors.T @ rows
    if not is_first:  # nobody needs the gradient of the examples
        _ = errors @ weight
