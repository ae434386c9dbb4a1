"""What the answer to a sweep costs: tables, plots and report of 500 runs of 100 epochs.

The sweep is trained first, by the program itself; then ``python -m runner.report`` makes all again
from the runs' files, as a whole command. Beside it: the same command's imports, and each part
within one process.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.rows import Row
from benchmarks.timing import command, in_turn, ratios, scratch, seconds, spread

ROUNDS = 5
SWEEP = (
    *("-m", "runner", "-m", "dataset=high-dim-linear", "model=linreg", "batch_size=1"),
    *("regularizer.lambda=0,0.01,0.03,0.1,0.3,1,3,10,30,100", "optim.lr=0.001,0.003"),
)
IMPORTS = "import runner.results.plots.draw, runner.results.report.page"


def measure(repeats: int = 25, epochs: int = 100, rounds: int = ROUNDS) -> Iterator[Row]:
    """Measure the command, its imports and its parts."""
    title = f"tables, plots and report of {20 * repeats} runs of {epochs} epochs, from their files"
    with scratch() as scratched:
        folder = scratched / "sweep"
        more = (f"repeats={repeats}", f"epochs={epochs}", f"hydra.sweep.dir={folder}")
        command((*SWEEP, *more), scratched)
        taken = in_turn(
            {
                "whole": lambda _: command(("-m", "runner.report", folder), scratched)[0],
                "imports": lambda _: command(("-c", IMPORTS), scratched)[0],
            },
            rounds,
        )
        parts = in_turn({name: _timed(do) for name, do in _parts(folder).items()}, rounds)
    whole = taken["whole"]
    yield Row(workload=title, seconds=spread(whole), aim="at most 10 s")
    yield Row(
        workload=title,
        implementation="its imports alone",
        seconds=spread(taken["imports"]),
        ratio=ratios(taken["imports"], whole),
    )
    for name, values in parts.items():
        yield Row(workload=title, implementation=f"{name}, in one process", seconds=spread(values))


def _timed(do: Callable[[], object]) -> Callable[[int], float]:
    return lambda _: seconds(do)


def _parts(folder: Path) -> dict[str, Callable[[], object]]:
    from runner.results.plots.draw import draw_sweep
    from runner.results.report import write_report
    from runner.results.sweep import read_sweep, write_tables

    sweep = read_sweep(folder)
    write_tables(sweep)
    return {
        "reading and tables": lambda: write_tables(read_sweep(folder)),
        "plots": lambda: draw_sweep(sweep),
        "report": lambda: write_report(sweep),
    }
