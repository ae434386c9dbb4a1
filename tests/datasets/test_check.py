"""Data that can't be trained on, whoever made it."""

import pytest
import torch

from runner.datasets.check import check_data
from runner.datasets.data import Data, Split
from runner.errors import RequestError

FEATURES = torch.zeros(4, 2)
NUMBERS, CLASSES = torch.zeros(4, 1), torch.tensor([0, 1, 1, 0])
AB = ("a", "b")


@pytest.mark.parametrize(
    ("targets", "classes", "why"),
    [
        (CLASSES, None, "whole numbers, and the data names no classes; give Data"),
        (CLASSES[:, None], None, r"must be floating-point \(N, T\), not int64 \(4, 1\)"),
        (NUMBERS[:, 0], None, r"must be floating-point \(N, T\), not float32 \(4,\)"),
        (NUMBERS, AB, r"must be whole numbers \(N,\), not float32 \(4, 1\)"),
        (CLASSES + 1, AB, "its targets go from 1 to 2, and 2 classes are numbered from 0"),
        (CLASSES - 1, AB, "its targets go from -1 to 0, and 2 classes"),
        (CLASSES[:3], AB, "4 inputs, and 3 targets"),
    ],
)
def test_a_fault_is_one_sentence_that_names_the_split(targets, classes, why):
    right = Split(FEATURES, NUMBERS if classes is None else CLASSES)
    for split, data in {
        "train": Data(Split(FEATURES, targets), None, None, classes),
        "val": Data(right, Split(FEATURES, targets), None, classes),
    }.items():
        with pytest.raises(
            RequestError, match=f"^dataset=mine has a {split} split.*{why}"
        ) as fault:
            check_data("dataset=mine", data)
        assert len(fault.value.sentences) == 1


def test_sound_data_passes_and_no_data_is_told():
    check_data("dataset=mine", Data(Split(FEATURES, NUMBERS), None, None))
    check_data("dataset=mine", Data(Split(FEATURES, CLASSES), None, None, AB))
    check_data("dataset=none", Data(Split(torch.zeros(4, 0), torch.zeros(4, 0)), None, None))
    with pytest.raises(RequestError, match=r"^dataset=mine leaves no example to train on.$"):
        check_data("dataset=mine", Data(Split(FEATURES[:0], NUMBERS[:0]), None, None))
