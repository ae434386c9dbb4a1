"""What models give, right and wrong: ten classes of digits, or one target number of ``linear``."""

from math import prod

import torch
from torch import nn

from foreign_models.kinds import kind
from runner.models.base import Model

NUMBERS = ("dataset=linear", "dataset.test_size=30")


class Linear(Model):
    """A linear layer, and something done to what it gives."""

    wanted = None

    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(prod(inputs), self.wanted or outputs)

    def forward(self, x):
        return self.end(self.linear(x.flatten(1)))

    def end(self, x):
        return x


@kind("one number of an example", *NUMBERS)
class Number(Linear):
    pass


@kind("numbers of shape (B,)", *NUMBERS)
class Flat(Linear):
    def end(self, x):
        return x.squeeze(1)


@kind("two numbers where there is one target", *NUMBERS)
class TwoNumbers(Linear):
    wanted = 2


@kind("more logits than classes")
class MoreLogits(Linear):
    wanted = 11


@kind("fewer logits than classes")
class FewerLogits(Linear):
    wanted = 9


@kind("a tuple")
class Pair(Linear):
    def end(self, x):
        return x, x


@kind("a dictionary")
class Named(Linear):
    def end(self, x):
        return {"logits": x}


@kind("nothing: a forward without `return`")
class Forgotten(Linear):
    def end(self, x):
        pass


@kind("classes in place of logits")
class Classes(Linear):
    def end(self, x):
        return x.argmax(1)


@kind("complex numbers")
class ComplexOutput(Linear):
    def end(self, x):
        return torch.complex(x, x)


@kind("numbers of less precision than asked for")
class LessPrecise(Linear):
    def end(self, x):
        return x.float()


@kind("numbers that are not finite at the start: the run will be called diverged")
class NotFinite(Linear):
    def end(self, x):
        return x / 0


@kind(
    "`squeeze()`, where an evaluation ends with a batch of one example",
    "dataset.test_fraction=0.1395",
)
class Squeezed(Linear):
    def end(self, x):
        return x.squeeze()


@kind("a batch size written into forward")
class FixedBatch(Linear):
    def forward(self, x):
        return self.linear(x.view(16, 64))


@kind("batch normalisation, and `batch_size=1`", "batch_size=1")
class OneExample(Model):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Linear(64, outputs))

    def forward(self, x):
        return self.layers(x)


@kind(
    "a point for a function of two coordinates",
    "dataset=none",
    "loss=himmelblau",
    "dataset.steps_per_epoch=5",
)
class OwnPoint(Model):
    tasks = frozenset({"objective"})

    def __init__(self, inputs, outputs):
        super().__init__()
        self.place = nn.Parameter(torch.ones(2))

    def forward(self, x):
        return self.place.expand(len(x), 2)


@kind("a point of three coordinates for a function of two", "dataset=none", "loss=himmelblau")
class WrongPoint(OwnPoint):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.place = nn.Parameter(torch.ones(3))

    def forward(self, x):
        return self.place.expand(len(x), 3)
