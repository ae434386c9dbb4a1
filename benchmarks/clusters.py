"""One sweep over two workers, over Ray with a node lost, and over Slurm with a job requeued.

    PYTHONPATH=tests python benchmarks/clusters.py [workers] [ray] [slurm]    # all by default

Forty runs of an MLP on Fashion-MNIST. A Ray cluster of two nodes and a Slurm of two nodes are
started on this machine; one node is killed, and one job requeued, while they train. Said are the
seconds of each whole command, and whether its tables and its runs' metrics are those of the first
to the byte. The clusters are those of the tests, and need what they need.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engines.ray_cluster import ray_cluster
from engines.ray_sweeps import trainer
from engines.slurm_cluster import slurm_cluster
from engines.slurm_sweeps import jobs_of

from runner.crew.group_files import all_groups

SWEEP = [
    *("dataset=fashion-mnist", "model=mlp", "batch_size=256", "epochs=4", "device=cpu"),
    *("optim.lr=0.05,0.1,0.2,0.4", "repeats=10", "plots=false", "checkpoint_seconds=0.5"),
]
RUNS = 40  # each is a group of its own
TABLES = ["sweep.csv", "summary.csv", "curves.csv"]
MIDDLE = 2  # epochs after which a group is disturbed
START = time.perf_counter()


def tell(words: str) -> None:
    """Say something, and when."""
    print(f"{time.perf_counter() - START:6.1f} s  {words}", flush=True)


def train(folder: Path, *launcher: str, disturb: Callable[[str], None] | None = None) -> None:
    """Sweep into a folder, and disturb one group in its middle."""
    command = [sys.executable, "-m", "runner", "-m", *SWEEP, *launcher, f"hydra.sweep.dir={folder}"]
    begin = time.perf_counter()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while running.poll() is None and disturb is not None:
            if (group := in_its_middle(folder)) is not None:
                disturb(group)
                disturb = None
            time.sleep(0.02)
        running.wait()
    finally:
        running.terminate()
    if running.returncode != 0 or disturb is not None:
        raise SystemExit(f"{launcher}: exit code {running.returncode}, disturbed: {not disturb}")
    tell(f"{folder.name}: {time.perf_counter() - begin:.1f} s")


def in_its_middle(folder: Path) -> str | None:
    """Return a group that is saved and trains; none of the first, while others start."""
    if len(list(folder.glob(".runner/groups/*/plan.json"))) < RUNS:
        return None
    for files in all_groups(folder)[RUNS // 4 :]:
        table = files.run_folder(files.plan.runs[0]) / "metrics.csv"
        is_underway = table.is_file() and table.read_bytes().count(b"\n") > MIDDLE
        if is_underway and (files.folder / "state.pt").is_file() and not files.is_done:
            return files.name
    return None


def on_workers(folder: Path) -> None:
    """Train over two processes of this machine."""
    train(folder, "hydra.launcher.workers=2")


def on_ray(folder: Path) -> None:
    """Train over two nodes, of which one is killed."""
    with ray_cluster() as cluster:

        def kill(group: str) -> None:
            cluster.kill_node_of(trainer(folder, group))
            tell(f"the node that trained group {group} is killed")

        train(
            folder, "hydra/launcher=ray", f"hydra.launcher.address={cluster.address}", disturb=kill
        )


def on_slurm(folder: Path) -> None:
    """Train as an array, two jobs at a time, of which one is requeued."""
    with slurm_cluster() as cluster:

        def requeue(group: str) -> None:
            cluster.requeue(jobs_of(folder)[group])
            tell(f"the job of group {group} is requeued")

        few = "hydra.launcher.array_parallelism=2"
        train(folder, "hydra/launcher=slurm", few, disturb=requeue)


def compare(folder: Path, first: Path) -> None:
    """Say whether two sweeps have the same bytes."""
    names = [*TABLES, *(f"{job}/metrics.csv" for job in range(RUNS))]
    other = [n for n in names if (folder / n).read_bytes() != (first / n).read_bytes()]
    same = f"{len(names)} files are equal to the byte"
    tell(f"{folder.name} and {first.name}: {f'these differ: {other}' if other else same}")


def main() -> None:
    """Train by what is asked for, and compare."""
    ways = {"workers": on_workers, "ray": on_ray, "slurm": on_slurm}
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place) / name for name in sys.argv[1:] or ways]
        for folder in folders:
            ways[folder.name](folder)
        for folder in folders[1:]:
            compare(folder, folders[0])


if __name__ == "__main__":
    main()
