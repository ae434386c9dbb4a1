"""Kinds of parameters. Inputs are images (1, 8, 8) of digits, in ten classes."""

from itertools import pairwise

import torch
from torch import nn
from torch.nn.functional import linear
from torch.nn.utils import parametrizations

from foreign_models.kinds import kind
from runner.models.base import Model


@kind("`nn.Sequential`")
class Plain(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, outputs)
        )

    def forward(self, x):
        return self.layers(x)


@kind("`nn.Parameter` and `torch.nn.functional`")
class Functional(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, 64) * 0.01)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return linear(x.flatten(1), self.weight, self.bias)


@kind("`nn.ModuleList` and `nn.ModuleDict`")
class Modules(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.hidden = nn.ModuleList([nn.Linear(64, 8), nn.Linear(8, 8)])
        self.ends = nn.ModuleDict({"logits": nn.Linear(8, outputs)})

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return self.ends["logits"](x)


@kind("`nn.ParameterList`")
class Parameters(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        sizes = (64, 8, outputs)
        self.weights = nn.ParameterList([torch.randn(m, n) / 8 for m, n in pairwise(sizes)])

    def forward(self, x):
        x = x.flatten(1)
        for weight in self.weights:
            x = torch.tanh(x @ weight)
        return x


@kind("tied weights, one `nn.Parameter` under two names")
class Tied(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.narrow = nn.Linear(64, 10)
        self.first, self.second = nn.Linear(10, 10), nn.Linear(10, 10)
        self.second.weight = self.first.weight

    def forward(self, x):
        return self.second(torch.tanh(self.first(self.narrow(x.flatten(1)))))


@kind("a layer used twice")
class Twice(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.narrow, self.again = nn.Linear(64, 10), nn.Linear(10, 10)

    def forward(self, x):
        return self.again(torch.tanh(self.again(self.narrow(x.flatten(1)))))


@kind("weights that share their memory by `.data`")
class TiedInMemory(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.narrow = nn.Linear(64, 10)
        self.first, self.second = nn.Linear(10, 10), nn.Linear(10, 10)
        self.second.weight.data = self.first.weight.data

    def forward(self, x):
        return self.second(torch.tanh(self.first(self.narrow(x.flatten(1)))))


@kind("a frozen layer, `requires_grad_(False)`")
class FrozenLayer(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.features = nn.Linear(64, 16).requires_grad_(False)
        self.head = nn.Linear(16, outputs)

    def forward(self, x):
        return self.head(torch.relu(self.features(x.flatten(1))))


@kind("one frozen tensor, `nn.Parameter(…, requires_grad=False)`")
class FrozenTensor(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.projection = nn.Parameter(torch.randn(64, 16) / 8, requires_grad=False)
        self.head = nn.Linear(16, outputs)

    def forward(self, x):
        return self.head(torch.relu(x.flatten(1) @ self.projection))


@kind("a frozen weight that is tied")
class FrozenTied(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.narrow = nn.Linear(64, 10)
        self.first, self.second = nn.Linear(10, 10), nn.Linear(10, 10)
        self.second.weight = self.first.weight
        self.second.weight.requires_grad_(False)

    def forward(self, x):
        return self.second(torch.tanh(self.first(self.narrow(x.flatten(1)))))


@kind("frozen parameters alone")
class AllFrozen(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(64, outputs).requires_grad_(False)

    def forward(self, x):
        return self.linear(x.flatten(1))


@kind("a parameter that is never used: its gradient is zero")
class Unused(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(64, outputs)
        self.forgotten = nn.Linear(64, 3)

    def forward(self, x):
        return self.linear(x.flatten(1))


@kind("no parameters")
class Nothing(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.outputs = outputs

    def forward(self, x):
        return x.flatten(1)[:, : self.outputs]


@kind("complex parameters")
class Complex(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(64, outputs, dtype=torch.complex64))

    def forward(self, x):
        return (x.flatten(1).to(self.weight.dtype) @ self.weight).abs()


@kind("a parameter of whole numbers, `requires_grad=False`")
class Whole(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.order = nn.Parameter(torch.randperm(64), requires_grad=False)
        self.linear = nn.Linear(64, outputs)

    def forward(self, x):
        return self.linear(x.flatten(1)[:, self.order])


@kind("float64 parameters among others: all take `device.precision`")
class Double(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(64, outputs)
        self.scale = nn.Parameter(torch.ones(outputs, dtype=torch.float64))

    def forward(self, x):
        return self.scale * self.linear(x.flatten(1))


@kind("layers in a plain list")
class PlainList(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.hidden = [nn.Linear(64, 8), nn.Linear(8, 8)]
        self.head = nn.Linear(8, outputs)

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return self.head(x)


@kind("a parameter used through a function that keeps it")
class Captured(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(64, outputs)
        weight = self.linear.weight
        self.apply_weight = lambda x: linear(x, weight)

    def forward(self, x):
        return self.apply_weight(x.flatten(1)) + self.linear.bias


@kind("a hook on a parameter, `weight.register_hook`")
class ParameterHook(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(64, outputs)
        self.linear.weight.register_hook(lambda gradient: gradient / 2)

    def forward(self, x):
        return self.linear(x.flatten(1))


@kind("lazy layers, `nn.LazyLinear`")
class Lazy(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.LazyLinear(8), nn.LazyBatchNorm1d(), nn.LazyLinear(outputs)
        )

    def forward(self, x):
        return self.layers(x)


@kind("weight normalisation, `parametrizations.weight_norm`")
class WeightNorm(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.hidden = parametrizations.weight_norm(nn.Linear(64, 8))
        self.head = nn.Linear(8, outputs)

    def forward(self, x):
        return self.head(torch.tanh(self.hidden(x.flatten(1))))


@kind("spectral normalisation, `parametrizations.spectral_norm`")
class SpectralNorm(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.hidden = parametrizations.spectral_norm(nn.Linear(64, 8))
        self.head = nn.Linear(8, outputs)

    def forward(self, x):
        return self.head(torch.tanh(self.hidden(x.flatten(1))))


@kind("weights clipped in forward while training")
class Clipped(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(64, outputs)

    def forward(self, x):
        if self.training:
            with torch.no_grad():
                self.linear.weight.clamp_(-0.1, 0.1)
        return self.linear(x.flatten(1))


@kind("initial weights from NumPy's random numbers")
class NumpyWeights(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        import numpy as np

        self.weight = nn.Parameter(torch.from_numpy(np.random.randn(64, outputs) * 0.01))

    def forward(self, x):
        return x.flatten(1) @ self.weight
