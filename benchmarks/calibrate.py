"""Measures what the planner's cost model says a step costs, and writes its constants.

    python benchmarks/calibrate.py            # writes runner/sweep/cost.yaml for the CPU
    python benchmarks/calibrate.py cuda       # for a GPU, beside the CPU's

Steps of many kinds of run are timed at widths 1, 2, 4, …, 1024, and so are the operations of a kind
within them; the constants are those, none below 0, that make the squares of the relative errors
least. On a CPU the clock is that of this
thread alone, so that what else the machine does counts for little; the least of several passes is
taken. None of these requests is a study: `plan.py` beside this file tests the model on those.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from scipy.optimize import nnls

from runner.build import build_group
from runner.config import Config, check
from runner.engine.cost import threads
from runner.engine.counts import Counting, Operation
from runner.engine.group import Group
from runner.engine.rehearsal import endless_steps
from runner.engine.train import Quiet, Training
from runner.request.command_line import read
from runner.request.validate import check_request
from runner.sweep import cost
from runner.sweep.widths import WIDEST

LINEAR = "dataset=linear model=linreg"
DIGITS = {
    "softmax": "model=softmax",
    "MLP": "model=mlp",
    "MLP, Adam": "model=mlp optim=adam",
    "MLP of 8 layers": "model=mlp model.hidden=[64,64,64,64,64,64,64,64] gradient_norms=true "
    "model.activation=sigmoid",
    "MLP, batch 8": "model=mlp batch_size=8",
    "MLP of 16 units": "model=mlp model.hidden=[16] model.activation=tanh",
    "MLP, batch 256": "model=mlp model.hidden=[64] batch_size=256",
    "dropout MLP": "model=dropout-mlp",
    "small dropout MLP": "model=dropout-mlp model.hidden=[32,32] batch_size=8",
    "scratch": "model=scratch",
    "LeNet": "model=lenet",
    "LeNet, batch 4": "model=lenet batch_size=4",
    "LeNet, Adam": "model=lenet model.activation=relu optim=adam batch_size=16",
    "LeNet-BN": "model=lenet-bn",
    "small LeNet-BN": "model=lenet-bn dataset.resize=16 batch_size=8",
    "LeNet, augmented": "model=lenet dataset.augment=[rotate,crop]",
    "ResNet": "model=resnet dataset.resize=32 batch_size=2",
    "DenseNet": "model=densenet dataset.resize=32 batch_size=2",
}
REQUESTS = {
    "linear regression, batch 1": f"{LINEAR} batch_size=1",
    "linear regression, momentum": f"{LINEAR} optim=momentum",
    "linear regression of 200": "dataset=high-dim-linear model=linreg batch_size=1 "
    "regularizer.lambda=3",
    "Himmelblau": "dataset=none model=point loss=himmelblau model.start=[-4,0] optim=adam",
    "Planck": "dataset=planck model=planck",
} | {name: f"dataset=digits {request}" for name, request in DIGITS.items()}

PASSES = 3
LONGEST = 0.3  # seconds of a step: wider ones are not tried
SPENT = 0.05  # seconds on the steps of a width in each pass, 5 steps at least
LONG = 20e-6  # seconds: a shorter operation is mostly overhead
SHARE = 0.3  # how much operations by themselves count beside whole steps
FILE = Path(cost.__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Measured:
    """Some work and the seconds that it took; ``weight`` says how much it counts."""

    work: dict[str, float]
    seconds: float
    weight: float


class Timing(Counting):
    """Counts operations and times each."""

    def __init__(self, read: Callable[[], float]) -> None:
        super().__init__()
        self.read = read
        self.times: list[float] = []

    def run(self, func: Any, args: Any, kwargs: Any) -> Any:
        """Run an operation against the clock."""
        before = self.read()
        result = func(*args, **kwargs)
        self.times.append(self.read() - before)
        return result


def configs(request: str, members: int) -> list[Config]:
    """Return the configs of a request with as many seeds."""
    words = ["-m", *request.split(), f"repeats={members}"]
    return [check(point.resolved) for point in check_request(read(words)).points]


def clock(device: torch.device) -> float:
    """Read the time that this thread has had of its CPU, or of a GPU when it is done."""
    if device.type == "cpu":
        return time.thread_time()
    torch.accelerator.synchronize()
    return time.perf_counter()


def step_seconds(group: Group, least: float) -> float:
    """Return the least time of a step; as many are taken as the last width's time suggests."""
    number = max(5, min(200, int(SPENT / max(least, 1e-4))))
    times = [clock(group.device)]
    times += [clock(group.device) for _ in islice(endless_steps(Training(group, Quiet())), number)]
    return min(after - before for before, after in pairwise(times))


