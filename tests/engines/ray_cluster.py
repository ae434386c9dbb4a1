"""A real Ray cluster on this machine: a head without CPUs, and nodes of one CPU each.

It is a context manager, for the fixture of the tests and for benchmarks. Everything is ended with
the block; the kernel ends it where the process that began it is killed.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engines import guard
from engines.slurm_cluster import wait_for
from runner.crew.cluster.ray_cluster import QUIET

NODES = 2
STORE = 80_000_000  # bytes of each node's object store, about the least that Ray takes


def missing() -> str | None:
    """Why no Ray cluster can be started here, if so."""
    return None if find_spec("ray") else "Ray is not installed: pip install 'runner[ray]'"


class RayCluster:
    """A head without CPUs, which trains nothing, and nodes of one CPU each.

    Attributes:
        address: Of the head.
    """

    def __init__(self) -> None:
        os.environ.update(QUIET)  # for commands in this process, before it imports Ray
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE}
        self._cluster: Any = Cluster(initialize_head=True, head_node_args=head)
        self._nodes: list[Any] = []
        self._apart: list[subprocess.Popen[bytes]] = []
        self.address: str = self._cluster.address

    def add_node(self) -> None:
        """Start a node of one CPU, and wait until it takes tasks."""
        self._nodes.append(self._cluster.add_node(num_cpus=1, object_store_memory=STORE))

    def add_node_without(self, cpus: int, *folders: Path) -> None:
        """Start a node that does not have the content of some folders: a file system of its own."""
        before = self.alive()
        hide = "".join(f"mount -t tmpfs none '{folder}' && " for folder in folders)
        start = (
            f"exec ray start --address={self.address} --num-cpus={cpus} --block "
            f"--object-store-memory={STORE} --min-worker-port=0 --max-worker-port=0 "
            "--include-log-monitor=false --dashboard-agent-listen-port=0"
        )
        self._apart.append(
            subprocess.Popen(
                [sys.executable, guard.__file__, "unshare", "--mount", "sh", "-c", hide + start],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
                start_new_session=True,  # Ctrl-C ends the tests first
            )
        )
        wait_for(lambda: self.alive() > before)

    def alive(self) -> int:
        """Return how many nodes the head takes to be there, itself included."""
        return len(self._cluster.global_state._live_node_ids())

    def kill_node_of(self, process: int) -> None:
        """End the node that a process is of, all at once, as a power failure does."""
        (node,) = [node for node in self._nodes if process in _processes(node)]
        self._end(node)

    def kill_on_head(self, name: str) -> None:
        """Kill the process of the head that serves an actor."""
        lines = {
            process: Path(f"/proc/{process}/cmdline").read_text()
            for process in _processes(self._cluster.head_node)
        }
        (found,) = [process for process, line in lines.items() if f"ray::{name}" in line]
        os.kill(found, signal.SIGKILL)

    def clear(self) -> None:
        """Have both nodes there again, and no other."""
        for process in self._apart:  # this one may say that it goes, which is sooner known
            for started in guard.children().get(process.pid, []):
                os.kill(started, signal.SIGTERM)
        while len(self._nodes) < NODES:
            self.add_node()
        wait_for(lambda: self.alive() == 1 + NODES)
        self._end_apart()

    def stop(self) -> None:
        """End everything."""
        self._end_apart()
        for node in [*self._nodes]:
            self._end(node)
        head = _processes(self._cluster.head_node)
        self._cluster.shutdown()
        kill(head)

    def _end_apart(self) -> None:
        while self._apart:
            self._apart.pop().communicate()

    def _end(self, node: Any) -> None:
        self._nodes.remove(node)
        kill(_processes(node))
        self._cluster.remove_node(node, allow_graceful=False)


@contextmanager
def ray_cluster() -> Iterator[RayCluster]:
    """A Ray cluster of a head and two nodes."""
    cluster = RayCluster()
    try:
        for _ in range(NODES):
            cluster.add_node()
        yield cluster
    finally:
        cluster.stop()


def _processes(node: Any) -> list[int]:
    """Return the processes of a node: what it was started with, and all that came of that."""
    started = [info.process.pid for infos in node.all_processes.values() for info in infos]
    return [*started, *(pid for first in started for pid in guard.descendants(first))]


def kill(processes: list[int]) -> None:
    """End processes, and wait until they are gone."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    wait_for(lambda: not any(_lives(process) for process in processes))


def _lives(process: int) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
