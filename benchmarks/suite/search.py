"""A search against random search, and against the same search in other libraries.

The dropout MLP: learning rate and λ (log), dropout rate and width, 27 epochs at most, halving with
eta 3 from the first epoch. For each seed ours first: the whole command with its tables and report,
but for confirming. Then ours with random points that are all trained to the end; Optuna in as many
processes as there are cores (joblib), with its sampler and halving pruner, over tensors in memory
and over a `DataLoader`; and Ray Tune's ASHA with reused actors. All have the same training and
validation examples, and go on until they trained as many epochs as ours did.

The best so far is compared at each second after imports, of points that were trained to the last
epoch. ``python -m runner.compare`` on such folders draws that.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.peers.search import DROPOUT, EPOCHS, ETA, PENALTY, RATE, WIDTHS
from benchmarks.rows import OURS, Row
from benchmarks.suite.compare import Peer
from benchmarks.suite.here import configs
from benchmarks.timing import command, ratios, scratch, spread
from runner.build import load_data
from runner.results.search.sides import SearchSide, read_sides

BATCH = {"digits": 32, "fashion-mnist": 256}
SEEDS = {"digits": 4, "fashion-mnist": 1}
TRIALS = 54
RANDOM = "our random search"
OPTUNA = ("optuna", ("optuna", "joblib"))
PEERS = (
    Peer("Optuna and joblib, tensors in memory", *OPTUNA, ("tensors",), "at least 2"),
    Peer("Optuna and joblib, `DataLoader`", *OPTUNA, ("loader",), "at least 2"),
    Peer("Ray Tune, ASHA, `DataLoader`", "ray", ("ray.tune",), ("loader",), "at least 3.3"),
)


def measure(dataset: str, seeds: int = 0, trials: int = TRIALS) -> Iterator[Row]:
    """Let all of them search with each seed, and compare."""
    here = [peer for peer in PEERS if not peer.missing()]
    with scratch() as folder:
        data = examples(dataset, folder / "examples.pt")
        taken = [
            one_seed(dataset, trials, seed, here, data) for seed in range(seeds or SEEDS[dataset])
        ]
        names = [OURS, RANDOM, *(peer.name for peer in here)]
        sides = read_sides([str(folder / str(number)) for number in range(len(names))]) or []
        yield from rows(
            f"a search on {dataset}, {trials} points", taken, dict(zip(names, sides, strict=True))
        )


def examples(dataset: str, path: Path) -> Path:
    """Write what ours trains and validates on, prepared."""
    (config,) = configs(f"dataset={dataset}", "dataset.val_fraction=0.1")
    data = load_data(config)
    parts = {}
    for name in ("train", "val"):
        split = getattr(data, name)
        parts[name] = (data.prepare(split.inputs, torch.float32), split.targets)
    torch.save(parts, path)
    return path


def ours(dataset: str, trials: int, seed: int, folder: Path, *more: str) -> float:
    """Search by our whole command, and return its seconds."""
    widths = ",".join(f"[{width},{width}]" for width in WIDTHS)
    low, high = RATE
    words = (
        *("-m", "runner", "-m", "hydra/sweeper=search", f"dataset={dataset}", "device=cpu"),
        *("dataset.val_fraction=0.1", "model=dropout-mlp", f"model.hidden={widths}"),
        f"optim.lr=tag(log,interval({low},{high}))",
        f"model.dropout=interval({DROPOUT[0]},{DROPOUT[1]})",
        f"regularizer.lambda=tag(log,interval({PENALTY[0]},{PENALTY[1]}))",
        *(f"batch_size={BATCH[dataset]}", f"epochs={EPOCHS}", f"hydra.sweeper.eta={ETA}"),
        *(f"hydra.sweeper.trials={trials}", f"hydra.sweeper.seed={seed}", f"seed={seed}"),
        *("hydra.sweeper.confirm.points=0", f"hydra.sweep.dir={folder}", *more),
    )
    return command(words, folder.parent)[0]


def one_seed(
    dataset: str, trials: int, seed: int, peers: list[Peer], data: Path
) -> dict[str, float]:
    """Let each of them search, and return the seconds of its whole command.

    What the first of them found lies in the folder ``0``, of the second in ``1``, and so on.
    """
    place = [data.parent / str(number) / str(seed) for number in range(len(peers) + 2)]
    for folder in place:
        folder.parent.mkdir(exist_ok=True)
    taken = {OURS: ours(dataset, trials, seed, place[0])}
    epochs = int(pd.read_csv(place[0] / "search.csv")["member_epochs"].sum())
    whole = ("hydra.sweeper.sampler=random", "hydra.sweeper.prune=none")
    points = max(1, round(epochs / EPOCHS))
    taken[RANDOM] = ours(dataset, points, seed, place[1], *whole)
    for peer, folder in zip(peers, place[2:], strict=True):
        line = ("-m", "benchmarks.peers.search", peer.module, folder, data, BATCH[dataset])
        taken[peer.name] = command((*line, epochs, seed, *peer.words), data.parent)[0]
    return taken


def rows(title: str, taken: list[dict[str, float]], sides: dict[str, SearchSide]) -> Iterator[Row]:
    """Compare whole commands, and then the best so far at each second."""
    of_ours, aims = [one[OURS] for one in taken], {peer.name: peer.aim for peer in PEERS}
    for name, side in sides.items():
        theirs = [one[name] for one in taken]
        found = float(np.median([search.found for search in side.searches]))
        if np.isnan(found):
            why = "no point was trained to the last epoch"
            yield Row(workload=f"{title}, whole", implementation=name, missing=why)
            continue
        yield Row(
            workload=f"{title}, whole",
            implementation=name,
            seconds=spread(theirs),
            ratio=None if name == OURS else ratios(theirs, of_ours),
            aim=aims.get(name, ""),
            quality=("best loss", found),
        )
    yield from _missing(title)
    for name, side in sides.items():
        if name != OURS:
            yield Row(
                workload=f"{title}: seconds in which ours is behind",
                implementation=name,
                seconds=spread([len(behind(sides[OURS], side))]),
                aim="0",
            )


def _missing(title: str) -> Iterator[Row]:
    for peer in PEERS:
        if why := peer.missing():
            yield Row(workload=f"{title}, whole", implementation=peer.name, missing=why)


def behind(side: SearchSide, peer: SearchSide) -> list[int]:
    """Return the seconds at which a side's median is worse than a peer's."""
    last = int(max(search.total("seconds") for s in (side, peer) for search in s.searches))
    return [s for s in range(1, last + 1) if _median(side, s) > _median(peer, s)]


def _median(side: SearchSide, at: float) -> float:
    return float(np.median(np.nan_to_num(side.at("seconds", at), nan=np.inf)))
