"""Image files, listed and decoded into bytes; decoded once, and kept."""

import hashlib
import os
import sys
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from runner.atomic_write import whole_file
from runner.errors import RequestError, first_line

SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
MODES = {1: "L", 3: "RGB"}
PART = 256  # images that are decoded between two looks at their shapes

Channels = Literal[1, 3]
Images = npt.NDArray[np.uint8]


def image_files(folder: Path) -> list[Path]:
    """Return the images in a folder and below it, by their suffix, in the order of their names."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def decode(files: Sequence[Path], channels: Channels, size: tuple[int, int] | None) -> Images:
    """Decode images, turned as their camera was held.

    Args:
        files: One or more.
        channels: 1 for grey images, 3 for red, green and blue.
        size: Height and width in pixels to which each is resized (bilinear, antialiased, whatever
            its own proportions); None where all have the same.

    Returns:
        (N, C, H, W) bytes.

    Raises:
        RequestError: A file is no image or a broken one, or they differ in size.
    """
    first = _decoded(files[0], channels, size)
    images = np.empty((len(files), *first.shape), np.uint8)

    def fill(number: int) -> None:
        """Decode one image into its place."""
        image = _decoded(files[number], channels, size)
        if image.shape != first.shape:
            here, there = (f"{i.shape[2]}x{i.shape[1]} pixels" for i in (image, first))
            raise RequestError(
                f"The images differ in size: {files[number]} has {here} and {files[0]} {there}; "
                "dataset.size=32 makes all of them 32x32."
            )
        images[number] = image

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for start in range(0, len(files), PART):
            # The first fault ends it, rather than the last of a million files.
            list(pool.map(fill, range(start, min(start + PART, len(files)))))
    return images


def decoded_once(files: Sequence[Path], folder: Path, store: Path, **how: Any) -> Images:
    """Return decoded images, from a file that an earlier call has left, if they are as they were.

    Args:
        files: The images.
        folder: What they lie in.
        store: Where decoded images are kept; a line on stderr says so when they are made.
        **how: ``channels`` and ``size``, see `decode`.

    Raises:
        RequestError: See `decode`.
    """
    name = hashlib.sha256(repr((str(folder.resolve()), sorted(how.items()))).encode()).hexdigest()
    place = store / f"{folder.name}-{name[:12]}.npz"
    digest = _digest(files, folder)
    kept = _kept(place, digest)
    if kept is not None:
        return kept
    print(f"Decoding {len(files):,} images of {folder}, to be kept in {place}", file=sys.stderr)
    images = decode(files, **how)
    _keep(place, lambda file: np.savez(file, digest=np.array(digest), images=images))
    return images


def _digest(files: Sequence[Path], folder: Path) -> str:
    """A checksum of what files there are: names, sizes and times of their last change."""
    found = hashlib.sha256()
    for path in files:
        told = path.stat()
        found.update(f"{path.relative_to(folder)}\0{told.st_size}\0{told.st_mtime_ns}\n".encode())
    return found.hexdigest()


def _kept(place: Path, digest: str) -> Images | None:
    """Return what is kept; None where it is not there, damaged, or of other files."""
    try:
        with place.open("rb") as opened, np.load(opened) as file:
            if str(file["digest"]) != digest:
                return None
            images: Images = file["images"]
            return images
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(place: Path, write: Callable[[Any], None]) -> None:
    try:
        with whole_file(place) as file:
            write(file)
    except OSError as error:
        reason = error.strerror or str(error)
        print(f"They could not be kept ({reason}), and are decoded every time.", file=sys.stderr)


def _decoded(path: Path, channels: Channels, size: tuple[int, int] | None) -> Images:
    from PIL import Image, ImageOps  # needed here alone

    try:
        with Image.open(path) as image:
            if image.mode.startswith(("I", "F")):
                raise ValueError("it has more than 8 bits for a pixel; save it with 8")
            turned = ImageOps.exif_transpose(image).convert(MODES[channels])
            if size is not None:
                turned = turned.resize(size[::-1], Image.Resampling.BILINEAR)
            pixels = np.asarray(turned, np.uint8)
    except Exception as error:  # whatever a broken file makes of a decoder
        reason = first_line(error) or type(error).__name__
        raise RequestError(f"{path} can't be read as an image: {reason}.") from error
    return pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, 2, 0)
