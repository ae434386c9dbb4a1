"""A search against random search, and against the same search in other libraries.

    python benchmarks/search.py digits|fashion-mnist [seeds=3] [trials=54] [loop=tensors|loader]

The dropout MLP: learning rate and λ (log), dropout rate and width, 27 epochs at most, halving with
eta 3 from the first epoch. For each seed ours first: the whole command with its tables and report,
but for confirming. Then ours with random points that are all trained to the end, Optuna in as many
processes as there are cores (joblib), with its sampler and halving pruner, and where Ray is
installed Ray Tune's ASHA with reused actors; see `search_peers.py`. All have the same training and
validation examples, and go on until they trained as many epochs as ours did. The peers need
`pip install -e '.[bench]'`.

It prints the times of whole commands, and compares the best so far at each second after imports, of
points that were trained to the last epoch. `python -m runner.compare` on its folders draws that.
"""

import importlib.util
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from search_peers import DROPOUT, EPOCHS, ETA, PENALTY, RATE, WIDTHS

from runner.results.search.sides import SearchSide, read_sides

BATCH = {"digits": 32, "fashion-mnist": 256}


def seconds(*words: object) -> float:
    """Run a command with this Python, and return its seconds."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *map(str, words)], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def examples(dataset: str) -> Path:
    """Write what ours trains and validates on, prepared."""
    from runner.build import load_data
    from runner.config import check
    from runner.request.command_line import read
    from runner.request.validate import check_request

    request = check_request(read([f"dataset={dataset}", "dataset.val_fraction=0.1"]))
    data = load_data(check(request.points[0].resolved))
    parts = {}
    for name in ("train", "val"):
        split = getattr(data, name)
        parts[name] = (data.prepare(split.inputs, torch.float32), split.targets)
    path = Path(f"{dataset}.pt").absolute()
    torch.save(parts, path)
    return path


def ours(dataset: str, trials: int, seed: int, folder: Path, *more: str) -> float:
    """Search by our whole command, and return its seconds."""
    widths = ",".join(f"[{width},{width}]" for width in WIDTHS)
    low, high = RATE
    return seconds(
        *("-m", "runner", "-m", "hydra/sweeper=search", f"dataset={dataset}", "device=cpu"),
        *("dataset.val_fraction=0.1", "model=dropout-mlp", f"model.hidden={widths}"),
        f"optim.lr=tag(log,interval({low},{high}))",
        f"model.dropout=interval({DROPOUT[0]},{DROPOUT[1]})",
        f"regularizer.lambda=tag(log,interval({PENALTY[0]},{PENALTY[1]}))",
        *(f"batch_size={BATCH[dataset]}", f"epochs={EPOCHS}", f"hydra.sweeper.eta={ETA}"),
        *(f"hydra.sweeper.trials={trials}", f"hydra.sweeper.seed={seed}", f"seed={seed}"),
        *("hydra.sweeper.confirm.points=0", f"hydra.sweep.dir={folder}", *more),
    )


def one_seed(dataset: str, trials: int, seed: int, loop: str, data: Path) -> dict[str, float]:
    """Let each of them search, and return the seconds of its whole command."""
    place = {name: Path(name) / str(seed) for name in ("ours", "random", "optuna", "ray")}
    taken = {"ours": ours(dataset, trials, seed, place["ours"])}
    epochs = int(pd.read_csv(place["ours"] / "search.csv")["member_epochs"].sum())
    whole = ("hydra.sweeper.sampler=random", "hydra.sweeper.prune=none")
    taken["random"] = ours(dataset, round(epochs / EPOCHS), seed, place["random"], *whole)
    script = Path(__file__).with_name("search_peers.py")
    for peer in ("optuna", *["ray"] * bool(importlib.util.find_spec("ray"))):
        where = place[peer].absolute()
        where.parent.mkdir(exist_ok=True)
        taken[peer] = seconds(script, peer, where, data, BATCH[dataset], epochs, seed, loop)
    print(f"seed {seed}, {epochs} epochs:", end=" ")
    print("; ".join(f"{name} {of:.1f} s" for name, of in taken.items()), flush=True)
    return taken


def behind(side: SearchSide, peer: SearchSide) -> list[int]:
    """Return the seconds at which a side's median is worse than a peer's."""
    last = int(max(search.total("seconds") for s in (side, peer) for search in s.searches))
    return [s for s in range(1, last + 1) if _median(side, s) > _median(peer, s)]


def _median(side: SearchSide, at: float) -> float:
    return float(np.median(np.nan_to_num(side.at("seconds", at), nan=np.inf)))


def main(dataset: str, *words: str) -> None:
    """Let all of them search with each seed, and print how they compare."""
    options = dict(word.split("=") for word in words)
    data, loop = examples(dataset), options.get("loop", "tensors")
    taken = [
        one_seed(dataset, int(options.get("trials", 54)), seed, loop, data)
        for seed in range(int(options.get("seeds", 3)))
    ]
    first, *peers = read_sides(list(taken[0])) or []
    for peer in peers:
        ratio = statistics.median(one["ours"] / one[peer.path] for one in taken)
        late = behind(first, peer)
        said = f"behind at {len(late)} seconds, the first {late[0]}" if late else "never behind"
        ends = [float(np.median([s.found for s in side.searches])) for side in (first, peer)]
        print(f"ours / {peer.path} {ratio:.2f}; {said}; at the end {ends[0]:.4f} / {ends[1]:.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
