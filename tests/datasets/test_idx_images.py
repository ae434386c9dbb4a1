"""Where the files are looked for, how damage is seen, and what a download does."""

import gzip
import hashlib
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from trouble.publisher import Publisher, publishing

from runner.component_keys import keys
from runner.datasets.fashion_mnist import FashionMNIST
from runner.datasets.fetch import LARGEST
from runner.datasets.mnist import MNIST
from runner.datasets.root import is_named
from runner.errors import RequestError
from runner.registry import find, names

Content = dict[str, bytes]
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.fixture
def mnist(expect_made: Callable) -> Callable[[Path], MNIST]:
    """MNIST over a data root, expecting the made files."""
    component = expect_made(MNIST)

    def over(root: Path) -> MNIST:
        return component(
            root=str(root),
            seed=0,
            val_fraction=0.0,
            folds=None,
            fold=None,
            class_subset=None,
            train_size=None,
            normalize=False,
            resize="auto",
            augment=[],
            shift=None,
            shift_strength=0.0,
        )

    return over


@pytest.fixture
def no_publisher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens on the port, with or without a network."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    offered_at("http://127.0.0.1:9/", monkeypatch)


@pytest.fixture
def publisher(
    content: Content, expect_made: Callable, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Publisher]:
    """A publisher on this machine, who offers the made files."""
    expect_made(MNIST)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    offered = {f"/{name}.gz": gzip.compress(data) for name, data in content.items()}
    with publishing(Publisher(offered)) as publisher:
        offered_at(f"{publisher.url}/", monkeypatch)
        yield publisher


def offered_at(mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MNIST, "files", replace(MNIST.files, mirrors=(mirror,)))


