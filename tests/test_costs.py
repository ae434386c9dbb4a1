"""What a command costs, in counts that no busy machine moves: imports, files, operations.

A bound is what was counted when it was written, with a little room; the reason for what there is
stands beside it. Seconds are measured by ``python -m benchmarks`` instead.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from runner.build import build_group
from runner.engine.train import Quiet, Training

pytestmark = pytest.mark.commands

ROOT = Path(__file__).parents[1]
HEAVY = {
    *("torch", "torchvision", "numpy", "scipy", "sklearn", "pandas", "matplotlib", "bokeh"),
    *("hydra", "omegaconf", "pydantic", "rich", "jinja2", "PIL", "sympy", "optuna", "ray"),
}
# Runs a command with an audit hook, and writes what it imported, and how often it opened each file
# and read each folder that lies where it stands.
COUNTED = """
import json, os, sys
from collections import Counter
told, *sys.argv[1:] = sys.argv[1:]
here, opened, read = os.getcwd() + os.sep, Counter(), Counter()

def count(event, args):
    if event in ("open", "os.listdir", "os.scandir") and args and isinstance(args[0], (str, bytes)):
        path = os.path.abspath(os.fsdecode(args[0]))
        if path.startswith(here):
            (opened if event == "open" else read)[path.removeprefix(here)] += 1

sys.addaudithook(count)
from runner.__main__ import main
try:
    code = main()
except SystemExit as end:  # Hydra's own, when it has spoken
    code = end.code
found = {"modules": sorted(sys.modules), "opened": dict(opened), "read": dict(read)}
with open(told, "w") as file:
    json.dump(found, file)
sys.exit(code)
"""


def counted(folder: Path, *words: str, **environment: str) -> dict[str, Any]:
    """What a command imported, opened and read."""
    told = folder.parent / f"{folder.name}.json"
    folder.mkdir()
    subprocess.run(
        [sys.executable, "-P", "-c", COUNTED, str(told), *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    found: dict[str, Any] = json.loads(told.read_text())
    return found


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Any]]:
    """The first command that anybody types, by its number of epochs."""
    folder = tmp_path_factory.mktemp("costs")
    return {
        epochs: counted(folder / str(epochs), f"epochs={epochs}", "device=cpu", "hydra.run.dir=r")
        for epochs in (2, 6)
    }


def packages(found: dict[str, Any]) -> set[str]:
    return {module.partition(".")[0] for module in found["modules"]}


@pytest.mark.parametrize(
    ("words", "needed", "most"),
    [
        (["--help"], set(), 250),  # 200
        (["-sc", "query=bash"], set(), 250),  # 197, at every press of Tab
    ],
)
def test_what_answers_at_once_imports_nothing_heavy(words, needed, most, tmp_path):
    typed = {"COMP_LINE": "runner model=", "COMP_POINT": "13"}
    found = counted(tmp_path / "here", *words, **typed)
    assert packages(found) & HEAVY <= needed
    assert len(found["modules"]) <= most


def test_a_run_imports_what_it_uses(digits):
    """Each of these takes a tenth of a second or more, and the digits need none."""
    needless = {"torchvision", "scipy", "sklearn", "bokeh", "sympy", "optuna", "ray"}
    assert not packages(digits[2]) & needless
    compiler = {"torch._dynamo", "torch._inductor", "torch.fx.experimental.symbolic_shapes"}
    assert not {*digits[2]["modules"]} & compiler


def test_a_run_opens_each_of_its_files_a_few_times(digits):
    """Each is written once, then read by its tables, its plots and what is said at the end."""
    opened = digits[2]["opened"]
    assert sum(opened.values()) <= 100  # 79, of some 30 files
    assert max(opened.values()) <= 10  # 8: the summary, which is small


def test_an_epoch_opens_no_file_but_its_own_row(digits):
    more = sum(digits[6]["opened"].values()) - sum(digits[2]["opened"].values())
    assert 0 <= more <= 4 * 2  # of four epochs, a row in metrics.csv, and what a best epoch leaves


def test_a_run_reads_a_folder_of_its_own_a_few_times(digits):
    assert sum(digits[2]["read"].values()) <= 20  # 11
    assert digits[6]["read"] == digits[2]["read"]


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Any]]:
    """A sweep of one group, by its number of runs."""
    folder = tmp_path_factory.mktemp("sweeps")
    words = ("-m", "dataset=linear", "model=linreg", "epochs=2", "hydra.sweep.dir=s")
    return {
        runs: counted(folder / str(runs), *words, f"seed=range({runs})", "hydra.launcher.workers=0")
        for runs in (8, 16)
    }


def test_a_run_of_a_sweep_opens_its_own_files(sweeps):
    """Each is written, and read by the tables and the report; plots are the sweep's."""
    few, many = (sum(sweeps[runs]["opened"].values()) for runs in (8, 16))
    assert many - few <= 8 * 24  # 19 a run


def test_a_sweep_reads_as_many_folders_however_many_runs_it_has(sweeps):
    assert sweeps[16]["read"] == sweeps[8]["read"]


class Operations(TorchDispatchMode):
    """Counts what reaches the device."""

    def __init__(self) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        if not function.is_view:  # a view is no work for a device
            self.count[function.overloadpacket.__name__] += 1
        return function(*args, **(kwargs or {}))


# Each asks the device for a number, and waits for it.
WAITS = {"_local_scalar_dense", "item", "nonzero", "is_nonzero", "equal", "unique_dim"}


def of_an_epoch(make_config, examples: int, **more: object) -> Counter[str]:
    """The operations of the second epoch: some belong to the first alone."""
    config = make_config(
        "dataset=digits", "batch_size=16", f"dataset.train_size={examples}", "device=cpu", **more
    )
    training = Training(build_group([config], []), Quiet())
    training._train_epoch()
    training.epochs_done += 1
    with Operations() as seen:
        training._train_epoch()
    return seen.count


def of_a_bare_loop(examples: int) -> Counter[str]:
    """The operations of an epoch of the loop that people write, which sums what it measures."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, foreach=False)
    images, classes = torch.rand(examples, 1, 8, 8), torch.zeros(examples, dtype=torch.long)
    loss_sum, right = torch.zeros(()), torch.zeros(())
    with Operations() as seen:
        for rows in torch.randperm(examples).split(16):
            logits = model(images[rows])
            loss = nn.functional.cross_entropy(logits, classes[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach() * len(rows)
            right += (logits.argmax(1) == classes[rows]).sum()
    return seen.count


def test_no_epoch_waits_for_its_device(make_config):
    """Sums stay on the device; the epoch's row fetches them at once."""
    found = of_an_epoch(make_config, 160)
    assert sum(found.values()) > 100
    assert {name: count for name, count in found.items() if name in WAITS} == {}


def test_the_counting_sees_a_wait():
    with Operations() as seen:
        float(torch.zeros(()))
    assert WAITS & seen.count.keys()


def test_a_step_is_as_many_operations_as_in_a_bare_loop(make_config):
    """What is stacked costs views, which are not counted; sums are taken every few steps."""
    ours, bare = (
        (epoch(320).total() - epoch(160).total()) / 10  # of ten steps more, a step
        for epoch in (lambda examples: of_an_epoch(make_config, examples), of_a_bare_loop)
    )
    assert ours <= 1.25 * bare, (ours, bare)
