"""What ``device.compile=inductor`` gains, how long it compiles, and whether the result is the same.

Groups are trained without files, one epoch of each way in turn, in one process, on as many threads
as the planner gives them; tests are not timed. The compiler's cache is empty at first.
"""

import os
from collections.abc import Iterator, Sequence
from tempfile import TemporaryDirectory
from unittest.mock import patch

from benchmarks.rows import Row, Spread
from benchmarks.suite.here import configs
from benchmarks.timing import in_turn, ratios, seconds, spread
from runner.build import build_group
from runner.config import Config
from runner.engine.cost import threads
from runner.engine.measure import evaluate
from runner.engine.train import Quiet, Training
from runner.sweep.plan import plan

CACHE = "TORCHINDUCTOR_CACHE_DIR"
ROUNDS = 5
STUDY = ("experiment=weight-decay", "repeats_of=seed", "eval_train=false")
FASHION = ("dataset=fashion-mnist", "batch_size=256", "epochs=20")
DIGITS = ("dataset=digits", "epochs=20")
WORK: dict[str, tuple[str, ...]] = {
    "linear regression": ("experiment=linear-regression", "epochs=20"),
    "64 linear regressions": ("experiment=linear-regression", "epochs=20", "repeats=64"),
    "512 linear models of 200 weights": (*STUDY, "repeats=256"),
    "MLP on digits": DIGITS,
    "MLP on digits, Adam": (*DIGITS, "optim=adam", "optim.lr=0.001"),
    "dropout MLP on digits": (*DIGITS, "model=dropout-mlp"),
    "MLP on Fashion-MNIST": (*FASHION, "model=mlp"),
    "dropout MLP on Fashion-MNIST": (*FASHION, "model=dropout-mlp"),
    "LeNet-BN on Fashion-MNIST": (*FASHION, "model=lenet-bn"),
    "DenseNet, 2,560 images of 32 pixels": (
        *FASHION,
        *("model=densenet", "dataset.resize=32", "dataset.train_size=2560", "batch_size=128"),
    ),
}


class Way:
    """A group whose epochs are timed.

    Args:
        study: The configs of its members.
        compilation: What ``device.compile`` is.
    """

    def __init__(self, study: Sequence[Config], compilation: str) -> None:
        asked = [
            c.model_copy(update={"device": c.device | {"compile": compilation}}) for c in study
        ]
        self.training = Training(build_group(asked, []), Quiet())
        self.first = 0.0

    def __call__(self, number: int) -> float:
        """Train an epoch, and return its seconds."""
        taken = seconds(self.training._train_epoch)
        self.first = self.first or taken
        return taken

    def quality(self) -> tuple[str, float]:
        """Return what came of it: the mean of the members' accuracy, or of their loss."""
        found = evaluate(self.training.group, "test")
        name = "accuracy" if "accuracy" in found else "loss"
        return f"test {name}", float(found[name].mean())


def measure(rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure each."""
    with TemporaryDirectory() as cache, patch.dict(os.environ, {CACHE: cache}):
        for workload, words in WORK.items():
            study = configs(*words, "device=cpu")
            with threads(plan(study, len(study))[0].threads):
                yield from _compared(f"{workload}, an epoch", study, rounds)


def _compared(workload: str, study: Sequence[Config], rounds: int) -> Iterator[Row]:
    plain, compiled = Way(study, "none"), Way(study, "inductor")
    taken = in_turn({"plain": plain, "compiled": compiled}, rounds)
    yield Row(workload=workload, seconds=spread(taken["plain"]), quality=plain.quality())
    yield Row(
        workload=workload,
        implementation="compiled",
        seconds=spread(taken["compiled"]),
        ratio=ratios(taken["compiled"], taken["plain"]),
        quality=compiled.quality(),
    )
    compiling = compiled.first - min(taken["compiled"])
    once = Spread(compiling, compiling, compiling, 1)
    yield Row(workload=workload, implementation="compiling, once", seconds=once)
