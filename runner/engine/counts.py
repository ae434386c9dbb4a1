"""What a step does: its operations, counted while they run. No clock is read."""

import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

Kind = Literal["view", "product", "convolution", "grouped convolution", "layer", "update", "other"]

# Matrix products, by the position of their left factor among the arguments.
PRODUCTS = {"mm": 0, "bmm": 0, "mv": 0, "dot": 0, "addmm": 1, "baddbmm": 1, "addmv": 1}
# Pooling, normalisation and the like, by how their names begin.
LAYERS = (
    *("max_pool", "avg_pool", "adaptive_", "_adaptive_", "native_", "upsample_", "_upsample_"),
    *("_softmax", "_log_softmax", "nll_loss", "grid_sampler"),
)
# These read as much as they give, however much they are given.
GATHERS = {"index", "index_select", "gather", "embedding"}
FLOAT32 = 4  # bytes


@dataclass(frozen=True)
class Operation:
    """One operation of a step.

    Attributes:
        kind: What it is. A view moves nothing, a layer works long on each number, an update writes
            into memory that was there.
        products: Multiply-adds of a product or convolution, those of float64 counted twice.
        moved: Bytes read and written.
        fresh: Bytes of memory that it asked for.
    """

    kind: Kind
    products: float
    moved: float
    fresh: float


@dataclass(frozen=True)
class StepCounts:
    """What one step did.

    Attributes:
        operations: Those that torch ran, in order.
        calls: Function calls of the interpreter: what lies between the operations.
    """

    operations: list[Operation]
    calls: int


class Counting(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down the operations that run inside the block; they do what they always do.

    Attributes:
        operations: Those seen so far, in order.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.operations: list[Operation] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # True, torch's default, would import its compiler, for two seconds

    def __torch_dispatch__(
        self, func: OpOverload, types: object, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Run an operation and write it down."""
        kwargs = kwargs or {}
        result = self.run(func, args, kwargs)
        taken, given = _tensors((args, kwargs)), _tensors(result)
        memory = {tensor.untyped_storage().data_ptr() for tensor in taken}
        new = [t for t in given if t.untyped_storage().data_ptr() not in memory]
        kind = _kind(func, args, bool(new))
        read = given if func.overloadpacket.__name__ in GATHERS else taken
        moved = 0 if kind == "view" else _bytes(read) + _bytes(new)
        self.operations.append(Operation(kind, _products(func, args, given), moved, _bytes(new)))
        return result

    def run(self, func: OpOverload, args: Any, kwargs: Any) -> Any:
        """Run an operation as it is."""
        return func(*args, **kwargs)


def _kind(func: OpOverload, args: Any, makes_memory: bool) -> Kind:
    name = func.overloadpacket.__name__
    if name in PRODUCTS:
        return "product"
    if name.startswith("convolution"):
        groups = args[8] if name == "convolution" else args[9]
        return "convolution" if groups == 1 else "grouped convolution"
    if name.startswith(LAYERS):
        return "layer"
    if func._schema.is_mutable:
        return "update"
    return "other" if makes_memory else "view"


def _products(func: OpOverload, args: Any, given: list[Tensor]) -> float:
    """Return the multiply-adds of an operation, of float32 or as many of it as cost the same."""
    name = func.overloadpacket.__name__
    if name in PRODUCTS:
        left, right = args[PRODUCTS[name]], args[PRODUCTS[name] + 1]
        number = left.numel() * (right.shape[-1] if right.ndim > 1 else 1)
    elif name == "convolution":
        left, number = args[0], given[0].numel() * args[1][0].numel()
    elif name == "convolution_backward":  # the gradients of inputs and of weights, if asked for
        left, number = args[0], args[0].numel() * args[2][0].numel() * sum(args[-1][:2])
    else:
        return 0
    return float(number * left.element_size() / FLOAT32)


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.element_size() * prod(tensor.shape) for tensor in tensors)


@contextmanager
def counting_calls() -> Iterator[list[int]]:
    """Count the interpreter's calls of functions inside the block, into the list's one number."""
    number = [0]

    def count(frame: object, event: str, argument: object) -> None:
        if event in ("call", "c_call"):
            number[0] += 1

    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()  # a collection would call what waits for it, now or another time
    sys.setprofile(count)
    try:
        yield number
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
