"""Ways to capture the operations of some work, so that it can be done again at less cost."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import torch
from torch import Tag
from torch.utils._python_dispatch import TorchDispatchMode

T = TypeVar("T")
Work = Callable[[], T]


class Capture(Protocol):
    """A way to capture work."""

    def __call__(self, work: Work[T]) -> Work[T]:
        """Capture some work, which is done once or twice meanwhile.

        Args:
            work: It does the same operations on the same memory whenever it is done: it asks for
                the value of no tensor and, on a GPU, brings nothing there from elsewhere.

        Returns:
            What does it again; its results may lie in memory that the next replay overwrites.

        Raises:
            RuntimeError: It can't be captured.
        """


class CudaGraph:
    """A CUDA graph: one launch starts all operations, as they were first started."""

    def __call__(self, work: Work[T]) -> Work[T]:
        """Do it once on a stream of its own, which sets up the libraries, and capture it there."""
        stream: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        graph = torch.cuda.CUDAGraph()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            work()
        torch.cuda.current_stream().wait_stream(stream)
        with torch.cuda.graph(graph, stream=stream):
            results = work()

        def replay() -> T:
            graph.replay()
            return results

        return replay


class Inductor:
    """PyTorch's compiler: operations are joined into kernels, which takes it seconds to make."""

    def __call__(self, work: Work[T]) -> Work[T]:
        """Do it once, writing its operations down, and compile these when they are first needed."""
        compiled: Work[T] = torch.compile(written_down(work), fullgraph=True, dynamic=False)
        return compiled


def written_down(work: Work[T]) -> Work[T]:
    """Do some work, and write its operations down below autograd and ``vmap``.

    Returns:
        A function that does the same operations again on the same memory.

    Raises:
        RuntimeError: It asks for the value of a tensor.
    """
    from torch.fx.experimental.proxy_tensor import make_fx  # late: it takes a second

    def watched() -> T:
        with NoValues():  # type: ignore[no-untyped-call]
            return work()

    operations: Work[T] = make_fx(watched)()
    return operations


class NoValues(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses operations whose result is a tensor's value, or has a shape that depends on one."""

    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Do an operation, or refuse it.

        Raises:
            RuntimeError: It asks for a value.
        """
        if _asks_for_a_value(operation, args):
            raise RuntimeError(f"{operation.name()} asks for the value of a tensor")
        return operation(*args, **(kwargs or {}))


def _asks_for_a_value(operation: Any, args: Any) -> bool:
    if operation is torch.ops.aten.index.Tensor:  # by places it does not, by a mask it does
        return any(index is not None and index.dtype == torch.bool for index in args[1])
    return bool({Tag.data_dependent_output, Tag.dynamic_output_shape}.intersection(operation.tags))
