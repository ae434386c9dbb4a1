"""A forward pass in another floating-point type than that of its parameters.

torch's autocast sees operations after ``vmap`` has rewritten them: with stacked weights
convolutions escape it on a CPU, biases are added in their own type, and normalisations fail with
the mixed types that are left. These are cast here, before ``vmap``, so that a member computes the
same alone and in a group.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

LAYERS = {
    functional.linear,
    *(torch.conv1d, torch.conv2d, torch.conv3d),
    *(torch.conv_transpose1d, torch.conv_transpose2d, torch.conv_transpose3d),
}
NORMALISATIONS = {
    *(functional.batch_norm, functional.instance_norm),
    *(torch.batch_norm, torch.instance_norm),
}


@contextmanager
def casting(inputs: Tensor, autocast: torch.dtype) -> Iterator[None]:
    """Let a model compute in another type inside the block.

    Products and convolutions do; parameters, running statistics and normalisation keep theirs.

    Args:
        inputs: What enters the model: it says where it computes, and the parameters' type.
        autocast: The type to compute in.
    """
    # Few parameters are used twice in a pass, and a cache of casts is not made for vmap.
    with (
        torch.autocast(inputs.device.type, autocast, cache_enabled=False),
        _CastFirst(autocast, inputs.dtype),
    ):
        yield


class _CastFirst(TorchFunctionMode):
    """Casts what enters layers with weights, and normalisations.

    Args:
        low: The type for layers with weights.
        high: That of parameters, for normalisations.
    """

    def __init__(self, low: torch.dtype, high: torch.dtype) -> None:
        super().__init__()
        self.low, self.high = low, high

    def __torch_function__(
        self, func: Callable[..., Any], types: object, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Call a function of torch's."""
        kwargs = kwargs or {}
        if func in LAYERS:
            cast = {name: _as(self.low, value) for name, value in kwargs.items()}
            return func(*(_as(self.low, value) for value in args), **cast)
        if func in NORMALISATIONS and args and isinstance(args[0], Tensor):
            first, *rest = args
            return func(_as(self.high, first), *rest, **kwargs).to(first.dtype)
        return func(*args, **kwargs)


def _as(dtype: torch.dtype, value: Any) -> Any:
    is_number = isinstance(value, Tensor) and value.is_floating_point()
    return value.to(dtype) if is_number else value
