"""How often a comparison of real sweeps finds a difference between a thing and itself.

``python benchmarks/false_findings.py FOLDER`` trains three sweeps of many seeds on digits (some ten
minutes; what is in the folder already is used), draws two sets of seeds from a sweep again and
again, writes them as two ``sweep.csv``, and compares these as ``python -m runner.compare`` does.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from runner.results.compare.comparison import Comparison, compare
from runner.results.compare.load import read_side

SEEDS = 200
PAIRS = 500
LEVEL = 0.05

SWEEPS = {
    "8 values of λ": "model=mlp model.hidden=[32] regularizer.lambda=0,1e-5,1e-4,3e-4,1e-3,3e-3,"
    "1e-2,3e-2",
    "5 dropout rates": "model=dropout-mlp model.hidden=[32] model.dropout=0,0.1,0.2,0.3,0.5",
    "6 learning rates": "model=mlp model.hidden=[32] optim.lr=0.01,0.02,0.05,0.1,0.2,0.5",
}


def train(folder: Path, overrides: str) -> pd.DataFrame:
    """Train a sweep of many seeds, unless it is there, and return its table."""
    if not (folder / "sweep.csv").is_file():
        command = [sys.executable, "-m", "runner", "-m", *overrides.split()]
        own = ["epochs=5", f"repeats={SEEDS}", "seed=1000", f"hydra.sweep.dir={folder}"]
        subprocess.run([*command, *own], check=True, stdout=subprocess.DEVNULL)
    return pd.read_csv(folder / "sweep.csv")


def comparisons(table: pd.DataFrame, seeds: int, place: Path) -> Iterator[Comparison]:
    """Compare sets of so many seeds, drawn from one sweep, none of them in both."""
    rng = np.random.default_rng(seeds)
    every = table["seed"].unique()
    paths = [place / name for name in ("first.csv", "other.csv")]
    for _ in range(PAIRS):
        drawn = rng.permutation(every)
        for path, part in zip(paths, (drawn[:seeds], drawn[seeds : 2 * seeds]), strict=True):
            table[table["seed"].isin(part)].to_csv(path, index=False)
        yield compare([read_side(str(path)) for path in paths])


def found(comparison: Comparison) -> tuple[bool, bool]:
    """Whether any metric differs over all points, and whether the main one does at any."""
    (contrast,) = comparison.contrasts
    overall = any(row.p < LEVEL for row in contrast.overall)
    return overall, any(row.p < LEVEL for row in contrast.at_points)


def main() -> None:
    """Print a row for each sweep and number of seeds."""
    folder = Path(sys.argv[1])
    print(f"{PAIRS} pairs of sets of seeds, of {SEEDS} seeds in all.\n")
    print("| sweep | seeds a side | a metric differs over all points | at any point |")
    print("| --- | --- | --- | --- |")
    for number, (words, overrides) in enumerate(SWEEPS.items()):
        table = train(folder / str(number), overrides)
        for seeds in (3, 5, 10):
            with tempfile.TemporaryDirectory() as place:
                shares = np.mean([found(c) for c in comparisons(table, seeds, Path(place))], axis=0)
            print(f"| {words} | {seeds} | {shares[0]:.3f} | {shares[1]:.3f} |", flush=True)


if __name__ == "__main__":
    main()