def timed_operations(group: Group) -> tuple[list[Operation], np.ndarray]:
    """Return the operations of a step that is not the first, and the least time of each."""
    steps = endless_steps(Training(group, Quiet()))
    next(steps)
    least: np.ndarray | None = None
    for _ in range(PASSES):
        with Timing(partial(clock, group.device)) as timing:
            next(steps)
        times = np.array(timing.times)
        if least is None:
            operations, least = timing.operations, times
        elif len(times) == len(least):  # an epoch may end between two
            least = np.minimum(least, times)
    assert least is not None
    return operations, least


def by_kind(operations: Sequence[Operation], times: np.ndarray) -> Iterator[Measured]:
    """Sum up the operations of a kind, where they are long enough to tell their work's price."""
    moved = sum(operation.moved for operation in operations)
    beyond = max(0.0, 1 - cost.constants()["cache"] / moved)
    for kind in {operation.kind for operation in operations} - {"view"}:
        mine = [i for i, operation in enumerate(operations) if operation.kind == kind]
        if times[mine].sum() < LONG * len(mine):
            continue
        amounts: Counter[str] = Counter()
        for i in mine:
            amounts.update(cost.effort(operations[i], 1.0))
            amounts["byte beyond the cache"] += beyond * operations[i].moved
        yield Measured(dict(amounts), float(times[mine].sum()), SHARE)


def measure(members: Sequence[Config]) -> tuple[dict[int, float], list[Measured]]:
    """Return the least seconds of a step at each width, and of the kinds of its operations."""
    found: dict[int, float] = {}
    kinds: list[Measured] = []
    for turn in range(PASSES):
        least = 0.0
        for width in (2**power for power in range(WIDEST.bit_length())):
            if 2 * least > LONGEST:
                break
            group = build_group(members[:width], [])
            least = step_seconds(group, least)
            found[width] = min(least, found.get(width, least))
            if turn == 0:
                kinds += by_kind(*timed_operations(group))
    return found, kinds


def counts(members: Sequence[Config]) -> cost.Counts:
    """Count a step alone and stacked, as the planner does."""
    alone, stacked = (Training(build_group(members[:n], []), Quiet()) for n in (1, cost.COUNTED))
    return cost.Counts(alone.count(), stacked.count())


def fitted(measured: Sequence[Measured]) -> dict[str, float]:
    """Return the seconds of each amount of work that make relative errors least."""
    names = sorted({name for one in measured for name in one.work})
    table = np.array(
        [[one.work.get(name, 0.0) / one.seconds for name in names] for one in measured]
    )
    weights = np.array([one.weight for one in measured])
    largest = table.max(0)
    largest[largest == 0] = 1
    prices = nnls(table / largest * weights[:, None], weights)[0] / largest
    return {name: float(f"{price:.3g}") for name, price in zip(names, prices, strict=True)}


def write(kind: str, prices: dict[str, float]) -> None:
    """Put the constants of a kind of device into the file, whose comments stay."""
    text = FILE.read_text(encoding="utf-8")
    comments = "".join(line for line in text.splitlines(True) if line.startswith("#"))
    constants = yaml.safe_load(text) | {kind: prices}
    FILE.write_text(comments + yaml.safe_dump(constants, sort_keys=False), encoding="utf-8")


def main(kind: str = "cpu") -> int:
    """Measure, fit and write."""
    measured: list[Measured] = []
    for name, request in REQUESTS.items():
        members = configs(f"{request} device={kind}", WIDEST)
        with threads(1):
            counted = counts(members)
            found, kinds = measure(members)
        measured += kinds
        measured += [Measured(cost.work(counted, w), least, 1.0) for w, least in found.items()]
        told = ", ".join(f"{1000 * least / w:.3g} at {w}" for w, least in found.items())
        print(f"{name}: ms a step and member {told}", flush=True)
    prices = fitted(measured)
    write(kind, prices)
    steps = [one for one in measured if one.weight == 1]
    ratios = [sum(prices[k] * v for k, v in one.work.items()) / one.seconds for one in steps]
    told = ", ".join(f"{ratio:.2f}" for ratio in np.percentile(ratios, [5, 50, 95]))
    print(f"{len(steps)} steps, predicted / measured at the 5th, 50th, 95th percentile: {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
