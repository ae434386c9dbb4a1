"""64 linear regressions, whole commands with their files, beside Hydra's launchers and Ray Tune.

The peer of Hydra is an ordinary app that trains one regression and writes its losses, with Hydra's
basic launcher, one after another, and with its joblib launcher, two at a time. Each has the same
data and is a process of its own, in turn.
"""

import csv
import math
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean

from benchmarks.peers.told import Told
from benchmarks.rows import OURS, Row, versions_of
from benchmarks.suite.commands import our_split, our_sweep
from benchmarks.suite.compare import Comparison, Peer, Work
from benchmarks.suite.data import arrays
from benchmarks.timing import command, in_turn, scratch

ROUNDS, EPOCHS, SEEDS = 3, 3, 16
RATES = "0.003,0.01,0.03,0.1"
# Of log10 of the test loss. Over 16 seeds of such a loop its mean over the four rates has a
# standard deviation of 0.0058, and the difference of two such means one of 0.002: five times that.
TOLERANCE = 0.01
BASIC = Peer("Hydra's basic launcher over a plain loop", "hydra_app", ("hydra",), aim="at least 10")
JOBLIB = Peer(
    "Hydra's joblib launcher over a plain loop, two jobs",
    "hydra_app",
    ("hydra_plugins.hydra_joblib_launcher",),
    ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2"),
    "at least 10",
)
TUNE = Peer("Ray Tune, a grid", "ray_tune", ("ray.tune",), aim="at least 10")
PEERS = (BASIC, JOBLIB, TUNE)


def measure(rounds: int = ROUNDS, seeds: int = SEEDS) -> Iterator[Row]:
    """Measure the whole commands."""
    one = ("dataset=linear", "model=linreg", f"epochs={EPOCHS}")
    typed = ("-m", "device=cpu", *one, f"optim.lr={RATES}", f"seed=range({seeds})")
    number = len(RATES.split(",")) * seeds
    title = f"{number} linear regressions, {EPOCHS} epochs, whole"
    grid = Comparison(title, "mean of log10 of the test loss", TOLERANCE)
    with scratch() as folder:
        data = arrays(one, folder / "linear.npz")
        work = {
            BASIC.name: _app(BASIC, data, seeds),
            JOBLIB.name: _app(JOBLIB, data, seeds),
            TUNE.name: lambda _: TUNE.run(
                f"{RATES}/{seeds}", (f"epochs={EPOCHS}", f"data={data}"), folder
            ),
        }
        here = {peer.name: work[peer.name] for peer in PEERS if not peer.missing()}
        told = in_turn({OURS: lambda _: our_sweep(typed, folder), **here}, rounds)
        parts = our_split(typed, folder)
    yield grid.our_row(told[OURS], parts)
    for peer in PEERS:
        yield grid.row(peer, told.get(peer.name, []), told[OURS])


def _app(peer: Peer, data: Path, seeds: int) -> Work:
    """Return what sweeps by an ordinary Hydra app; its quality is read from what it wrote."""

    def sweep(_: int) -> Told:
        """Sweep once, whole, and tell of it."""
        folder = data.parent / "app"
        shutil.rmtree(folder, ignore_errors=True)
        line = ("-m", f"benchmarks.peers.{peer.module}", "-m", f"data={data}", f"lr={RATES}")
        words = (*line, f"seed=range({seeds})", f"hydra.sweep.dir={folder}", *peer.words)
        taken, _ = command(words, data.parent)
        losses = [_last(file) for file in folder.rglob("metrics.csv")]
        assert len(losses) == seeds * len(RATES.split(","))
        versions = versions_of(["torch", "hydra-core", "hydra-joblib-launcher"])
        return Told(fmean(losses), 0, 0, seconds=taken, versions=versions)

    return sweep


def _last(metrics: Path) -> float:
    with metrics.open(encoding="utf-8", newline="") as file:
        rows: list[Mapping[str, str]] = list(csv.DictReader(file))
    return math.log10(float(rows[-1]["test/loss"]))
