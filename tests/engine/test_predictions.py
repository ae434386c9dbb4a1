import numpy as np
import pytest
import torch

from runner.engine.predictions import SHOWN, write_predictions
from runner.engine.step import predict


def read(group, slot=0):
    with np.load(group.recorders[slot].folder / "predictions.npz") as file:
        return dict(file)


@pytest.fixture
def digits(make_config, build):
    group = build([make_config("dataset.train_size=20", f"seed={seed}") for seed in (0, 1)])
    write_predictions(group)
    return group


@pytest.mark.parametrize("slot", [0, 1])
def test_each_members_predictions_of_the_test_set_are_its_own(digits, slot):
    arrays, test = read(digits, slot), digits.data.test
    logits = predict(digits.members, digits.data.prepare(test.inputs, torch.float32))[slot]
    assert arrays["split"] == "test"
    assert arrays["classes"].tolist() == list("0123456789")
    np.testing.assert_array_equal(arrays["targets"], test.targets)
    np.testing.assert_array_equal(arrays["predicted"], logits.argmax(1))
    np.testing.assert_allclose(arrays["confidence"], logits.softmax(1).amax(1), rtol=1e-5)


def test_the_surest_errors_are_kept_with_their_images(digits):
    arrays = read(digits)
    wrong = arrays["predicted"] != arrays["targets"]
    assert wrong.sum() > SHOWN
    surest = np.sort(arrays["confidence"][wrong])[::-1][:SHOWN]
    np.testing.assert_array_equal(arrays["wrong_confidence"], surest)
    assert (arrays["wrong_predicted"] != arrays["wrong_targets"]).all()
    assert arrays["wrong_images"].shape == (SHOWN, 1, 8, 8)
    assert 0 <= arrays["wrong_images"].min() < arrays["wrong_images"].max() <= 1


def test_numbers_are_in_the_targets_own_units(make_config, build, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,y\n" + "".join(f"{i},{1000 + i}\n" for i in range(50)))
    group = build([make_config("dataset=csv", f"dataset.path={path}", "model=linreg")])
    write_predictions(group)
    arrays, test = read(group), group.data.test
    np.testing.assert_allclose(arrays["targets"], 1000 + test.inputs[:, 0], rtol=1e-6)
    answered = predict(group.members, group.data.prepare(test.inputs, torch.float32))[0, :, 0]
    deviation = np.arange(50).std()
    np.testing.assert_allclose(arrays["predicted"], 1024.5 + answered * deviation, rtol=1e-6)


def test_numbers_come_with_their_predictions(make_config, build):
    group = build([make_config("dataset=linear", "model=linreg")])
    write_predictions(group)
    arrays = read(group)
    assert set(arrays) == {"split", "targets", "predicted"}
    assert arrays["targets"].shape == arrays["predicted"].shape == (1000,)
