"""Some of a dataset's classes, as if it had no others."""

import pytest
import torch

from runner.build import load_data
from runner.datasets.class_subset import of_classes
from runner.datasets.data import Split
from runner.errors import RequestError


def test_examples_of_other_classes_go_and_the_rest_are_numbered_in_the_order_named():
    split = Split(torch.arange(6)[:, None], torch.tensor([0, 2, 1, 2, 3, 1]))
    kept = of_classes(split, [2, 1])
    assert kept.inputs.flatten().tolist() == [1, 2, 3, 5]
    assert kept.targets.tolist() == [0, 1, 0, 1]
    assert of_classes(split, None) is split
    assert len(of_classes(split, [4, 5])) == 0


def test_all_splits_have_the_classes_and_their_names(make_config):
    whole = load_data(make_config("dataset=digits"))
    data = load_data(make_config("dataset=digits", "dataset.class_subset=[7,0,3]"))
    assert data.classes == ("7", "0", "3")
    assert data.outputs == 3
    for name, split in data.splits.items():
        assert set(split.targets.tolist()) == {0, 1, 2}
        assert len(split) < len(whole.splits[name])
    # before the validation split is set aside, a class is the same images
    before = sum(int((whole.splits[name].targets == 7).sum()) for name in ("train", "val"))
    assert sum(int((data.splits[name].targets == 0).sum()) for name in ("train", "val")) == before


def test_train_size_counts_the_classes_that_are_kept(make_config):
    data = load_data(make_config("dataset.class_subset=[0,1]", "dataset.train_size=50"))
    assert len(data.train) == 50


def test_a_shifted_test_set_has_the_classes_that_are_kept(make_config):
    shift = ["dataset.shift=concept", "dataset.shift_strength=1"]
    data = load_data(make_config("dataset.class_subset=[4,9]", *shift))
    assert set(data.test.targets.tolist()) == {0, 1}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("[0,10]", "dataset.class_subset=[0,10] is not allowed; the classes are 0 0, 1 1,"),
        ("[1,1]", "dataset.class_subset=[1,1] names a class twice."),
        ("[1]", "dataset.class_subset=[1] is not allowed; it takes a list of 2 or more in which"),
    ],
)
def test_classes_that_are_not_there_are_refused(given, sentence, make_config):
    with pytest.raises(RequestError) as refused:
        load_data(make_config(f"dataset.class_subset={given}"))
    assert str(refused.value).startswith(sentence)
