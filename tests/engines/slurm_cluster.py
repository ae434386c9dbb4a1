"""A real Slurm on this machine: a controller and two nodes, with ports and folders of their own.

It is a context manager, for the fixture of the tests and for benchmarks. There is no accounting, as
on many a small cluster. Everything is ended with the block, or with the process that began it.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from engines import guard

NODES = ("n1", "n2")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "sinfo", "squeue", "srun")
LIMIT = 60  # seconds that anything may take on a machine with much else to do

# CPUs, RealMemory: more than there may be, so that several jobs run on a node. CR_LLN: the next job
# goes to the node that has least to do. cred_expire: how long a requeued job waits until it starts
# again, at least 5 s; longer than KillWait, so that its processes of before are gone.
# ReturnToService=1: a node set DOWN stays so until it is set up again.
CONFIGURATION = """
ClusterName=runner
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={controller}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
StateSaveLocation={folder}/state
SlurmdPidFile={folder}/%n.pid
SlurmdLogFile={folder}/%n.log
SlurmdSpoolDir={folder}/%n
SlurmdParameters=config_overrides
SlurmctldDebug=info
SlurmdDebug=info
MailProg=/bin/true
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core,CR_LLN
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobRequeue=1
KillWait=4
SlurmdTimeout=6
ReturnToService=1
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={n1} CPUs=8 RealMemory=16000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={n2} CPUs=8 RealMemory=16000
PartitionName=main Nodes=n1,n2 Default=YES PriorityTier=1
PartitionName=small Nodes=n2 MaxTime=2 PriorityTier=1
PartitionName=first Nodes=n1,n2 PriorityTier=2
"""


class Task(NamedTuple):
    """A job, or an array's task, as ``squeue`` shows it.

    Attributes:
        id: The job's number, with the task's in an array: ``7`` or ``7_0``.
        state: In full, such as RUNNING.
        reason: Why it waits, or ``None``, in Slurm's words.
        node: Where it runs; empty where it waits.
    """

    id: str
    state: str
    reason: str
    node: str


def missing() -> str | None:
    """Why no Slurm can be started here, if so."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "a Slurm of one's own needs root"
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        return f"{', '.join(absent)}: not installed (slurmctld, slurmd, slurm-client, munge)"
    return None


def do(*command: object) -> str:
    """Run a command, and return what it said."""
    said = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert said.returncode == 0, f"{command}: {said.stdout}{said.stderr}"
    return said.stdout.strip()


