import json
import math

import pytest
import torch

from runner.engine.recorder import Recorder


@pytest.fixture
def recorder(tmp_path):
    return Recorder(tmp_path / "run", {"seed": 3, "device": "cpu"})


def text(recorder, name="metrics.csv"):
    return (recorder.folder / name).read_text()


def summary(recorder):
    # Strict: what JSON does not know, nan for one, is refused.
    return json.loads(text(recorder, "summary.json"), parse_constant=pytest.fail)


def test_rows_are_appended_below_one_header(recorder):
    recorder.row({"epoch": 1, "train/loss": 0.5})
    assert text(recorder) == "epoch,train/loss\n1,0.5\n"
    recorder.row({"epoch": 2, "train/loss": 0.25})
    assert text(recorder) == "epoch,train/loss\n1,0.5\n2,0.25\n"


def test_any_float32_is_read_back_as_it_was(recorder):
    values = torch.rand(200, generator=torch.Generator().manual_seed(0)) * 1e-3
    for value in values.tolist():
        recorder.row({"x": value})
    read = torch.tensor([float(line) for line in text(recorder).splitlines()[1:]])
    assert torch.equal(read, values)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_nan_in_the_table_and_null_in_the_summary(recorder, value):
    recorder.row({"epoch": 1, "train/loss": value})
    recorder.finish("diverged", 1.0, 10, "The loss was not finite in epoch 1.")
    assert text(recorder).splitlines()[1] == "1,nan"
    assert summary(recorder)["last"] == {"epoch": 1, "train/loss": None}


def test_the_best_is_the_first_lowest_finite_validation_loss(recorder):
    losses = [math.nan, 0.5, 0.4, 0.4, math.inf, 0.6]
    improved = [recorder.row({"epoch": i, "val/loss": loss}) for i, loss in enumerate(losses)]
    assert improved == [False, True, True, False, False, False]
    recorder.finish("ok", 1.0, 10)
    assert summary(recorder)["best"] == {"epoch": 2, "val/loss": 0.4}
    assert summary(recorder)["best_metric"] == "val/loss"


def test_the_test_set_chooses_nothing(recorder):
    assert not recorder.row({"epoch": 1, "test/loss": 0.1})
    recorder.finish("ok", 1.0, 10)
    assert summary(recorder)["best"] is None
    assert summary(recorder)["best_metric"] is None


def test_the_summary_says_who_ran_and_how_fast(recorder):
    recorder.row({"epoch": 1, "train/loss": 0.5})
    recorder.finish("interrupted", 2.0, 500, "The command was interrupted.")
    told = summary(recorder)
    assert (told["seed"], told["device"]) == (3, "cpu")
    assert (told["seconds"], told["examples_per_second"]) == (2.0, 250.0)
    assert (told["status"], told["reason"]) == ("interrupted", "The command was interrupted.")
    assert (recorder.status, recorder.reason) == (told["status"], told["reason"])
    assert text(recorder, "runner.log").endswith("interrupted: The command was interrupted.\n")


def test_a_run_that_never_began_has_a_summary_without_rows(recorder):
    recorder.finish("failed", 0.0, 0, "It did not begin.")
    told = summary(recorder)
    assert (told["last"], told["best"], told["examples_per_second"]) == (None, None, None)


def test_two_runs_do_not_share_a_table(tmp_path):
    Recorder(tmp_path, {}).row({"epoch": 1, "train/loss": 0.5})
    with pytest.raises(FileExistsError):
        Recorder(tmp_path, {}).row({"epoch": 1, "train/loss": 0.7})
    assert (tmp_path / "metrics.csv").read_text() == "epoch,train/loss\n1,0.5\n"
