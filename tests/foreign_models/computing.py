"""What models do in forward, and in their constructors."""

import random

import numpy as np
import torch
from torch import nn

from foreign_models.kinds import kind
from runner.models.base import Model


class Linear(Model):
    """A linear layer, and something done to what it gives."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(64, outputs)

    def forward(self, x):
        return self.end(self.linear(x.flatten(1)))


@kind("a branch on the data")
class Branch(Linear):
    def end(self, x):
        return torch.tanh(x) if x.max() > 0.5 else x


@kind("a branch on the data in evaluation alone")
class BranchInEvaluation(Linear):
    def end(self, x):
        if not self.training and x.max() > 0.5:
            return x.clamp(max=0.5)
        return x


@kind("`torch.where` in place of a branch")
class Where(Linear):
    def end(self, x):
        return torch.where(x > 0, x, 0.1 * x)


@kind("`.item()`")
class Item(Linear):
    def end(self, x):
        return x / (1 + x.detach().abs().max().item())


@kind("normal noise while training, `torch.randn_like`")
class Noise(Linear):
    def end(self, x):
        return x + 0.1 * torch.randn_like(x) if self.training else x


@kind("normal noise in evaluation too")
class NoiseAlways(Linear):
    def end(self, x):
        return x + 0.1 * torch.randn_like(x)


@kind("a layer left out at random, `torch.rand(()) < 0.5`")
class StochasticDepth(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.narrow, self.block = nn.Linear(64, outputs), nn.Linear(outputs, outputs)

    def forward(self, x):
        x = self.narrow(x.flatten(1))
        if self.training and torch.rand(()) < 0.5:
            return x
        return x + torch.tanh(self.block(x))


@kind("NumPy's random numbers in forward")
class NumpyNoise(Linear):
    def end(self, x):
        return x * np.random.uniform(0.9, 1.1) if self.training else x


@kind("Python's random numbers in forward")
class PythonNoise(Linear):
    def end(self, x):
        return x * random.uniform(0.9, 1.1) if self.training else x


@kind("a generator of its own")
class OwnGenerator(Linear):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.generator = torch.Generator().manual_seed(0)

    def end(self, x):
        return x * torch.rand((), generator=self.generator) if self.training else x


@kind("operations in place on activations")
class InPlace(Linear):
    def end(self, x):
        return x.mul_(2).add_(1)


@kind("changing its input in place")
class InputInPlace(Linear):
    def forward(self, x):
        x -= 0.5
        return self.linear(x.flatten(1))


@kind("adding to its input", "dataset=linear", "dataset.test_size=30")
class Residual(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return x[:, :1] + self.shift


@kind("`torch.no_grad()` around a part of it")
class PartWithoutGradient(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.features, self.head = nn.Linear(64, 8), nn.Linear(8, outputs)

    def forward(self, x):
        with torch.no_grad():
            x = torch.relu(self.features(x.flatten(1)))
        return self.head(x)


@kind("`torch.no_grad()` around all of it")
class WithoutGradient(Linear):
    @torch.no_grad()
    def forward(self, x):
        return self.linear(x.flatten(1))


@kind("a detached output")
class Detached(Linear):
    def end(self, x):
        return x.detach()


class _Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, gradient):
        return 2 * gradient


@kind("an `autograd.Function` of its own")
class OwnGradient(Linear):
    def end(self, x):
        return _Scaled.apply(x)


@kind("forward hooks set in the constructor")
class ForwardHook(Linear):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.linear.register_forward_hook(lambda _, args, output: output / 2)

    def end(self, x):
        return x


@kind("full backward hooks set in the constructor")
class BackwardHook(Linear):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.squash = nn.Tanh()
        self.squash.register_full_backward_hook(lambda _, given, wanted: (given[0] / 2,))

    def end(self, x):
        return self.squash(x)


@kind("`forward(self, x, extra=None)`")
class Extra(Linear):
    def forward(self, x, extra=None):
        x = self.linear(x.flatten(1))
        return x if extra is None else x + extra


@kind("`print` in forward")
class Prints(Linear):
    def end(self, x):
        print(x.shape)
        return x


@kind("a tensor made in forward, `torch.zeros(…)`, in float32")
class MadeInForward(Linear):
    def end(self, x):
        return torch.cat([x[:, :5], x[:, 5:] + torch.zeros(5)], 1)


@kind("a matrix made in forward in float32, under `device.precision=float64`")
class MatrixMadeInForward(Linear):
    def end(self, x):
        return x @ torch.eye(10)


@kind("a key after `*`, with its type", width=8)
class Key(Model):
    def __init__(self, inputs, outputs, *, width: int):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.Linear(width, outputs))

    def forward(self, x):
        return self.layers(x)


@kind("a key after `*`, without its type", width=8)
class UntypedKey(Key):
    def __init__(self, inputs, outputs, *, width):
        super().__init__(inputs, outputs, width=width)


@kind("a key before `*`", width=8)
class PositionalKey(Key):
    def __init__(self, inputs, outputs, width=8):
        super().__init__(inputs, outputs, width=width)


@kind("keys in `**kwargs`", width=8)
class AnyKeys(Key):
    def __init__(self, inputs, outputs, **kwargs):
        super().__init__(inputs, outputs, **kwargs)


@kind("a constructor that raises")
class Unbuildable(Linear):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.linear = nn.Linear(inputs, outputs)


@kind("a forward that raises")
class Raises(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(32, outputs)

    def forward(self, x):
        return self.linear(x.flatten(1))


@kind("no `Model` but an `nn.Module`")
class NoModel(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(64, outputs)

    def forward(self, x):
        return self.linear(x.flatten(1))
