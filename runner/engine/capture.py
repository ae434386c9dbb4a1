"""Ways to capture the operations of some work, so that it can be done again at less cost."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import torch

T = TypeVar("T")
Work = Callable[[], T]


class Capture(Protocol):
    """A way to capture work."""

    def __call__(self, work: Work[T]) -> tuple[T, Work[T]]:
        """Do some work once, and capture it.

        Args:
            work: It reads and writes the same memory whenever it is done, and asks for the value
                of no tensor.

        Returns:
            What it gave, and what does it again; the results of that may lie in memory that the
            next replay overwrites.
        """


class CudaGraph:
    """A CUDA graph: one launch starts all operations, as they were first started."""

    def __call__(self, work: Work[T]) -> tuple[T, Work[T]]:
        """Do it once on a stream of its own, which sets up the libraries, and capture it there."""
        stream: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        graph = torch.cuda.CUDAGraph()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            given = work()
        torch.cuda.current_stream().wait_stream(stream)
        with torch.cuda.graph(graph, stream=stream):
            results = work()

        def replay() -> T:
            graph.replay()
            return results

        return given, replay


class Inductor:
    """PyTorch's compiler: operations are joined into kernels, which takes it seconds to make."""

    def __call__(self, work: Work[T]) -> tuple[T, Work[T]]:
        """Do it once, writing its operations down, and compile these when they are next needed."""
        given, operations = written_down(work)
        return given, torch.compile(operations, fullgraph=True, dynamic=False)


def written_down(work: Work[T]) -> tuple[T, Work[T]]:
    """Do some work, and write its operations down below autograd and ``vmap``.

    Returns:
        What it gave, and a function that does the same operations again on the same memory.

    Raises:
        RuntimeError: It asks for the value of a tensor.
    """
    from torch.fx.experimental.proxy_tensor import make_fx  # late: it takes a second

    done: list[T] = []

    def noted() -> T:
        done.append(work())
        return done[0]

    operations: Work[T] = make_fx(noted)()
    return done[0], operations
