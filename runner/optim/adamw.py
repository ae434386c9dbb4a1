"""Adam with decoupled weight decay."""

from torch import Tensor

from runner.optim.adam import Adam
from runner.optim.base import Tensors
from runner.registry import register


@register("optim", "adamw")
class AdamW(Adam):
    """Adam that shrinks the weights by ``lr · weight_decay`` instead of decaying the gradient.

    Equal to ``torch.optim.AdamW`` up to rounding.

    Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.
    """

    def decay_tables(self, lr: Tensor) -> Tensors:
        """Return what is kept of the weights, (T, S)."""
        return {"kept": 1 - lr * self.weight_decay}

    def decay(self, param: Tensor, grad: Tensor, at: Tensors) -> None:
        """Shrink the weights themselves; the gradient stays as it is."""
        param.mul_(at["kept"])
