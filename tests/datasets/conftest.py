"""Small made files in the publishers' formats, and datasets built from their YAML files."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from omegaconf import OmegaConf
from PIL import Image

from runner.datasets.airfoil import Airfoil
from runner.datasets.base import Dataset
from runner.datasets.idx_images import IdxImages
from runner.registry import find

CONF = Path(__file__).parents[2] / "conf" / "dataset"
TRAIN, TEST = 300, 60


def idx(values: np.ndarray) -> bytes:
    """Bytes in the IDX format: two zeros, type 8 (bytes), dimensions, big-endian sizes, values."""
    sizes = np.array(values.shape, dtype=">u4").tobytes()
    return bytes([0, 0, 8, values.ndim]) + sizes + values.astype(np.uint8).tobytes()


def made_table(rows: int, columns: int, separator: str) -> bytes:
    """A table of normal numbers, the last column a noisy sum of the others."""
    table = np.random.default_rng(1).normal(size=(rows, columns))
    table[:, -1] = table[:, :-1].sum(1) + 0.1 * table[:, -1]
    return "".join(separator.join(map(repr, row)) + "\n" for row in table.tolist()).encode()


TABLE = b"a,b,c,y\n" + made_table(400, 4, ",")
AIRFOIL = made_table(1503, 6, "\t")


def made_files() -> dict[str, bytes]:
    """The four files of a dataset of 300 and 60 images, by name."""
    rng = np.random.default_rng(0)
    content = {}
    for part, size in (("train", TRAIN), ("t10k", TEST)):
        content[f"{part}-images-idx3-ubyte"] = idx(rng.integers(0, 256, (size, 28, 28)))
        content[f"{part}-labels-idx1-ubyte"] = idx(rng.integers(0, 10, size))
    return content


@pytest.fixture(scope="session")
def content() -> dict[str, bytes]:
    return made_files()


@pytest.fixture(scope="session")
def made_root(content: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root that holds the made files."""
    folder = tmp_path_factory.mktemp("root")
    for name, data in content.items():
        (folder / name).write_bytes(data)
    (folder / "table.csv").write_bytes(TABLE)
    (folder / Airfoil.file.name).write_bytes(AIRFOIL)
    rng = np.random.default_rng(2)
    for number in range(120):
        place = folder / "pictures" / ("cat", "dog", "eel")[number % 3] / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).save(place)
    return folder


@pytest.fixture
def expect_made(
    content: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[type[IdxImages]], type[IdxImages]]:
    """Let a class expect the made files, and an empty folder in place of the system's."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}

    def expect(component: type[IdxImages]) -> type[IdxImages]:
        files = replace(component.files, digests=digests, system=tmp_path / "system")
        monkeypatch.setattr(component, "files", files)
        return component

    return expect


@pytest.fixture
def expect_made_airfoil(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the airfoil dataset expect the made file, whose publisher can't be reached."""
    digest = hashlib.sha256(AIRFOIL).hexdigest()
    file = replace(Airfoil.file, digest=digest, url="http://127.0.0.1:9/airfoil_self_noise.dat")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(Airfoil, "file", file)


@pytest.fixture
def values() -> Callable[[str], dict[str, Any]]:
    """A function that gives the keys and values of a dataset's YAML file, its name left out."""

    def values(name: str) -> dict[str, Any]:
        node = OmegaConf.to_container(OmegaConf.load(CONF / f"{name}.yaml"), resolve=True)
        assert isinstance(node, dict)
        assert node.pop("name") == name
        return node

    return values


@pytest.fixture
def build(
    made_root: Path, expect_made: Callable, expect_made_airfoil: None, values: Callable
) -> Callable[..., Dataset]:
    """Build a dataset from its YAML file and some changes; files are the made ones."""

    def build(name: str, **changes: Any) -> Dataset:
        component = find("dataset", name)
        config = values(name)
        if issubclass(component, IdxImages):
            expect_made(component)
        if "root" in config:
            config["root"] = str(made_root)
        if "path" in config:
            images = find("dataset", name).images
            config["path"] = str(made_root / ("pictures" if images else "table.csv"))
        return component(**{**config, **changes})

    return build
