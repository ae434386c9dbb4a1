"""Predictions for new data: the same from a table, an image, an array, and the command."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import runner
from runner.build import load_data
from runner.errors import RequestError
from runner.predict import main

TINY = ("model.hidden=[8]", "epochs=1")


@pytest.fixture
def pets(tmp_path):
    """Overrides for a table of classes, with text and a missing value."""
    rows = [(i, ["bern", "oslo"][i % 3 > 0], i % 8 or "", ["dog", "cat"][i % 2]) for i in range(60)]
    lines = [",".join(map(str, row)) for row in rows]
    (tmp_path / "pets.csv").write_text("\n".join(["name,city,age,kind", *lines, ""]))
    table = ["dataset=csv", f"dataset.path={tmp_path / 'pets.csv'}", "dataset.drop=[name]"]
    return [*table, "dataset.missing=mean", "dataset.classes=true", *TINY]


def test_a_number_is_predicted_in_the_targets_unit_by_names_of_columns(run, thousands, tmp_path):
    folder, *_ = run(*thousands, "optim.lr=0.1", "epochs=30")
    model = runner.load_model(folder)
    frame = pd.DataFrame({"y": ["?", "x"], "b": [3, 4], "other": [0, 0], "a": [10, 50.0]})
    found = model.predict(frame)
    assert list(found) == ["row", "prediction"] and found["row"].tolist() == [1, 2]
    direct = model(torch.tensor([[10.0, 3], [50, 4]]))[:, 0].detach().numpy()
    np.testing.assert_allclose(found["prediction"], direct)
    # Thirty epochs of a straight line: within a tenth of a deviation, which is 5196.
    np.testing.assert_allclose(found["prediction"], [4000, 16000], atol=500)
    frame.to_csv(tmp_path / "new.csv", index=False)
    frame.astype({"y": str}).to_parquet(tmp_path / "new.parquet")
    for name in ("new.csv", "new.parquet"):
        pd.testing.assert_frame_equal(model.predict(tmp_path / name), found)


def test_a_class_comes_with_the_probability_of_each(run, pets):
    folder, *_ = run(*pets)
    model = runner.load_model(folder)
    new = pd.DataFrame({"city": ["oslo", "bern", None], "age": [1.0, np.nan, 3]})
    found = model.predict(new)
    assert list(found) == ["row", "prediction", "p(cat)", "p(dog)"]
    chances = found[["p(cat)", "p(dog)"]].to_numpy()
    np.testing.assert_allclose(chances.sum(1), 1, rtol=1e-6)
    assert found["prediction"].tolist() == [("cat", "dog")[i] for i in chances.argmax(1)]
    with pytest.raises(RequestError, match="column 'city': 'rome' is none of the values"):
        model.predict(pd.DataFrame({"city": ["rome"], "age": [1]}))
    with pytest.raises(RequestError, match="the frame has no columns 'city', 'age', which"):
        model.predict(pd.DataFrame({"cities": ["oslo"]}))


def test_images_are_predicted_from_files_and_arrays_alike(run, tmp_path):
    folder, config, _ = run(*TINY, "dataset.train_size=64")
    model, test = runner.load_model(folder), load_data(config).test.inputs[:5]
    expected = model(test).softmax(1).detach().numpy()
    (tmp_path / "new").mkdir()
    for number, image in enumerate(test):  # 0 to 16, as bytes 0 to 255
        pixels = (image[0].float() * 255 / 16).round().byte().numpy()
        Image.fromarray(pixels).save(tmp_path / "new" / f"{number}.png")
    np.save(tmp_path / "new.npy", test[:, 0].numpy())
    of_files, of_array = model.predict(tmp_path / "new"), model.predict(tmp_path / "new.npy")
    assert of_files["file"].tolist() == [f"{number}.png" for number in range(5)]
    columns = [f"p({digit})" for digit in range(10)]
    np.testing.assert_allclose(of_array[columns], expected, rtol=1e-6)
    # A byte has 16 steps for each step of the digits.
    np.testing.assert_allclose(of_files[columns], expected, atol=2e-2)
    assert of_files["prediction"].tolist() == of_array["prediction"].tolist()
    one = model.predict(tmp_path / "new" / "3.png")
    assert one["prediction"].tolist() == of_files["prediction"][3:4].tolist()
    for source, why in [
        (tmp_path / "run", "has no images"),
        (tmp_path / "none.csv", "is no folder of images, no image"),
        (tmp_path / "none.npy", "can't be read as an array"),
        (pd.DataFrame({"a": [1]}), "the frame is no folder of images"),
        (np.zeros((2, 9, 9)), r"This model takes \(B, 1, 8, 8\)"),
    ]:
        with pytest.raises(RequestError, match=why):
            model.predict(source)


IMAGES, FEATURES = "(B, 1, 8, 8) images of values 0 to 16", "(B, 3) features in their own units"
SINGLE = "; of a single example x give x[None]"
WRONG = [
    (7, "not a single number"),
    (None, "not a NoneType"),
    ([["a", "b"]], "not values of type str32"),
    ([[1, 2], [3]], "not rows of several lengths"),
    (np.zeros((2, 2, 8, 8)), "not examples of shape (2, 2, 8, 8)"),
]


@pytest.mark.parametrize(("wrong", "told"), WRONG)
def test_what_is_no_array_is_refused_alike_when_called_and_asked_to_predict(run, wrong, told):
    model = runner.load_model(run(*TINY, "dataset.train_size=64")[0])
    with pytest.raises(RequestError) as fault:
        model(wrong)
    assert str(fault.value) == f"This model takes {IMAGES}, {told}."
    with pytest.raises(RequestError, match=rf"^This model takes .*{re.escape(told)}\.$"):
        model.predict(wrong)


def test_grey_images_need_no_channel_and_a_single_one_an_axis(run):
    model = runner.load_model(run(*TINY, "dataset.train_size=64")[0])
    images = np.arange(3 * 64).reshape(3, 8, 8) / 12
    assert torch.equal(model(images), model(images[:, None]))
    expected = model(images).softmax(1).detach().numpy()
    np.testing.assert_allclose(model.predict(images).iloc[:, 2:], expected, rtol=1e-6)
    for ask in (model, model.predict):
        with pytest.raises(RequestError) as fault:
            ask(images[0])
        told = f"This model takes {IMAGES}, not examples of shape (8, 8){SINGLE}."
        assert str(fault.value) == told
        assert len(ask(images[0][None])) == 1


def test_columns_of_a_table_may_come_as_a_dict(run, pets):
    model = runner.load_model(run(*pets)[0])
    columns = {"age": [1, 2], "city": ["bern", "oslo"]}
    pd.testing.assert_frame_equal(model.predict(columns), model.predict(pd.DataFrame(columns)))
    with pytest.raises(RequestError, match=r"^the dict has no columns 'city', 'age', which"):
        model.predict({})
    for no_table in ({"age": 1, "city": "bern"}, {"age": [1, 2], "city": ["bern"]}):
        with pytest.raises(RequestError, match=r"^The dict is no table: give each column a list"):
            model.predict(no_table)
    for wrong in (7, {1}, [{"age": 1, "city": "bern"}], ["bern"]):
        with pytest.raises(RequestError, match="own units, or a table of them, not "):
            model.predict(wrong)
    with pytest.raises(RequestError, match=re.escape(f"This model takes {FEATURES}, not a dict.")):
        model(columns)
    with pytest.raises(RequestError, match=re.escape(f"shape (3,){SINGLE}.")):
        model(np.zeros(3))


def test_columns_are_named_where_a_model_is_printed(run, pets):
    folder, *_ = run(*pets)
    told = "takes (B, 3) features in their own units; weights of epoch 1\n"
    assert f"{told}  features city=bern, city=oslo, age; predicts kind\n" in str(
        runner.load_model(folder)
    )


def test_a_run_on_a_folder_of_images_takes_them_in_its_own_size_and_colours(run, tmp_path):
    source = np.random.default_rng(0)
    for number in range(12):
        path = tmp_path / "pictures" / "ab"[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        shape = (10 + number, 12, 3)
        Image.fromarray(source.integers(0, 256, shape, np.uint8)).save(path)
    places = [f"dataset.path={tmp_path / 'pictures'}", f"dataset.root={tmp_path / 'root'}"]
    asked = [*places, "dataset.size=8", "dataset.resize=6", "dataset.test_fraction=0"]
    folder, config, _ = run("dataset=image-folder", *asked, *TINY)
    model, train = runner.load_model(folder), load_data(config).train
    found = model.predict(tmp_path / "pictures")
    assert found["file"].tolist()[:2] == ["a/00.png", "a/02.png"]
    expected = model(train.inputs).softmax(1).detach().numpy()
    np.testing.assert_allclose(found[["p(a)", "p(b)"]], expected, rtol=1e-5)


def test_a_run_without_names_of_columns_takes_an_array(run, tmp_path):
    folder, *_ = run("dataset=linear", "model=linreg", "epochs=1")
    model = runner.load_model(folder)
    assert model.predict(np.zeros((3, 2)))["row"].tolist() == [1, 2, 3]
    (tmp_path / "new.csv").write_text("a,b\n1,2\n")
    with pytest.raises(RequestError, match=r"does not know its columns by name; give an array of"):
        model.predict(tmp_path / "new.csv")
    with pytest.raises(RequestError, match="has images, and the run was trained on rows"):
        model.predict(tmp_path)


def test_the_command_writes_what_the_model_predicts(run, pets, tmp_path, capsys, monkeypatch):
    folder, *_ = run(*pets)
    monkeypatch.chdir(tmp_path)
    Path("new.csv").write_text("age;city\n4;bern\n;oslo\n")
    expected = (
        runner.load_model(folder).predict("new.csv").to_csv(index=False, float_format="%.10g")
    )
    assert main(["run", "new.csv"]) == 0
    assert capsys.readouterr().out == expected
    assert main(["run", "new.csv", "--weights", "last", "--output", "out/predicted.csv"]) == 0
    assert capsys.readouterr().out == "out/predicted.csv\n"
    assert Path("out/predicted.csv").read_text() == expected


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            ["run"],
            "The following arguments are required: DATA; see python -m runner.predict --help",
        ),
        (["nowhere", "new.csv"], "There is no folder 'nowhere'."),
        (["run", "none.csv"], "none.csv: there is no such file."),
        (["run", "new.csv"], "new.csv has no column 'b', which the model takes; it has a."),
        (["run", "new.csv", "--weights", "best"], "it had no validation split"),
    ],
)
def test_a_wrong_request_is_one_sentence(
    run, thousands, typed, said, tmp_path, capsys, monkeypatch
):
    run(*thousands)
    monkeypatch.chdir(tmp_path)
    Path("new.csv").write_text("a\n1\n")
    # What a run says at its end is written by the command, which these were not trained by.
    Path("run/summary.json").write_text('{"status": "ok", "last": {"epoch": 1}}')
    assert main(typed) == 2
    told = capsys.readouterr()
    assert told.out == "" and said in told.err and told.err.count("\n") == 1
