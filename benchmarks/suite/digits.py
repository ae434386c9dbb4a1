"""The shortest commands: ``python -m runner``, with its files and plots, ``--help``, completion.

Beside the first: importing torch and reading the digits' file, and the same training as a bare loop
and by scikit-learn, on the same split; each a process of its own, in turn. Ours also measures its
validation split and the test split after each epoch.
"""

from collections.abc import Iterator
from pathlib import Path

from benchmarks import timing
from benchmarks.peers.told import Told
from benchmarks.rows import Row
from benchmarks.suite.commands import our_run, our_split
from benchmarks.suite.compare import Comparison, Peer
from benchmarks.suite.data import arrays
from benchmarks.timing import command, ratios, spread

ROUNDS = 9
EPOCHS = 20  # as conf/config.yaml has it
# The test split has 359 images: the standard error of a share of 0.95 is 0.012, two programs twice.
TOLERANCE = 0.034
COMMAND = "python -m runner"
IMPORTS = "importing torch and reading the digits' file"
LOADING = """
import importlib.util, os.path, numpy, torch
folder = os.path.dirname(importlib.util.find_spec("sklearn").origin)
path = os.path.join(folder, "datasets", "data", "digits.csv.gz")
torch.tensor(numpy.loadtxt(path, delimiter=",", dtype=numpy.uint8))
"""
PEERS = (
    Peer("bare loop over tensors in memory", "bare"),
    Peer("scikit-learn's `MLPClassifier`", "scikit", ("sklearn",)),
)


def measure(rounds: int = ROUNDS, epochs: int = EPOCHS) -> Iterator[Row]:
    """Measure whole commands."""
    with timing.scratch() as folder:
        data = arrays(["dataset=digits"], folder / "digits.npz")
        typed = ("device=cpu", f"epochs={epochs}")

        def peer(which: Peer):  # type: ignore[no-untyped-def]
            words = (f"epochs={epochs}", f"data={data}")
            return lambda seed: which.run("digits", (*words, f"seed={seed}"), folder)

        told = timing.in_turn(
            {
                COMMAND: lambda seed: our_run((*typed, f"seed={seed}"), folder),
                IMPORTS: lambda _: Told(0, 0, 0, seconds=command(("-c", LOADING), folder)[0]),
                **{one.name: peer(one) for one in PEERS if not one.missing()},
            },
            rounds,
        )
        parts = our_split(typed, folder)
        yield from _whole(told, parts, epochs)
        yield from _answers(folder, rounds)


def _whole(told: dict[str, list[Told]], parts: dict[str, float], epochs: int) -> Iterator[Row]:
    ours, imports = told[COMMAND], [one.seconds for one in told[IMPORTS]]
    whole = Comparison(f"the MLP on digits, {epochs} epochs, whole", "accuracy", TOLERANCE)
    yield whole.our_row(ours, parts)
    yield Row(
        workload=whole.workload,
        implementation=IMPORTS,
        seconds=spread(imports),
        ratio=ratios(imports, [one.seconds for one in ours]),
        aim="at least 0.87: ours takes at most 1.15 of it",
    )
    for peer in PEERS:
        yield whole.row(peer, told.get(peer.name, []), ours)


def _answers(folder: Path, rounds: int) -> Iterator[Row]:
    """Measure what answers without training."""
    completing = {"COMP_LINE": "runner model=", "COMP_POINT": "13", "COMP_CWORD": "1"}
    commands = {
        "`python -m runner --help`": lambda _: command(("-m", "runner", "--help"), folder)[0],
        "completion of `runner model=`": lambda _: command(
            ("-m", "runner", "-sc", "query=bash"), folder, **completing
        )[0],
    }
    for name, taken in timing.in_turn(commands, rounds).items():
        yield Row(workload=name, seconds=spread(taken), aim="at most 0.3 s")
