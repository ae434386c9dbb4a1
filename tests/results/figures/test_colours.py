"""Colours are seen on white and on black, and told apart by the colour-blind."""

from itertools import combinations

import numpy as np
import pytest

from runner.results.figures.colours import (
    APART,
    FAILED,
    ON_BLACK,
    entries_of,
    thin_shades,
)

WHITE, BLACK = "#ffffff", "#16191d"  # the page's, see page/style.css
# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision
# deficiency", 2009, severity 1: what is seen in place of red, green and blue.
SEEN = {
    "by all": np.eye(3),
    "without red": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "without green": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "without blue": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def light(colour):
    """Red, green and blue as amounts of light."""
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """As WCAG 2.1 has it, 1 to 21."""
    low, high = sorted(float(XYZ[1] @ light(colour)) for colour in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour, kind):
    """A colour in CIELAB, as it is seen."""
    x, y, z = XYZ @ np.clip(SEEN[kind] @ light(colour), 0, 1) / (0.95047, 1, 1.08883)
    x, y, z = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_every_colour_is_seen_on_its_ground():
    shaded = [entry for count in (8, 12, 40) for entry in entries_of([""] * count, ordered=True)]
    white = [*APART, FAILED, *thin_shades()[0], *(entry.white for entry in shaded)]
    black = [*ON_BLACK, FAILED, *thin_shades()[1], *(entry.black for entry in shaded)]
    assert min(contrast(colour, WHITE) for colour in white) >= 3
    assert min(contrast(colour, BLACK) for colour in black) >= 3


@pytest.mark.parametrize("kind", SEEN)
@pytest.mark.parametrize("colours", [APART, ON_BLACK])
def test_colours_apart_are_told_apart_by_everyone(colours, kind):
    # A distance of 2.3 is just noticeable; ten times that is told apart at a glance.
    pairs = combinations([lab(colour, kind) for colour in colours], 2)
    assert min(np.linalg.norm(one - other) for one, other in pairs) >= 23
