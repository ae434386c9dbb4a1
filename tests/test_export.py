"""A model as a file answers as it does here, whatever the size of the batch."""

import pytest
import torch

import runner
from runner import export as exporting
from runner.build import load_data
from runner.errors import RequestError
from runner.losses.base import OBJECTIVE
from runner.registry import find, names

MODELS = [n for n in names("model") if find("model", n).tasks != OBJECTIVE]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_exported_with_its_preparation(name, example, run, tmp_path):
    folder, config, _ = run(*example("model", name), "epochs=1")
    model = runner.load_model(folder)
    path = model.export(tmp_path / "model.pt2")
    loaded = torch.export.load(path).module()
    examples = load_data(config).test.inputs
    for count in (1, 5):
        # Operations may be fused otherwise, which moves the last bits of float32.
        torch.testing.assert_close(loaded(examples[:count]), model(examples[:count]))


def test_numbers_leave_the_file_in_the_targets_unit(run, thousands, tmp_path):
    folder, *_ = run(*thousands)
    model = runner.load_model(folder)
    loaded = torch.export.load(model.export(tmp_path / "model.pt2")).module()
    features = torch.tensor([[10.0, 3.0], [20.0, 4.0], [30.0, 5.0]])
    torch.testing.assert_close(loaded(features), model(features))


@pytest.mark.parametrize("model", ["mlp", "lenet-bn"])
def test_onnx_answers_as_the_model(model, example, run, tmp_path):
    pytest.importorskip("onnxscript")
    reference = pytest.importorskip("onnx.reference")
    folder, config, _ = run(*example("model", model), "epochs=1")
    trained = runner.load_model(folder)
    file = reference.ReferenceEvaluator(str(trained.export(tmp_path / "model.onnx")))
    for count in (1, 5):
        examples = load_data(config).test.inputs[:count]
        (found,) = file.run(None, {file.input_names[0]: examples.numpy()})
        torch.testing.assert_close(torch.from_numpy(found), trained(examples))


def test_what_can_not_be_exported_is_told(run, thousands, tmp_path, monkeypatch):
    model = runner.load_model(run(*thousands)[0])
    with pytest.raises(RequestError, match=r"model.pt' must end in .pt2 or .onnx"):
        model.export(tmp_path / "model.pt")
    monkeypatch.setattr(exporting, "ONNX_PACKAGES", ("onnx_not_here",))
    with pytest.raises(RequestError, match="ONNX needs the package onnx_not_here"):
        model.export(tmp_path / "model.onnx")
    assert not list(tmp_path.glob("model*"))
