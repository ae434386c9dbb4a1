"""Ray: machines that lack the sweep's folder or its data, searches, and what is refused."""

import csv
import os
import socket
import time
from pathlib import Path

import pytest
from trouble.commands import assert_same_sweep

from engines.ray_sweeps import NODE, ON_RAY, files
from runner.results.read.runs import read_run

pytestmark = pytest.mark.engines
SMALL = ["-m", "dataset.train_size=40", "model.hidden=[8]", "epochs=2", "seed=0,1"]
DATA = Path("/usr/share/datasets/fashion-mnist")


# ------------------------------------------------------------------ folders that nodes lack


@pytest.mark.skipif(os.geteuid() != 0, reason="a file system of a node's own needs root")
@pytest.mark.long
def test_a_node_without_the_folder_is_refused_or_sent_the_files(ray, command, tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    ray.add_node_without(2, here)
    asked = [*SMALL, ON_RAY, f"{NODE}.address={ray.address}", f"hydra.sweep.dir={here}/sweep"]
    code, said = command(*asked)
    assert (code, list(here.iterdir())) == (2, [])
    assert said == (
        f"{socket.gethostname()}, a machine of the cluster, does not have the folder {here}/sweep: "
        f"name one that is shared by hydra.sweep.dir, or say {NODE}.shared=false, and each group's "
        "files are brought back."
    )
    # Two CPUs has that node alone.
    code, said = command(*asked, f"{NODE}.shared=false", f"{NODE}.cpus=2")
    assert code == 0, said
    local = tmp_path / "local"
    assert command(*SMALL, f"hydra.sweep.dir={local}")[0] == 0
    assert_same_sweep(here / "sweep", local)
    assert files(here / "sweep") == files(local)


@pytest.mark.skipif(os.geteuid() != 0, reason="a file system of a node's own needs root")
@pytest.mark.skipif(not DATA.is_dir(), reason="Debian's package dataset-fashion-mnist is missing")
def test_a_node_without_the_data_is_told_by_name(ray, command, tmp_path):
    folder, root = tmp_path / "sweep", tmp_path / "data"
    root.mkdir()
    for path in DATA.iterdir():
        (root / path.name).symlink_to(path)
    ray.add_node_without(2, root)
    code, said = command(
        *("-m", "dataset=fashion-mnist", "dataset.train_size=40", "model.hidden=[8]", "epochs=1"),
        *(f"dataset.root={root}", ON_RAY, f"{NODE}.address={ray.address}"),
        *(f"{NODE}.cpus=2", f"hydra.sweep.dir={folder}"),
    )
    assert code == 1, said
    reason = read_run(folder / "0").summary["reason"]
    host = socket.gethostname()
    told = f"On {host}: RequestError: dataset.root={root} has no files of Fashion-MNIST, in "
    assert reason.startswith(told)
    assert "".join(reason.split()) in "".join(said.split())  # a long path is broken anywhere


# ------------------------------------------------------------------ searches


def without_seconds(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [
            {k: v for k, v in row.items() if "seconds" not in k} for row in csv.DictReader(file)
        ]


@pytest.mark.long
@pytest.mark.parametrize(
    ("sweeper", "tables"),
    [("search", ["search.csv", "sweep.csv"]), ("population", ["lineage.csv", "schedule.csv"])],
)
def test_who_chooses_values_chooses_the_same(ray, command, tmp_path, sweeper, tables):
    settings = {
        "search": ["trials=4", "round=2", "confirm.points=1", "confirm.seeds=1"],
        "population": ["members=4", "interval=1"],
    }
    asked = [
        *("-m", f"hydra/sweeper={sweeper}", "optim.lr=tag(log,interval(1e-2,1))", "epochs=3"),
        *("dataset.train_size=60", "model.hidden=[8]", "device=cpu"),
        *(f"hydra.sweeper.{setting}" for setting in settings[sweeper]),
    ]
    local, folder = tmp_path / "local", tmp_path / "ray"
    assert command(*asked, f"hydra.sweep.dir={local}")[0] == 0
    where = [ON_RAY, f"{NODE}.address={ray.address}", f"{NODE}.shared=false"]
    code, said = command(*asked, *where, f"hydra.sweep.dir={folder}")
    assert code == 0, said
    for name in tables:
        assert without_seconds(folder / name) == without_seconds(local / name), name


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (["gpus=1"], f"{NODE}.gpus=1 is more than any machine of the cluster has: 0."),
        (["cpus=3"], f"{NODE}.cpus=3 is more than any machine of the cluster has: 1."),
    ],
)
def test_what_no_node_has_is_refused(ray, command, tmp_path, keys, told):
    asked = [*SMALL, ON_RAY, f"{NODE}.address={ray.address}", *(f"{NODE}.{key}" for key in keys)]
    assert command(*asked) == (2, told)
    assert not list(tmp_path.iterdir())


HEAD = "it takes the host:port of a cluster's head, or auto."
NONE = f"leave {NODE}.address out, and one is started on this machine."


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("127.0.0.1:9", f"There is no Ray cluster at {NODE}.address=127.0.0.1:9; {NONE}"),
        ("auto", f"There is no Ray cluster at RAY_ADDRESS=127.0.0.1:9; {NONE}"),
        ("head", f"{NODE}.address=head is not allowed; {HEAD}"),
        ("127.0.0.1:99999", f"There is no Ray cluster at {NODE}.address=127.0.0.1:99999; {NONE}"),
        ("ray://127.0.0.1:9", f"{NODE}.address=ray://127.0.0.1:9 is not allowed; {HEAD}"),
    ],
)
def test_an_address_without_a_cluster_is_refused_soon(
    command, tmp_path, monkeypatch, address, told
):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    began = time.monotonic()
    assert command(*SMALL, ON_RAY, f"{NODE}.address={address}") == (2, told)
    assert time.monotonic() - began < 20
    assert not list(tmp_path.iterdir())


def test_a_runtime_env_that_is_none_is_refused(ray, command, tmp_path):
    asked = [*SMALL, ON_RAY, f"{NODE}.address={ray.address}"]
    code, said = command(*asked, f"{NODE}.runtime_env={{env_vars:{{A:1}}}}")
    assert code == 2 and said.startswith(f"{NODE}.runtime_env is not what Ray takes: ")
    assert said.count(". ") == 0 and not list(tmp_path.iterdir())
