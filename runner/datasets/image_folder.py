"""Images of one's own, in a folder for each class."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

import torch
from pydantic import Field

from runner.datasets.class_subset import of_classes
from runner.datasets.data import Split
from runner.datasets.image_files import Channels, decoded_once, image_files
from runner.datasets.images import ImageClasses
from runner.datasets.splits import Share, hold_out
from runner.errors import RequestError
from runner.registry import register

SPLITS = ("train", "val", "test")


@register("dataset", "image-folder")
@dataclass(kw_only=True)
class ImageFolder(ImageClasses):
    """Images in a folder for each class, as torchvision's ``ImageFolder`` has them.

    The class folders lie in ``path``, or in ``train`` there, beside folders ``val`` and ``test`` of
    the same classes or without them. What has no folder is a random part of the training images:
    ``val_fraction`` and ``test_fraction``.

    Attributes:
        root: Decoded images are kept in ``image-folder`` there, and made again when a file changes.
        path: The folder; it must be given.
        size: The side in pixels to which every image is resized when it is decoded; None where all
            have the same.
        channels: 1 for grey images, 3 for colours.
        test_fraction: The part to test on where there is no folder ``test``.
    """

    scale = 1 / 255

    root: str
    path: str | None
    size: Annotated[int, Field(ge=4)] | None
    channels: Channels
    test_fraction: Share

    def class_names(self) -> tuple[str, ...]:
        """Return the names of the class folders, sorted."""
        return tuple(folder.name for folder in self._class_folders)

    def parts(self) -> tuple[Split, Split | None, Split | None]:
        """Return the examples of each folder, and random parts where there is none."""
        train, val, test = (self._split(name) for name in SPLITS)
        assert train is not None  # a folder without images is refused
        shapes = {tuple(part.inputs.shape[1:]) for part in (train, val, test) if part is not None}
        if len(shapes) > 1:
            raise RequestError(
                f"The images of {self._folder} differ in size between train, val and test; "
                "dataset.size=32 makes all of them 32x32."
            )
        if test is None:
            train, test = hold_out(train, self.test_fraction, self.seed, "test")
        if val is None:
            train, val = self.divided(train)
        elif self.folds is not None or self.val_fraction:
            key = "val_fraction" if self.folds is None else "folds"
            raise RequestError(
                f"{self._folder}/val is the validation split: leave dataset.{key} out."
            )
        return train, val, test

    @cached_property
    def _folder(self) -> Path:
        if self.path is None:
            raise RequestError(
                "dataset=image-folder needs the path of a folder, e.g. dataset.path=pictures."
            )
        folder = Path(self.path).expanduser()
        if not folder.is_dir():
            raise RequestError(f"dataset.path={folder}: there is no such folder.")
        return folder

    @cached_property
    def _parted(self) -> bool:
        """Whether the folders are splits, and no classes."""
        names = [folder.name for folder in _folders(self._folder)]
        return "train" in names and set(names) <= set(SPLITS)

    @cached_property
    def _class_folders(self) -> list[Path]:
        above = self._folder / "train" if self._parted else self._folder
        folders = _folders(above)
        if len(folders) < 2:
            found = f"it has {folders[0].name} alone" if folders else "it has none"
            raise RequestError(f"{above} needs a folder for each class, two or more; {found}.")
        return folders

    def _split(self, name: str) -> Split | None:
        """Return the examples of a split's own folder; all of them where there are no splits."""
        folder = self._folder / name if self._parted else self._folder
        if not folder.is_dir() or not (self._parted or name == "train"):
            return None
        self._check_classes(folder)
        by_class = [image_files(folder / class_name) for class_name in self.class_names()]
        for class_name, files in zip(self.class_names(), by_class, strict=True):
            if not files and name == "train":
                raise RequestError(f"{folder / class_name} has no images.")
        return of_classes(self._read(folder, by_class), self.class_subset)

    def _read(self, folder: Path, by_class: Sequence[Sequence[Path]]) -> Split:
        files = [path for some in by_class for path in some]
        if not files:
            raise RequestError(f"{folder} has no images.")
        size = None if self.size is None else (self.size, self.size)
        store = Path(self.root).expanduser() / "image-folder"
        images = decoded_once(files, folder, store, channels=self.channels, size=size)
        numbers = [number for number, some in enumerate(by_class) for _ in some]
        return Split(torch.from_numpy(images), torch.tensor(numbers))

    def _check_classes(self, folder: Path) -> None:
        known = self.class_names()
        for other in _folders(folder):
            if other.name not in known:
                raise RequestError(
                    f"{other} is no class of the training images: {', '.join(known)}."
                )


def _folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, hidden ones left out, in the order of their names."""
    found = (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return sorted(found, key=lambda path: path.name)
