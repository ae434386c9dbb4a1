"""What a model remembers from one batch to the next, and where it keeps it."""

import torch
from torch import nn

from foreign_models.kinds import kind
from runner.models.base import Model


class Hidden(Model):
    """Two linear layers; ``between`` sees what the first one gives."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.before, self.after = nn.Linear(64, 8), nn.Linear(8, outputs)
        self.prepare()

    def forward(self, x):
        return self.after(self.between(self.before(x.flatten(1))))


def batch_norm(x, mean, var):
    """As courses write it: whether one trains is asked of autograd."""
    if not torch.is_grad_enabled():
        return (x - mean) / torch.sqrt(var + 1e-5), mean, var
    now, spread = x.mean(0), x.var(0, unbiased=False)
    mean, var = 0.9 * mean + 0.1 * now, 0.9 * var + 0.1 * spread
    return (x - now) / torch.sqrt(spread + 1e-5), mean.detach(), var.detach()


@kind("statistics in a buffer, changed in place")
class InPlaceBuffer(Hidden):
    def prepare(self):
        self.register_buffer("mean", torch.zeros(8))

    def between(self, x):
        if self.training:
            self.mean.mul_(0.9).add_(0.1 * x.detach().mean(0))
        return x - self.mean


@kind("statistics in a buffer, reassigned: `self.mean = …`")
class ReassignedBuffer(Hidden):
    def prepare(self):
        self.register_buffer("mean", torch.zeros(8))

    def between(self, x):
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * x.mean(0).detach()
        return x - self.mean


@kind("a batch normalisation written by hand, its statistics in buffers")
class HandWrittenBatchNorm(Hidden):
    def prepare(self):
        self.register_buffer("moving_mean", torch.zeros(8))
        self.register_buffer("moving_var", torch.ones(8))

    def between(self, x):
        x, self.moving_mean, self.moving_var = batch_norm(x, self.moving_mean, self.moving_var)
        return x


@kind("a batch normalisation written by hand, its statistics in plain attributes")
class PlainBatchNorm(Hidden):
    def prepare(self):
        self.moving_mean, self.moving_var = torch.zeros(8), torch.ones(8)

    def between(self, x):
        x, self.moving_mean, self.moving_var = batch_norm(x, self.moving_mean, self.moving_var)
        return x


@kind("a plain attribute of the last training batch, used in evaluation")
class LastBatch(Hidden):
    def prepare(self):
        self.mean = 0.0

    def between(self, x):
        if self.training:
            self.mean = x.detach().mean(0)
        return x - self.mean


@kind("steps counted in a plain number")
class Counter(Hidden):
    def prepare(self):
        self.steps = 0

    def between(self, x):
        self.steps += 1
        return torch.tanh(x) * min(1.0, self.steps / 1000)


@kind("steps counted in a buffer")
class CounterInBuffer(Hidden):
    def prepare(self):
        self.register_buffer("steps", torch.zeros(()))

    def between(self, x):
        if self.training:
            self.steps += 1
        return torch.tanh(x) * (self.steps / 10).clamp(max=1)


@kind("steps counted in a global variable")
class GlobalCounter(Hidden):
    counts = {"steps": 0}

    def prepare(self):
        pass

    def between(self, x):
        self.counts["steps"] += 1
        return torch.tanh(x) * self.counts["steps"]


@kind("the last activations, kept to be looked at")
class Looked(Hidden):
    def prepare(self):
        self.last = None

    def between(self, x):
        self.last = torch.tanh(x)
        return self.last


@kind("a mask made at the first forward pass and kept")
class KeptMask(Hidden):
    def prepare(self):
        self.mask = None

    def between(self, x):
        if self.mask is None:
            self.mask = torch.ones(8, dtype=x.dtype, device=x.device).cumsum(0) / 8
        return x * self.mask


@kind("a buffer made in forward")
class LateBuffer(Hidden):
    def prepare(self):
        pass

    def between(self, x):
        if not hasattr(self, "mean"):
            self.register_buffer("mean", x.detach().mean(0))
        return x - self.mean


@kind("a buffer that changes its shape")
class GrowingBuffer(Hidden):
    def prepare(self):
        self.register_buffer("mean", torch.zeros(1))

    def between(self, x):
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * x.detach().mean(0)
        return x - self.mean


@kind("a buffer that changes in evaluation too")
class AlwaysChanging(Hidden):
    def prepare(self):
        self.register_buffer("mean", torch.zeros(8))

    def between(self, x):
        self.mean.mul_(0.9).add_(0.1 * x.detach().mean(0))
        return x - self.mean


@kind("a buffer changed in place with a gradient")
class BufferWithGradient(Hidden):
    def prepare(self):
        self.register_buffer("mean", torch.zeros(8))

    def between(self, x):
        if self.training:
            self.mean.mul_(0.9).add_(0.1 * x.mean(0))
        return torch.tanh(x)


@kind("a buffer that is not saved, `persistent=False`")
class Unsaved(Hidden):
    def prepare(self):
        self.register_buffer("scale", torch.linspace(0.5, 1.5, 8), persistent=False)

    def between(self, x):
        return self.scale * torch.tanh(x)


@kind("a buffer of infinite numbers, a mask of attention")
class InfiniteMask(Hidden):
    def prepare(self):
        self.register_buffer("mask", torch.full((8, 8), float("-inf")).triu(1))

    def between(self, x):
        return ((x.unsqueeze(1) * x.unsqueeze(2)) + self.mask).softmax(2) @ torch.ones_like(
            x[0]
        ) + torch.tanh(x)


@kind("random features in a buffer")
class RandomBuffer(Hidden):
    def prepare(self):
        self.register_buffer("projection", torch.randn(8, 8))

    def between(self, x):
        return torch.cos(x @ self.projection)


@kind("random features in a plain attribute")
class RandomAttribute(Hidden):
    def prepare(self):
        self.projection = torch.randn(8, 8).tolist()

    def between(self, x):
        return torch.cos(x @ x.new_tensor(self.projection))


@kind("a plain attribute in another precision")
class OtherPrecision(Hidden):
    def prepare(self):
        self.projection = torch.eye(8)

    def between(self, x):
        return x @ self.projection
