"""Where training happens, in which precision and on how many threads."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field

from runner.errors import RequestError
from runner.registry import register

# tf32 and bf16 are of what products compute with; parameters and all else are float32 there.
Precision = Literal["float32", "float64", "bf16", "tf32"]
PRECISIONS: dict[str, tuple[Precision, ...]] = {
    "cpu": ("float32", "float64", "bf16"),
    "cuda": ("float32", "float64", "bf16", "tf32"),
    "mps": ("float32",),
}
Compilation = Literal["none", "cuda-graphs", "inductor"]
COMPILATIONS: dict[str, tuple[Compilation, ...]] = {
    "cpu": ("none", "inductor"),
    "cuda": ("none", "cuda-graphs", "inductor"),
    "mps": ("none",),
}
COMPILER = {"darwin": "clang++", "win32": "cl"}  # g++ elsewhere: Inductor takes no other by itself
Threads = Literal["auto"] | Annotated[int, Field(ge=1)]


FEWEST = 64  # threads that any machine starts: a request for a larger one than this may be tried

_ELSEWHERE: ContextVar[bool] = ContextVar("trained elsewhere", default=False)


def most_threads() -> int:
    """Return how many threads an operation may have here: four on each core, or `FEWEST`."""
    return max(FEWEST, 4 * (os.cpu_count() or 1))


@contextmanager
def trained_elsewhere(on_gpus: bool) -> Iterator[None]:
    """Plan for other machines inside the block: a GPU that is absent here is no fault.

    Args:
        on_gpus: Whether they have GPUs; else nothing is different.
    """
    before = _ELSEWHERE.set(on_gpus)
    try:
        yield
    finally:
        _ELSEWHERE.reset(before)


@dataclass(kw_only=True)
class Device:
    """A place to train.

    Attributes:
        precision: ``"float32"`` or ``"float64"``, the type of everything; ``"bf16"``, of the
            forward and backward pass, by autocast; or ``"tf32"``, of a GPU's float32 products.
        threads: CPU threads of an operation; ``"auto"`` takes one where a step is small.
        deterministic: Make torch refuse operations whose result varies from run to run.
        compile: ``"inductor"`` has PyTorch compile a step, for some seconds, which makes small
            ones faster; ``"cuda-graphs"`` starts ten steps of a GPU at once; ``"none"`` starts
            operation after operation.
    """

    kinds: ClassVar[tuple[str, ...]] = ()

    precision: Precision
    compile: Compilation
    threads: Threads
    deterministic: bool

    @property
    def dtype(self) -> torch.dtype:
        """The floating-point type of parameters, optimizer state, losses and metrics."""
        return torch.float64 if self.precision == "float64" else torch.float32

    @property
    def autocast(self) -> torch.dtype | None:
        """The type that the model computes in where it is not that of its parameters."""
        return torch.bfloat16 if self.precision == "bf16" else None

    @property
    def tf32(self) -> bool:
        """Whether float32 products may round their factors to ten bits."""
        return self.precision == "tf32"

    def resolve(self) -> torch.device:
        """Return the first device of this choice that is present; see `trained_elsewhere`.

        Raises:
            RequestError: None is, it lacks the precision, or the machine can't have the threads.
        """
        self._check_threads()
        for kind in self.kinds:
            if _present(kind):
                return self._checked(torch.device(kind))
        if _ELSEWHERE.get():
            return torch.device("cpu")
        present = [kind for kind in ("cpu", "cuda", "mps") if _present(kind)]
        raise RequestError(
            f"device={self.kinds[0]} is not present here. Allowed: auto, {', '.join(present)}."
        )

    def _check_threads(self) -> None:
        """Refuse threads by the thousand: the library that starts them would end the process."""
        count, most = os.cpu_count() or 1, most_threads()
        if self.threads != "auto" and self.threads > most:
            raise RequestError(
                f"device.threads={self.threads} is not allowed: this machine has {count} "
                f"core{'s' * (count > 1)}; it takes auto or a whole number from 1 to {most}."
            )

    def _checked(self, device: torch.device) -> torch.device:
        if _ELSEWHERE.get():
            return device
        for key, allowed in (("precision", PRECISIONS), ("compile", COMPILATIONS)):
            if (value := getattr(self, key)) not in allowed[device.type]:
                raise RequestError(
                    f"device.{key}={value} does not exist on {device.type}. Allowed there: "
                    f"{', '.join(allowed[device.type])}."
                )
        if self.compile == "inductor" and (missing := _missing_of_inductor(device)):
            raise RequestError(
                f"device.compile=inductor needs {missing}, which is not found here. Without it: "
                "device.compile=none."
            )
        return device


@register("device", "auto")
class AutoDevice(Device):
    """CUDA if there is one, then MPS, then the CPU."""

    kinds = ("cuda", "mps", "cpu")


@register("device", "cpu")
class Cpu(Device):
    """The CPU."""

    kinds = ("cpu",)


@register("device", "cuda")
class Cuda(Device):
    """An NVIDIA (or ROCm) GPU."""

    kinds = ("cuda",)


@register("device", "mps")
class Mps(Device):
    """An Apple GPU."""

    kinds = ("mps",)


def _present(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    if kind == "mps":
        return torch.backends.mps.is_available()
    return True


def _missing_of_inductor(device: torch.device) -> str | None:
    """Name what PyTorch's compiler needs and does not find, if there is such a thing."""
    if device.type == "cuda" and find_spec("triton") is None:
        return "the package triton"
    usual = COMPILER.get(sys.platform, "g++")
    compiler = (shlex.split(os.environ.get("CXX", "")) or [usual])[0]
    return None if shutil.which(compiler) else f"the C++ compiler {compiler} (or another, by CXX)"


def own_memory(device: torch.device) -> int | None:
    """Return the bytes of a GPU's memory, all of it; None for a CPU, which shares its own."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory())
    return None
