"""The whole command ``python -m runner``, with its plots, against importing what it needs.

    python benchmarks/command.py

The two commands run in turn; the median of the ratios pair by pair is printed.
"""

import statistics
import subprocess
import sys
import tempfile
import time

REPEATS = 9
OURS = [sys.executable, "-m", "runner"]
IMPORTS = [sys.executable, "-c", "import torch, sklearn.datasets, pandas, matplotlib.pyplot"]
HELP = [sys.executable, "-m", "runner", "--help"]


def seconds(command: list[str], folder: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> int:
    """Time the whole command against its imports alone."""
    with tempfile.TemporaryDirectory() as folder:
        for command in (OURS, IMPORTS, HELP):
            seconds(command, folder)
        pairs = [(seconds(OURS, folder), seconds(IMPORTS, folder)) for _ in range(REPEATS)]
        helps = [seconds(HELP, folder) for _ in range(REPEATS)]
    ratio = statistics.median(ours / imports for ours, imports in pairs)
    print(f"python -m runner: median {statistics.median(ours for ours, _ in pairs):.2f} s")
    print(f"imports alone: median {statistics.median(imports for _, imports in pairs):.2f} s")
    print(f"ratio {ratio:.2f} (aim 1.5)")
    print(f"--help: median {statistics.median(helps):.2f} s (aim 0.5)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
