"""A sweep over more machines: what Ray costs, and what a driver does.

    python benchmarks/scale.py [ray] [driver]    # both by default

1. 64 runs of an MLP over two workers of this machine, and over a Ray cluster that the command
   starts here: whole commands, in turn.
2. 1,000 groups of ten runs over a cluster of 100 workers that is simulated: what it is to train is
   written at once. What is measured is the processor time of everything else.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

PAIRS = 3
MLPS = ["epochs=60", "optim.lr=0.02,0.05,0.1,0.2", "model.hidden=[64],[128]", "seed=range(8)"]
GROUPS, RUNS, AT_ONCE = 1000, 10, 100


def seconds(*words: object, folder: str) -> float:
    """Run a command with this Python, and return its seconds."""
    start = time.perf_counter()
    command = [sys.executable, *map(str, words)]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def sweep(*overrides: str, folder: str) -> float:
    """Sweep by our whole command, and return its seconds."""
    return seconds("-m", "runner", "-m", "device=cpu", *overrides, folder=folder)


def ray(folder: str) -> None:
    """Compare a cluster that is started here with two workers."""
    more = []
    for _ in range(PAIRS):
        local = sweep("hydra.launcher.workers=2", *MLPS, folder=folder)
        cluster = sweep("hydra/launcher=ray", *MLPS, folder=folder)
        more.append(cluster - local)
        print(f"64 MLPs: two workers {local:.1f} s, Ray {cluster:.1f} s", flush=True)
    print(f"Ray takes {statistics.median(more):.1f} s more (aim: at most 10)", flush=True)


def driver(folder: str) -> None:
    """Hand out groups to a cluster that is simulated."""
    from runner.build import load_data
    from runner.config import check
    from runner.crew.conduct import Queue
    from runner.request.command_line import read
    from runner.request.launching import Launching
    from runner.request.validate import check_request
    from runner.sweep.launch import set_out
    from runner.sweep.progress import ProgressDisplay

    asked = ["-m", "dataset=linear", "model=linreg", f"seed=range({GROUPS * RUNS})"]
    points = check_request(read(asked)).points
    configs = [check(point.resolved) for point in points]
    load_data(configs[0])
    sweep = Path(folder) / "simulated"
    places = [sweep / str(job) for job in range(len(points))]
    names = set_out(sweep, points, configs, places, Launching(width=RUNS), is_sweep=True)
    cluster, queue = _simulated(sweep), Queue(sweep, ProgressDisplay(len(points)))
    groups = list(dict.fromkeys(names))
    queue.add(groups)
    start = time.process_time()
    queue.train(groups, cluster)
    each = (time.process_time() - start - cluster.own) / len(groups)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{len(groups)} groups: {1000 * each:.2f} ms of the driver each (aim 1), {memory:.2f} GB")


def _simulated(sweep: Path):
    """Return hands that end groups a hundred at a time, without training them."""
    from runner.crew.cluster.elsewhere import Elsewhere
    from runner.crew.group_files import GroupFiles

    class Simulated(Elsewhere):
        """A cluster of which nothing but the files of its groups is there."""

        own = 0.0

        def names(self) -> Iterator[str]:
            """Return the groups that were taken and have not ended."""
            return iter(self.taken)

        def take(self, name: str) -> None:
            """Let a group wait for its end."""
            self.taken[name] = None

        def ended(self) -> list[tuple[str, None]]:
            """Write the files of as many groups as there are workers; that time is not counted."""
            start = time.process_time()
            over = list(islice(self.taken, AT_ONCE))
            for name in over:
                files = GroupFiles(self.sweep, name)
                for run in files.plan.runs:
                    files.run_folder(run).mkdir()
                    summary = {"status": "ok", "signature": run.signature}
                    (files.run_folder(run) / "summary.json").write_text(json.dumps(summary))
                files.finish()
                del self.taken[name]
            self.own += time.process_time() - start
            return [(name, None) for name in over]

    found = Simulated(sweep, None)
    found.taken = {}
    return found


def main() -> None:
    """Measure what is asked for."""
    parts = {"ray": ray, "driver": driver}
    for name in sys.argv[1:] or parts:
        with tempfile.TemporaryDirectory() as folder:
            parts[name](folder)


if __name__ == "__main__":
    main()
