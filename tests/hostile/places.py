"""Harm to what lies in a folder: no files, links elsewhere, checkpoints of nobody's."""

import base64
import contextlib
import os
import shutil
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from tests.hostile.records import ESCAPES, FORMULA, SCRIPT, Harm

OF_A_RUN = (
    *("summary.json", "metrics.csv", "trace.csv", ".hydra/config.yaml", ".hydra/overrides.yaml"),
    *("predictions.npz", "preview.npz", "checkpoints/best.pt", "checkpoints/last.pt"),
    *("per_class.csv", "report.html", "plots/curves.png", ".runner/lock"),
)
OF_A_SWEEP = (
    *("sweep.csv", "jobs.yaml", "multirun.yaml", "summary.csv", "curves.csv", "report.html"),
    *("lineage.csv", "trials.csv"),
)
FOLDERS = (".hydra", "checkpoints", "plots", ".runner")
PICTURE = base64.b64decode(  # of a single point
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NO_FILES = ("pipe", "socket", "folder", "sparse", "device", "link", "loop", "gone")


class Runs:
    """Would run code where a checkpoint is read as any pickle is."""

    def __reduce__(self):
        return os.system, ("touch owned",)


def file_harms(names: tuple[str, ...] = OF_A_RUN) -> Iterator[tuple[str, Harm]]:
    """Each file of a run, or of a sweep, replaced by what is none."""
    for name in names:
        for kind in NO_FILES:
            yield f"{name} is a {kind}", _replaced(name, kind)


def folder_harms() -> Iterator[tuple[str, Harm]]:
    """Folders that lead elsewhere."""
    for name in FOLDERS:
        yield f"{name} leads elsewhere", _leads(name)


def checkpoint_harms() -> Iterator[tuple[str, Harm]]:
    """Checkpoints that hold something else."""
    good = {"params": {}, "buffers": {}, "epoch": 1, "data": {}}
    vast = torch.zeros(1).expand(10**12)
    for kind, state in {
        "code": Runs(),
        "a list": [1, 2],
        "nothing": {},
        "no data": {**good, "params": {"a": torch.zeros(2)}},
        "other weights": {**good, "params": {"layers.0.weight": torch.zeros(3)}},
        "a vast tensor": {**good, "params": {"layers.1.weight": vast}},
        "no tensors": {**good, "params": {"a": 1}, "buffers": [2]},
        "a sparse tensor": {**good, "params": {"a": torch.zeros(3, 3).to_sparse()}},
    }.items():
        yield f"checkpoint {kind}", _saves(state)
    for key in ("shape", "outputs", "mean", "scale", "classes", "size", "target_mean"):
        for value in (None, 10**12, -1, [10**9, 10**9], "text", vast):
            yield f"checkpoint data {key} {str(value)[:12]}", _prepares(key, value)
    yield "checkpoint packed", _packed
    yield "arrays vast", _vast_arrays
    for name in ("predictions.npz", "preview.npz"):
        for kind, arrays in {
            "nothing": {},
            "others": {"a": np.zeros(3)},
            "objects": {"targets": np.array([Runs()], dtype=object)},
            "wrong": {"classes": np.array([SCRIPT, ESCAPES]), "targets": np.array([7, -9])},
        }.items():
            yield f"{name} {kind}", _arrays(name, arrays)


def name_harms() -> Iterator[tuple[str, Harm]]:
    """Names of folders and files, and folders by the thousand."""
    for kind, name in {
        "superscript": "²",
        "escapes": f"run{ESCAPES}",
        "lines": "a\nb: c",
        "no letters": os.fsdecode(b"\xff\xfe"),
        "script": SCRIPT.replace("/", "_"),
        "formula": FORMULA.replace("/", "_"),
        "digits": "9" * 200,
    }.items():
        yield f"a run called {kind}", _renamed(name)
        yield f"a plot called {kind}", _plot(name)
    yield "a deep tree", _deep
    yield "runs that lead elsewhere", _linked_runs


def _leads(name: str) -> Harm:
    def harm(run: Path) -> None:
        elsewhere = run.parent.parent / "elsewhere" / name
        (run / name).mkdir(exist_ok=True)
        shutil.copytree(run / name, elsewhere)
        shutil.rmtree(run / name)
        (run / name).symlink_to(elsewhere)

    return harm


def _replaced(name: str, kind: str) -> Harm:
    def harm(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        secret = folder.parent.parent / "secret.txt"
        leads = {"device": "/dev/zero", "link": secret, "loop": path.name}
        if kind in leads:
            path.symlink_to(leads[kind])
        elif kind in MAKES:
            MAKES[kind](path)

    return harm


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one, contextlib.chdir(path.parent):
        one.bind(path.name)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(40 << 30)


MAKES = {"pipe": os.mkfifo, "folder": Path.mkdir, "socket": _socket, "sparse": _sparse}


def _saves(state: object) -> Harm:
    def harm(run: Path) -> None:
        for name in ("best", "last"):
            torch.save(state, run / "checkpoints" / f"{name}.pt")

    return harm


def _prepares(key: str, value: object) -> Harm:
    def harm(run: Path) -> None:
        state = torch.load(run / "checkpoints" / "best.pt", weights_only=True)
        state["data"][key] = value
        torch.save(state, run / "checkpoints" / "best.pt")

    return harm


def _packed(run: Path) -> None:
    """A few bytes that become gigabytes."""
    with zipfile.ZipFile(run / "checkpoints" / "best.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("best/data.pkl", bytes(300 << 20))


def _vast_arrays(run: Path) -> None:
    with zipfile.ZipFile(run / "predictions.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (20000000000,), }"
        text = header + b" " * (117 - len(header)) + b"\n"
        archive.writestr("targets.npy", b"\x93NUMPY\x01\x00\x76\x00" + text + bytes(300 << 20))


def _arrays(name: str, arrays: dict[str, np.ndarray]) -> Harm:
    def harm(run: Path) -> None:
        np.savez(run / name, allow_pickle=True, **arrays)

    return harm


def _renamed(name: str) -> Harm:
    def harm(run: Path) -> None:
        run.rename(run.parent / name)

    return harm


def _plot(name: str) -> Harm:
    def harm(run: Path) -> None:
        (run / "plots").mkdir(exist_ok=True)  # a run of a sweep has none
        (run / "plots" / f"{name}.png").write_bytes(PICTURE)

    return harm


def _deep(run: Path) -> None:
    with contextlib.chdir(run):
        for _ in range(1500):
            Path("a").mkdir()
            os.chdir("a")


def _linked_runs(run: Path) -> None:
    elsewhere = run.parent.parent / "elsewhere"
    shutil.copytree(run, elsewhere)
    (run.parent / "7").symlink_to(elsewhere)