def write(folder: Path, content: Content, suffix: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in content.items():
        path = folder / f"{name}{suffix}"
        path.write_bytes(gzip.compress(data) if suffix else data)
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*")}


@pytest.mark.usefixtures("no_publisher")
@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("place", ["root/MNIST/raw", "root", "system"])
def test_files_are_found_and_left_alone(
    place: str,
    suffix: str,
    content: Content,
    tmp_path: Path,
    mnist: Callable[[Path], MNIST],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(tmp_path / place, content, suffix)
    monkeypatch.setenv("RUNNER_DATA_ROOT", str(tmp_path / "root"))
    before = tree(tmp_path)
    data = mnist(tmp_path / "root").load()
    assert tree(tmp_path) == before
    assert data.test is not None
    assert data.train.inputs.numpy().tobytes() == content[IMAGES][16:]
    assert bytes(data.train.targets.tolist()) == content[LABELS][8:]
    assert data.test.inputs.numpy().tobytes() == content["t10k-images-idx3-ubyte"][16:]
    assert bytes(data.test.targets.tolist()) == content["t10k-labels-idx1-ubyte"][8:]


def test_a_folder_with_some_of_the_files_is_passed_over(
    content: Content,
    tmp_path: Path,
    mnist: Callable[[Path], MNIST],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(tmp_path / "root" / "MNIST" / "raw", {IMAGES: b"half of it"})
    write(tmp_path / "system", content, ".gz")
    monkeypatch.setenv("RUNNER_DATA_ROOT", str(tmp_path / "root"))
    assert len(mnist(tmp_path / "root").load().train) == 300


@pytest.mark.parametrize("made", [True, False])
def test_a_root_that_was_named_is_not_replaced_by_the_systems_copy(
    made: bool, content: Content, tmp_path: Path, mnist: Callable[[Path], MNIST]
) -> None:
    write(tmp_path / "system", content, ".gz")
    if made:
        (tmp_path / "root").mkdir()
    with pytest.raises(
        RequestError, match=r"dataset.root=\S+root has no files of MNIST, in "
    ) as told:
        mnist(tmp_path / "root").load()
    assert f"without dataset.root the copy in {tmp_path / 'system'} is taken" in str(told.value)
    assert len(mnist(tmp_path / "system").load().train) == 300


@pytest.mark.parametrize(
    "name", [n for n in names("dataset") if "root" in keys(find("dataset", n))]
)
def test_the_programs_own_root_is_nobodys_wish(
    name: str, values: Callable[[str], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for root in ("elsewhere", None):
        monkeypatch.delenv("RUNNER_DATA_ROOT", raising=False)
        if root:
            monkeypatch.setenv("RUNNER_DATA_ROOT", root)
        assert not is_named(values(name)["root"])
    assert is_named("data2")


@pytest.mark.parametrize("name", [IMAGES, LABELS, "t10k-images-idx3-ubyte"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_one_flipped_bit_is_named_and_never_trained_on(
    name: str, suffix: str, content: Content, tmp_path: Path, mnist: Callable[[Path], MNIST]
) -> None:
    flipped = bytearray(content[name])
    flipped[len(flipped) // 2] ^= 1
    write(tmp_path, {**content, name: bytes(flipped)}, suffix)
    with pytest.raises(RequestError) as caught:
        mnist(tmp_path).load()
    sentence = str(caught.value)
    assert str(tmp_path / f"{name}{suffix}") in sentence
    assert hashlib.sha256(content[name]).hexdigest() in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "damage", [b"", b"not gzip at all", gzip.compress(bytes(999), mtime=0)[:20]]
)
def test_an_unreadable_archive_is_named(
    damage: bytes, content: Content, tmp_path: Path, mnist: Callable[[Path], MNIST]
) -> None:
    write(tmp_path, content, ".gz")
    (tmp_path / f"{LABELS}.gz").write_bytes(damage)
    with pytest.raises(RequestError, match=f"{LABELS}.gz"):
        mnist(tmp_path).load()


def test_files_of_another_dataset_are_refused(content: Content, tmp_path: Path) -> None:
    write(tmp_path, content)
    with pytest.raises(RequestError, match="not Fashion-MNIST's train-images"):
        FashionMNIST(
            root=str(tmp_path),
            seed=0,
            val_fraction=0.0,
            folds=None,
            fold=None,
            class_subset=None,
            train_size=None,
            normalize=False,
            resize=None,
            augment=[],
            shift=None,
            shift_strength=0.0,
        ).load()


def test_a_download_says_so_first_and_is_used_again(
    publisher: Publisher,
    content: Content,
    tmp_path: Path,
    mnist: Callable[[Path], MNIST],
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = tmp_path / "root"
    first = mnist(root).load()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"Downloading MNIST from {publisher.url}/ to {root}/MNIST/raw\n"
    publisher.content.clear()
    again = mnist(root).load()
    assert capsys.readouterr().err == ""
    assert torch.equal(first.train.inputs, again.train.inputs)
    assert first.train.inputs.numpy().tobytes() == content[IMAGES][16:]


def test_a_download_of_something_else_is_refused(
    publisher: Publisher, content: Content, tmp_path: Path, mnist: Callable[[Path], MNIST]
) -> None:
    publisher.content[f"/{LABELS}.gz"] = gzip.compress(content[LABELS][:-1] + b"\x0b")
    with pytest.raises(RequestError, match=f"{publisher.url}/{LABELS}.gz is damaged") as caught:
        mnist(tmp_path / "root").load()
    expected = hashlib.sha256(content[LABELS]).hexdigest()
    found = hashlib.sha256(content[LABELS][:-1] + b"\x0b").hexdigest()
    assert f"should be {expected} and is {found}" in str(caught.value)
    assert not [*(tmp_path / "root").rglob(f"*{LABELS}*")]


def test_what_is_there_is_not_downloaded_again(
    publisher: Publisher, content: Content, tmp_path: Path, mnist: Callable[[Path], MNIST]
) -> None:
    write(tmp_path / "MNIST" / "raw", {IMAGES: content[IMAGES]}, ".gz")
    assert len(mnist(tmp_path).load().train) == 300
    assert len(publisher.asked) == 3


def test_a_small_file_that_unpacks_to_very_much_is_refused(
    content: Content, tmp_path: Path, mnist: Callable[[Path], MNIST]
) -> None:
    write(tmp_path, content, ".gz")
    (tmp_path / f"{LABELS}.gz").write_bytes(gzip.compress(bytes(3 * LARGEST), 9))
    tracemalloc.start()
    try:
        with pytest.raises(RequestError, match=f"{LABELS}.gz is damaged"):
            mnist(tmp_path).load()
        assert tracemalloc.get_traced_memory()[1] < 2.5 * LARGEST
    finally:
        tracemalloc.stop()


@pytest.mark.usefixtures("no_publisher")
def test_a_failed_download_tells_the_ways_and_leaves_no_folder(
    tmp_path: Path, mnist: Callable[[Path], MNIST]
) -> None:
    root = tmp_path / "deep" / "root"
    with pytest.raises(RequestError) as caught:
        mnist(root).load()
    sentence = str(caught.value)
    for place in (root / "MNIST" / "raw", root, tmp_path / "system"):
        assert str(place) in sentence
    assert IMAGES in sentence and "network" in sentence and "copy the four files" in sentence
    assert len(caught.value.sentences) == 1 and "\n" not in sentence
    assert list(tmp_path.iterdir()) == []


def test_fashion_mnist_names_its_package() -> None:
    assert "apt-get install dataset-fashion-mnist" in FashionMNIST.files.otherwise


@pytest.mark.usefixtures("no_publisher")
def test_the_home_folder_may_be_written_short(
    content: Content,
    tmp_path: Path,
    mnist: Callable[[Path], MNIST],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "data", content)
    assert len(mnist(Path("~/data")).load().train) == 300
