"""What saving takes of a training, and how long a group takes to go on from its save."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from benchmarks.rows import Row
from benchmarks.suite.here import configs
from benchmarks.timing import scratch, seconds, spread
from runner.build import build_group
from runner.engine.recorder import Recorder
from runner.engine.saves import Saves
from runner.engine.train import Quiet, Training

TRAINED = 100.0  # seconds of training, with three saves at intervals
SAVED = {
    "512 small MLPs": ["-m", "model.hidden=[16]", "optim=adam", "epochs=9999", "seed=range(512)"],
    "the MLP on Fashion-MNIST": ["dataset=fashion-mnist", "batch_size=256", "epochs=9999"],
}


class Minutes(Quiet):
    """Ends the training as an interruption does."""

    def __init__(self, trained: float) -> None:
        self.end = perf_counter() + trained

    def step(self) -> None:
        """Interrupt, where it is time."""
        if perf_counter() > self.end:
            raise KeyboardInterrupt


def measure(trained: float = TRAINED) -> Iterator[Row]:
    """Train each group for a while, and go on from its last save."""
    for name, request in SAVED.items():
        with scratch() as folder:
            yield from _group(name, request, trained, folder)


def _group(name: str, request: list[str], trained: float, folder: Path) -> Iterator[Row]:
    configured = configs(*request)
    recorders = [Recorder(folder / str(job), {}, job) for job in range(len(configured))]
    saves = Saves(folder, seconds=30.0)
    training = Training(build_group(configured, recorders), Minutes(trained), saves)
    with suppress(KeyboardInterrupt):
        training.run()
    again = Training(build_group(configured, recorders), Quiet(), saves)
    going_on = seconds(lambda: again.restore(next(saves.load())))
    title = f"{name}, saved every 30 s, {training.seconds:.0f} s of training"
    yield Row(
        workload=title,
        implementation="its saves, the last one included",
        seconds=spread([saves.spent]),
        aim="at most a hundredth",
    )
    yield Row(workload=title, implementation="going on", seconds=spread([going_on]))
