"""A group's files on another machine: enough to train it, and sent back whole at every moment."""

import threading
import time
from contextlib import contextmanager

import pytest

from runner.atomic_write import PART, write_whole
from runner.crew.cluster import mirror
from runner.crew.cluster.mirror import packed, sent_back, unpack
from runner.crew.exchanges import Exchange, read_exchanges
from runner.crew.group_files import GroupFiles
from runner.crew.work import train_group

POINTS = [
    ["dataset.train_size=40", "model.hidden=[8]", "epochs=4", f"seed={seed}"] for seed in (1, 2)
]


@pytest.fixture
def sweep(set_out_sweep):
    return set_out_sweep("sweep", POINTS, width=2)


@contextmanager
def meanwhile(step):
    """Do something again and again, in a thread, while the block lasts."""
    ended = threading.Event()

    def work():
        number = 0
        while not ended.is_set():
            number += 1
            step(number)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def one_by_one(content, folder):
    """Write files as they are sent, one after another: a machine may be lost between any two."""
    for name, data in content.items():
        unpack({name: data}, folder)
        yield


def test_a_group_goes_on_elsewhere_and_is_brought_back(
    sweep, set_out_sweep, witness, tmp_path, monkeypatch
):
    monkeypatch.setattr(mirror, "EVERY", 0.01)
    (files,) = sweep.groups
    sweep.killed(save=4, kill=6)
    there = GroupFiles(tmp_path / "there", files.name)
    unpack(packed(files), there.sweep)
    with sent_back(there, lambda content: unpack(content, sweep.folder)):
        train_group(there.sweep, there.name, witness)
    assert witness.began_at == [4]
    assert files.is_done and not list(files.folder.glob("state*.pt"))
    calm = set_out_sweep("calm", POINTS, width=2)
    calm.train()
    assert sweep.ending() == calm.ending()


def test_the_exchanges_of_a_population_are_brought_too(sweep, tmp_path):
    (files,) = sweep.groups
    exchange = Exchange(0, 2, {0: 1.0, 1: 2.0}, {1: 0}, {1: {"optim.lr": 0.5}})
    exchange.write(sweep.folder)
    unpack(packed(files), tmp_path / "there")
    assert read_exchanges(tmp_path / "there") == [exchange]


def test_a_save_is_never_ahead_of_its_rows(sweep, tmp_path):
    (files,) = sweep.groups
    rows, save = files.run_folder(files.plan.runs[0]) / "metrics.csv", files.folder / "state.pt"
    rows.parent.mkdir()
    there = tmp_path / "there"

    def step(number):
        with rows.open("a") as file:
            file.write(f"{number:09}\n")
        write_whole(save, f"{number:09}".encode())

    changes = mirror._Changes(files)
    with meanwhile(step):
        until = time.monotonic() + 1
        while time.monotonic() < until:
            for _ in one_by_one(changes.read(), there):
                saved, whole = there / save.relative_to(sweep.folder), there / "0" / "metrics.csv"
                if saved.is_file():
                    assert int(saved.read_text()) <= int(whole.read_text().split("\n")[-2])


def test_saves_are_there_until_the_ends_of_the_runs_are(sweep, tmp_path):
    (files,) = sweep.groups
    save, end = files.folder / "state.pt", files.run_folder(files.plan.runs[0]) / "summary.json"
    there = tmp_path / "there"

    def finish():
        write_whole(end, b"ok")
        save.unlink()

    for _ in range(100):
        end.unlink(missing_ok=True)
        write_whole(save, b"state")
        changes = mirror._Changes(files)
        unpack({**changes.read(), "0/summary.json": None}, there)
        thread = threading.Thread(target=finish)
        thread.start()
        while (there / save.relative_to(sweep.folder)).is_file():
            for _ in one_by_one(changes.read(), there):
                names = (path.relative_to(sweep.folder) for path in (save, end))
                assert any((there / name).is_file() for name in names)
        thread.join()


def test_what_is_written_just_now_is_left_until_it_is_whole(sweep):
    (files,) = sweep.groups
    (files.folder / f".state.pt.x{PART}").write_bytes(b"ha")
    changes = mirror._Changes(files)
    assert [name for name in changes.read() if name.endswith(PART)] == []
    (files.folder / "state.pt").write_bytes(b"half")
    assert list(changes.read()) == [f".runner/groups/{files.name}/state.pt"]
    assert changes.read() == {}
    (files.folder / "state.pt").unlink()
    assert changes.read() == {f".runner/groups/{files.name}/state.pt": None}
    assert changes.read() == {}
