"""What becomes of a kind of model: trained by this program, and by a loop written out by hand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

import runner
from foreign_models.kinds import Kind
from runner import registry
from runner.build import build_model, load_data
from runner.component_keys import adapters
from runner.config import Config, check
from runner.engine.checkpoint import load
from runner.engine.rng import generator, isolated
from runner.errors import RequestError
from runner.losses.objectives import Himmelblau
from runner.request.launching import Launching
from runner.request.points import Composer, RequestedRun
from runner.results.read.runs import read_run
from runner.sweep.launch import set_out, train
from runner.sweep.progress import ProgressDisplay
from runner.tryout import Trials

NAME = "my-net"
LR, MOMENTUM, PENALTY, EPOCHS, BATCH = 0.05, 0.9, 0.01, 2, 16
USUAL = (
    *("dataset=digits", "dataset.val_fraction=0", "dataset.test_fraction=0.02"),
    *("dataset.train_size=40", f"batch_size={BATCH}", f"epochs={EPOCHS}", "device=cpu"),
    *("device.precision=float64", f"optim.lr={LR}", f"optim.momentum={MOMENTUM}"),
    f"regularizer.lambda={PENALTY}",
)
# In float64, over six steps: sums in another order differ by 1e-16 in each.
WITHIN = {"rtol": 1e-9, "atol": 1e-11}


@dataclass(frozen=True)
class Verdict:
    """What became of a kind.

    Attributes:
        refusal: Why it is refused before anything is made; None where it is trained.
        together: Whether its runs trained in one loop, else one after another.
        faults: Where what it gave differs from what it should have; none, it is to be hoped.
    """

    refusal: str | None
    together: bool
    faults: tuple[str, ...]


@contextmanager
def registered(kind: Kind) -> Iterator[None]:
    """Make a kind a component of this program for a while, as an installed package would."""
    registry.names("model")  # those of this program are there first
    registry._components["model"][NAME] = kind.model
    adapters.cache_clear()
    try:
        yield
    finally:
        del registry._components["model"][NAME]


def try_kind(kind: Kind, composer: Composer, folder: Path) -> Verdict:
    """Train two runs of a kind alone and together, and compare them with loops by hand."""
    with registered(kind):
        points = [point_of(kind, composer, seed) for seed in (3, 4)]
        try:
            configs = [check(point.resolved) for point in points]
            Trials()(configs[0], load_data(configs[0]))
        except RequestError as refusal:
            return Verdict(str(refusal), False, ())
        alone, together = folder / "alone", folder / "together"
        _train(points, configs, alone, 1)
        _train(points, configs, together, 2)
        by_hand = [_by_hand(config) for config in configs]
        faults = [
            *_differences(alone, by_hand, "alone"),
            *_differences(together, by_hand, "together"),
            *_loaded(together, by_hand, configs),
        ]
        stacked = read_run(together / "0").summary["width"] == 2
        return Verdict(None, stacked, tuple(faults))


def point_of(kind: Kind, composer: Composer, seed: int) -> RequestedRun:
    """A run of a kind; where it minimises a function there are no batches."""
    own = {line.partition("=")[0] for line in kind.overrides}
    usual = [] if "dataset" not in own else ["model=point" if "loss" in own else "model=linreg"]
    kept = [line for line in USUAL if not ("dataset" in own and line.startswith("dataset"))]
    if "dataset=linear" in kind.overrides:
        kept += ["dataset.train_size=40"]
    point = composer.point([*usual, *kept, *kind.overrides, f"seed={seed}"])
    return replace(point, plain={**point.plain, "model": {"name": NAME, **kind.keys}})


def _train(
    points: Sequence[RequestedRun], configs: Sequence[Config], folder: Path, width: int
) -> None:
    folders = [folder / str(job) for job in range(len(points))]
    set_out(folder, points, configs, folders, Launching(width), is_sweep=True)
    train(folder, ProgressDisplay(len(points)))


# ---------------------------------------------------------------- the same by hand


def _by_hand(config: Config) -> tuple[nn.Module, float]:
    """Train a model as a textbook does, and return it with its last loss on the test set.

    Its initial weights and the order of its examples are the run's own, nothing else is.
    """
    data = load_data(config)
    model = build_model(config, data).double()
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(learnt, lr=LR, momentum=MOMENTUM)
    for parameter in learnt:  # what a step does not use has a gradient of zero
        parameter.grad = torch.zeros_like(parameter)
    order = generator(config.seed, "order")
    inputs, targets = data.prepare(data.train.inputs, torch.float64), data.train.targets
    objective = data.task == "objective"
    batch_size = 1 if objective else config.batch_size
    with isolated(config.seed, "global"):
        loss = _evaluate(model, data) if objective else 0.0
        for _ in range(EPOCHS):
            model.train()
            for rows in torch.randperm(len(inputs), generator=order).split(batch_size):
                optimizer.zero_grad(set_to_none=False)
                mean = _losses(model(inputs[rows]), targets[rows]).mean()
                penalty = sum(w.square().sum() for w in learnt if w.ndim >= 2)
                (mean + PENALTY / 2 * penalty).backward()
                optimizer.step()
            loss = _evaluate(model, data)
    return model.eval(), loss


def _losses(logits: Tensor, targets: Tensor) -> Tensor:
    if not targets.is_floating_point():
        return cross_entropy(logits, targets, reduction="none")
    if not targets.shape[1]:
        return Himmelblau().value(logits)
    return mse_loss(logits, targets.double(), reduction="none").mean(1) / 2


def _evaluate(model: nn.Module, data) -> float:
    split = data.test if data.test is not None else data.train
    model.eval()
    with torch.no_grad():
        logits = model(data.prepare(split.inputs, torch.float64))
    return _losses(logits, split.targets).mean().item()


# ---------------------------------------------------------------- what differs


def _differences(folder: Path, by_hand, how: str) -> list[str]:
    faults = []
    for job, (model, loss) in enumerate(by_hand):
        run = read_run(folder / str(job))
        if run.summary["status"] == "diverged" and not isfinite(loss):
            continue
        if run.summary["status"] != "ok":
            faults.append(f"{how}: {run.summary['status']}: {run.summary['reason']}")
            continue
        saved = load(folder / str(job) / "checkpoints" / "last.pt")
        for name, tensor in (saved["params"] | saved["buffers"]).items():
            own = dict(model.named_parameters()) | dict(model.named_buffers())
            if not torch.allclose(tensor, own[name].detach(), equal_nan=True, **WITHIN):
                faults.append(f"{how}: '{name}' differs")
        column = "test/loss" if "test/loss" in run.metrics else "train/loss"
        if abs(run.metrics[column].iloc[-1] - loss) > 1e-7 * max(1, abs(loss)):  # nine digits
            faults.append(f"{how}: {column} differs")
    return faults


def _loaded(folder: Path, by_hand, configs: Sequence[Config]) -> list[str]:
    faults = []
    for job, (model, _) in enumerate(by_hand):
        if read_run(folder / str(job)).summary["status"] != "ok":
            continue
        data = load_data(configs[job])
        raw = data.train.inputs[:5]
        taken_back = runner.load_model(folder / str(job), "last")
        with torch.no_grad():
            with isolated(0, "compared"):
                theirs = taken_back(raw.clone())
            with isolated(0, "compared"):
                mine = model(data.prepare(raw, torch.float64))
        if not torch.allclose(theirs, mine, equal_nan=True, **WITHIN):
            faults.append("load_model: the outputs differ")
    return faults
