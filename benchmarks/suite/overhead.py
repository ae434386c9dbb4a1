"""What composing, checking and recording a run costs, at 1,010 points: all but its training.

The files lie where ``TMPDIR`` says: ``TMPDIR=/dev/shm`` is in memory.
"""

from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

from benchmarks.rows import Row
from benchmarks.suite.here import train_epochs
from benchmarks.timing import scratch, seconds, spread
from runner.config import Config
from runner.engine.cost import threads
from runner.request.command_line import read
from runner.request.launching import Launching
from runner.request.points import RequestedRun
from runner.request.validate import check_request
from runner.results.sweep import read_sweep, write_tables
from runner.sweep.job import prepare
from runner.sweep.launch import set_out, train
from runner.sweep.progress import ProgressDisplay
from runner.sweep.widths import WIDEST

ROUNDS, LAST = 5, 0.201
SMALL = ["dataset=linear", "model=linreg", "dataset.train_size=10", "epochs=10", "repeats=5"]


def measure(last: float = LAST, rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure both parts, the first time of each dropped."""
    request = ["-m", f"optim.lr=range(0.001,{last},0.002)", "regularizer.lambda=0,1", *SMALL]
    points = check_request(read(request)).points
    checked = prepare(points)
    composing, recording = [], []
    for _ in range(rounds + 1):
        composing.append(seconds(lambda: prepare(check_request(read(request)).points)))
        with scratch() as folder, threads(1):
            whole = seconds(lambda: _record(points, checked, folder))
            recording.append(whole - seconds(lambda: train_epochs(checked)))
    title = f"{len(points):,} linear regressions of 10 epochs, files in {_place()}, for each run"
    for name, taken in (("composing and checking", composing), ("files and tables", recording)):
        each = spread([one / len(points) for one in taken[1:]])
        yield Row(workload=title, implementation=name, seconds=each)
    both = [sum(pair) / len(points) for pair in zip(composing[1:], recording[1:], strict=True)]
    aim = "at most 1.5 ms in memory, 5 ms on disk"
    yield Row(workload=title, implementation="both", seconds=spread(both), aim=aim)


def _place() -> str:
    with scratch() as folder:
        return "memory" if folder.is_relative_to("/dev/shm") else "the temporary folder"


def _record(points: Sequence[RequestedRun], checked: Sequence[Config], folder: Path) -> None:
    """Train a sweep with all its files, as the command does."""
    folders = [folder / str(job) for job in range(len(points))]
    with redirect_stdout(StringIO()):
        set_out(folder, points, checked, folders, Launching(WIDEST), is_sweep=True)
        train(folder, ProgressDisplay(len(points)))
    write_tables(read_sweep(folder))