def wait_for(moment: Callable[[], object], seconds: float = LIMIT) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not moment():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens to, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class SlurmCluster:
    """A controller and the nodes n1 and n2.

    The partition ``main`` is the default; ``small`` is n2, for two minutes at most; a job of
    ``first`` preempts those of the others, which are requeued.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "slurm.conf"
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start all daemons, and wait until both nodes are idle."""
        self._write_configuration()
        socket, key = self.folder / "munge.socket", self.folder / "munge.key"
        files = [f"--{name}-file={self.folder}/munge.{name}" for name in ("log", "pid", "seed")]
        options = [f"--socket={socket}", f"--key-file={key}", *files]
        self._daemon("munged", "munged", "--foreground", "--force", *options)
        wait_for(socket.exists)
        self._daemon("slurmctld", "slurmctld", "-D")
        wait_for(lambda: subprocess.run(["scontrol", "ping"], capture_output=True).returncode == 0)
        for node in NODES:
            self.start_node(node)

    def log(self) -> str:
        """What the daemons said last."""
        files = sorted(self.folder.glob("*.out"))
        last = [(file.name, file.read_text().splitlines()[-8:]) for file in files]
        return "\n".join(f"{name}: {line}" for name, lines in last for line in lines)

    def stop(self) -> None:
        """End every daemon and every job."""
        for name in list(self._daemons):
            self._end(name)

    def submit(self, *options: object) -> str:
        """Submit as ``sbatch`` does, and return the job's number."""
        return do("sbatch", "--parsable", *options)

    def queue(self, *options: object) -> list[Task]:
        """What waits and runs, each task of an array for itself."""
        said = do("squeue", "--noheader", "--array", "--format=%i|%T|%r|%N", *options)
        return sorted(Task(*line.split("|")) for line in said.splitlines())

    def requeue(self, job: str) -> None:
        """Take a running job back into the queue; it begins again once its processes have ended."""
        do("scontrol", "requeue", job)
        self.start_now(job)

    def start_now(self, job: str) -> None:
        """Let a requeued job begin now, and not only in the 6 s that this Slurm makes it wait."""
        wait_for(lambda: {task.state for task in self.queue(f"--jobs={job}")} != {"COMPLETING"})
        update = ["scontrol", "update", f"JobId={job}", "StartTime=now"]
        subprocess.run(update, capture_output=True, timeout=LIMIT, check=False)  # or runs again

    def cancel(self, job: str) -> None:
        do("scancel", job)

    def clear(self) -> None:
        """End at once what waits and what runs, and have both nodes up."""
        do("scancel", "--user=root")
        wait_for(lambda: not (self._kill_tasks() or self.queue()))
        for node in NODES:
            if node not in self._daemons:
                self.start_node(node)
            elif not self.is_up(node):
                self.up(node)

    def down(self, node: str) -> None:
        """Set a node DOWN, as an administrator does: its jobs are requeued."""
        do("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=test")

    def up(self, node: str) -> None:
        """Set a node that is down up again."""
        do("scontrol", "update", f"NodeName={node}", "State=RESUME")
        wait_for(lambda: self.is_up(node))

    def kill_node(self, node: str) -> None:
        """End a node's daemon and its jobs at once, as by a power failure; Slurm is not told."""
        self._end(node)

    def start_node(self, node: str, without: Path | None = None) -> None:
        """Start a node's daemon, and wait until it takes jobs; it may have been set DOWN.

        Args:
            node: Which.
            without: A folder that it does not share with this machine: it sees an empty one.
        """
        alone = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs none "{without}" && exec "$@"']
        self._daemon(node, *[*alone, "sh"] * bool(without), "slurmd", "-D", "-N", node)
        wait_for(lambda: self.is_up(node) or self._resume(node))

    def _resume(self, node: str) -> None:
        update = ["scontrol", "update", f"NodeName={node}", "State=RESUME"]
        subprocess.run(update, capture_output=True, timeout=LIMIT, check=False)

    def is_up(self, node: str) -> bool:
        """Whether a node takes jobs, or would if it were not full."""
        states = ("sinfo", "--noheader", "--Node", "--partition=main", "--format=%T")
        return do(*states, f"--nodes={node}") in ("idle", "mixed", "allocated", "completing")

    def signal(self, job: str, name: str) -> None:
        """Send a signal to the steps of a job, as ``--signal`` does at the time limit."""
        do("scancel", f"--signal={name}", job)

    def silence(self, seconds: float) -> None:
        """Have the controller stand still for a while."""
        below = guard.descendants(self._daemons["slurmctld"].pid)
        named = {process: Path(f"/proc/{process}/comm").read_text().strip() for process in below}
        (controller,) = [process for process, name in named.items() if name == "slurmctld"]
        os.kill(controller, signal.SIGSTOP)
        try:
            time.sleep(seconds)
        finally:
            os.kill(controller, signal.SIGCONT)

    def _kill_tasks(self) -> None:
        """Kill what jobs run, and do not wait until Slurm does."""
        for node in self._daemons.keys() & set(NODES):
            for process in guard.descendants(self._daemons[node].pid):
                with suppress(OSError):
                    if "slurm" not in Path(f"/proc/{process}/comm").read_text():
                        os.kill(process, signal.SIGKILL)

    def _write_configuration(self) -> None:
        (self.folder / "munge.key").write_bytes(secrets.token_bytes(128))
        (self.folder / "munge.key").chmod(0o400)
        for name in ("state", *NODES):
            (self.folder / name).mkdir()
        ports = dict(zip(("controller", *NODES), free_ports(3), strict=True))
        host = socket.gethostname().partition(".")[0]
        text = CONFIGURATION.format(host=host, folder=self.folder, **ports)
        self.configuration.write_text(text)

    def _daemon(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.out").open("ab") as out:
            self._daemons[name] = subprocess.Popen(
                [sys.executable, guard.__file__, *command],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                start_new_session=True,  # Ctrl-C ends the tests first
            )

    def _end(self, name: str) -> None:
        daemon = self._daemons.pop(name)
        daemon.communicate()
        assert daemon.returncode == 0


@contextmanager
def slurm_cluster() -> Iterator[SlurmCluster]:
    """A Slurm that this process, and what it starts, uses through ``SLURM_CONF``."""
    before = os.environ.get("SLURM_CONF")
    with TemporaryDirectory(prefix="slurm-", ignore_cleanup_errors=True) as folder:
        cluster = SlurmCluster(Path(folder))
        os.environ["SLURM_CONF"] = str(cluster.configuration)
        try:
            cluster.start()
            yield cluster
        except BaseException as error:
            error.add_note(cluster.log())
            raise
        finally:
            cluster.stop()
            del os.environ["SLURM_CONF"]
            if before is not None:
                os.environ["SLURM_CONF"] = before
