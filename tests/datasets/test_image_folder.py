"""Folders of images: their layouts, what is kept of them, and the sentence for each fault."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.datasets import ImageFolder as Torchvisions

from runner.datasets.image_files import decode
from runner.datasets.image_folder import ImageFolder
from runner.errors import RequestError

Folder = Callable[..., ImageFolder]


def picture(path: Path, seed: int = 0, side: int = 8, channels: int = 3) -> Path:
    """Write an image of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (side, side, 3) if channels == 3 else (side, side)
    noise = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    Image.fromarray(noise).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path, values: Callable[[str], dict[str, Any]]) -> Folder:
    """The dataset over ``pictures``, decoded into ``root``, all of it to train on."""

    def folder(**changes: Any) -> ImageFolder:
        places = {"root": str(tmp_path / "root"), "path": str(tmp_path / "pictures")}
        return ImageFolder(**{**values("image-folder"), **places, "test_fraction": 0.0, **changes})

    return folder


def test_examples_are_torchvisions(folder: Folder, tmp_path: Path) -> None:
    for number in range(6):
        name = f"pictures/{'ba'[number % 2]}/{number // 4}/{number}.png"
        picture(tmp_path / name, number)
    (tmp_path / "pictures" / "a" / "notes.txt").write_text("no image")
    data, theirs = folder().load(), Torchvisions(str(tmp_path / "pictures"))
    assert data.classes == tuple(theirs.classes) == ("a", "b")
    assert data.train.targets.tolist() == theirs.targets
    expected = np.stack([np.asarray(image) for image, _ in theirs]).transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(data.train.inputs.numpy(), expected)


def test_splits_that_have_folders_are_taken_from_there(folder: Folder, tmp_path: Path) -> None:
    for number, split in enumerate(("train", "train", "val", "test")):
        for name in "ab":
            picture(tmp_path / "pictures" / split / name / f"{number}.png", number)
    data = folder(test_fraction=0.5).load()
    assert {name: len(split) for name, split in data.splits.items()} == {
        "train": 4,
        "val": 2,
        "test": 2,
    }
    for key in ({"val_fraction": 0.5}, {"folds": 2, "fold": 0}):
        with pytest.raises(
            RequestError, match=f"val is the validation split: leave .*{next(iter(key))}"
        ):
            folder(**key).load()
    picture(tmp_path / "pictures" / "test" / "c" / "0.png")
    with pytest.raises(RequestError, match="test/c is no class of the training images: a, b"):
        folder().load()


def test_without_a_folder_for_them_splits_are_drawn(folder: Folder, tmp_path: Path) -> None:
    for number in range(20):
        picture(tmp_path / "pictures" / "train" / "ab"[number % 2] / f"{number}.png", number)
    data = folder(val_fraction=0.25, test_fraction=0.2).load()
    assert [len(split) for split in data.splits.values()] == [12, 4, 4]


def test_images_are_made_grey_and_of_one_size(folder: Folder, tmp_path: Path) -> None:
    for number in range(4):
        picture(tmp_path / f"pictures/{'ab'[number % 2]}/{number}.png", number, side=10 + number)
    data = folder(channels=1, size=6).load()
    assert data.train.inputs.shape == (4, 1, 6, 6) and data.train.inputs.dtype == torch.uint8
    with Image.open(tmp_path / "pictures/a/0.png") as image:
        expected = image.convert("L").resize((6, 6), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(data.train.inputs[0, 0], np.asarray(expected))


def test_an_image_stands_as_its_camera_was_held(tmp_path: Path) -> None:
    tall = Image.fromarray(np.arange(8, dtype=np.uint8).reshape(4, 2) * 30)
    turned = Image.Exif()
    turned[0x0112] = 3  # orientation: upside down
    tall.save(tmp_path / "a.png", exif=turned)
    expected = np.asarray(tall)[::-1, ::-1]
    np.testing.assert_array_equal(decode([tmp_path / "a.png"], 1, None)[0, 0], expected)


def test_images_are_decoded_once_until_a_file_changes(
    folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [picture(tmp_path / f"pictures/{name}/0.png", i) for i, name in enumerate("ab")]
    first = folder().load().train.inputs
    assert "Decoding 2 images of" in capsys.readouterr().err
    (kept,) = (tmp_path / "root" / "image-folder").iterdir()
    assert torch.equal(folder().load().train.inputs, first)
    assert capsys.readouterr().err == ""
    before = paths[0].stat()
    picture(paths[0], 7)
    os.utime(paths[0], ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert not torch.equal(folder().load().train.inputs[0], first[0])
    assert torch.equal(folder().load().train.inputs[1], first[1])
    kept.write_bytes(kept.read_bytes()[:-50])  # torn
    assert folder().load().train.inputs.shape == first.shape
    assert "Decoding 2 images of" in capsys.readouterr().err
    folder(channels=1).load()
    assert len(list(kept.parent.iterdir())) == 2


def test_where_nothing_can_be_kept_images_are_decoded_all_the_same(
    folder: Folder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "ab":
        picture(tmp_path / f"pictures/{name}/0.png")
    (tmp_path / "root").write_text("a file where the data root should be")
    assert len(folder().load().train) == 2
    assert "They could not be kept" in capsys.readouterr().err


def flat(place: Path) -> None:
    picture(place / "a/0.png")
    picture(place / "b/0.png")


def broken(place: Path) -> None:
    flat(place)
    (place / "a/1.png").write_bytes((place / "a/0.png").read_bytes()[:60])


def no_image(place: Path) -> None:
    flat(place)
    (place / "b/1.jpg").write_text("this is text")


def mixed(place: Path) -> None:
    flat(place)
    picture(place / "b/1.png", side=9)


def mixed_splits(place: Path) -> None:
    flat(place / "train")
    picture(place / "test/a/0.png", side=9)


def deep(place: Path) -> None:
    flat(place)
    Image.fromarray(np.zeros((8, 8), np.uint16)).save(place / "a/2.png")


def one_class(place: Path) -> None:
    picture(place / "a/0.png")


def empty_class(place: Path) -> None:
    flat(place)
    (place / "c").mkdir()


FAULTS = [
    (lambda place: None, "there is no such folder"),
    (lambda place: place.mkdir(), "needs a folder for each class, two or more; it has none"),
    (one_class, "two or more; it has a alone"),
    (empty_class, "pictures/c has no images"),
    (broken, "a/1.png can't be read as an image"),
    (no_image, "b/1.jpg can't be read as an image"),
    (mixed, "b/1.png has 9x9 pixels and"),
    (mixed_splits, "differ in size between train, val and test; dataset.size=32"),
    (deep, "a/2.png can't be read as an image: it has more than 8 bits"),
]


@pytest.mark.parametrize(("make", "why"), FAULTS)
def test_a_fault_is_one_sentence(make: Callable, why: str, folder: Folder, tmp_path: Path) -> None:
    make(tmp_path / "pictures")
    with pytest.raises(RequestError) as told:
        folder().load()
    (sentence,) = told.value.sentences
    assert why in sentence and "\n" not in sentence


def test_a_path_must_be_given(folder: Folder) -> None:
    with pytest.raises(RequestError, match="dataset=image-folder needs the path of a folder"):
        folder(path=None).load()
