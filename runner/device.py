"""Where training happens, in which precision and on how many threads."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field

from runner.errors import RequestError
from runner.registry import register

Precision = Literal["float32", "float64"]
Threads = Literal["auto"] | Annotated[int, Field(ge=1)]


@dataclass(kw_only=True)
class Device:
    """A place to train.

    Attributes:
        precision: The floating-point type of parameters and inputs.
        threads: CPU threads of an operation; ``"auto"`` takes one where a step is small.
        deterministic: Make torch refuse operations whose result varies from run to run.
    """

    kinds: ClassVar[tuple[str, ...]] = ()

    precision: Precision
    threads: Threads
    deterministic: bool

    @property
    def dtype(self) -> torch.dtype:
        """The floating-point type, as torch has it."""
        dtype: torch.dtype = getattr(torch, self.precision)
        return dtype

    def resolve(self) -> torch.device:
        """Return the first device of this choice that is present.

        Raises:
            RequestError: None is, or it lacks the precision.
        """
        for kind in self.kinds:
            if _present(kind):
                return self._checked(torch.device(kind))
        present = [kind for kind in ("cpu", "cuda", "mps") if _present(kind)]
        raise RequestError(
            f"device={self.kinds[0]} is not present here. Allowed: auto, {', '.join(present)}."
        )

    def _checked(self, device: torch.device) -> torch.device:
        if device.type == "mps" and self.dtype == torch.float64:
            raise RequestError("device.precision=float64 does not exist on mps; device=cpu has it.")
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


def own_memory(device: torch.device) -> int | None:
    """Return the bytes of a GPU's memory, all of it; None for a CPU, which shares its own."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory())
    return None
