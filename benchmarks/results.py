"""What the answer to a sweep costs: tables, plots and report of 500 runs of 100 epochs.

The sweep is trained first, by the program itself; then ``python -m runner.report`` makes all again
from the runs' files, as a whole command in a process of its own. Beside it: the same command's
imports, and each part within one process. Run it: ``python benchmarks/results.py``.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SWEEP = (
    "-m", "dataset=high-dim-linear", "model=linreg", "batch_size=1", "epochs=100",
    "regularizer.lambda=0,0.01,0.03,0.1,0.3,1,3,10,30,100", "optim.lr=0.001,0.003", "repeats=25",
)  # fmt: skip
REPEATS = 5


def seconds(*command):
    began = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def parts(folder):
    """Seconds for each part, within one process."""
    from runner.results.plots.draw import draw_sweep
    from runner.results.report import write_report
    from runner.results.sweep import read_sweep, write_tables

    sweep = read_sweep(folder)
    write_tables(sweep)
    work = {
        "reading and tables": lambda: write_tables(read_sweep(folder)),
        "plots": lambda: draw_sweep(sweep),
        "report": lambda: write_report(sweep),
    }
    times = {name: [] for name in work}
    for _ in range(REPEATS + 1):  # the first finds everything cold
        for name, do in work.items():
            began = time.perf_counter()
            do()
            times[name].append(time.perf_counter() - began)
    return {name: statistics.median(values[1:]) for name, values in times.items()}


def main() -> None:
    """Print how long each step from a sweep's files to its tables and pages takes, in seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "sweep"
        subprocess.run(
            [sys.executable, "-m", "runner", *SWEEP, f"hydra.sweep.dir={folder}"],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        imports = "import runner.results.plots.draw, runner.results.report.page"
        pairs = [
            (seconds("-m", "runner.report", str(folder)), seconds("-c", imports))
            for _ in range(REPEATS)
        ]
        whole, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
        print("500 runs of 100 epochs, from their files")
        print(f"python -m runner.report   {whole:6.2f} s")
        print(f"its imports alone         {bare:6.2f} s")
        for name, value in parts(folder).items():
            print(f"{name:25} {value:6.2f} s")
        print(f"report.html               {(folder / 'report.html').stat().st_size / 1e6:6.2f} MB")


if __name__ == "__main__":
    main()
