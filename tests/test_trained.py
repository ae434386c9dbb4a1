"""A trained model, taken back from its run's files."""

import json
import warnings

import pytest
import torch
import yaml
from omegaconf import OmegaConf

import runner
from runner.build import load_data
from runner.engine.measure import evaluate
from runner.errors import RequestError
from runner.losses.base import OBJECTIVE
from runner.registry import find, names

SMALL = ("model.hidden=[8]", "dataset.train_size=64", "epochs=1")


def loss_on(model, split):
    logits = model(split.inputs)
    if split.targets.is_floating_point():
        return (logits - split.targets).square().mean().item() / 2
    return torch.nn.functional.cross_entropy(logits, split.targets).item()


@pytest.mark.parametrize("name", [n for n in names("model") if find("model", n).tasks != OBJECTIVE])
def test_a_loaded_model_answers_as_it_was_measured(name, example, run):
    folder, config, group = run(*example("model", name), "epochs=1")
    model = runner.load_model(folder, "last")
    expected = evaluate(group, "test")["loss"].item()
    # A mean over the whole set in place of one over its batches.
    with torch.no_grad():
        assert loss_on(model, load_data(config).test) == pytest.approx(expected, rel=1e-4)


def test_images_are_taken_as_they_are_stored_in_any_size(run):
    folder, config, _ = run("model=lenet-bn", "dataset.normalize=true", "epochs=1")
    model = runner.load_model(folder)
    assert model.classes == [str(digit) for digit in range(10)]
    assert model(load_data(config).test.inputs[:3]).shape == (3, 10)
    assert model(torch.zeros(2, 1, 20, 20, dtype=torch.uint8)).shape == (2, 10)


@pytest.mark.parametrize("resize", ["null", "12"])
def test_images_standardised_by_pixel_are_taken_as_stored_in_their_own_size(run, resize):
    by_pixel = ("dataset.normalize=pixel", f"dataset.resize={resize}", "model.hidden=[8]")
    folder, config, group = run(*by_pixel, "epochs=1", "dataset.train_size=64")
    model = runner.load_model(folder, "last")
    assert model.takes == "(B, 1, 8, 8) images of values 0 to 16"
    expected = evaluate(group, "test")["loss"].item()
    with torch.no_grad():  # a mean over the whole set in place of one over its batches
        assert loss_on(model, load_data(config).test) == pytest.approx(expected, rel=1e-4)
    with pytest.raises(RequestError, match=r"takes \(B, 1, 8, 8\) images.*shape \(2, 1, 12, 12\)"):
        model(torch.zeros(2, 1, 12, 12))


def test_the_best_weights_come_first_where_there_are_any(run):
    short = ("model.hidden=[8]", "dataset.train_size=60", "batch_size=20", "epochs=20")
    folder, config, _ = run(*short, "optim.lr=2")
    best, last = (runner.load_model(folder, weights) for weights in ("best", "last"))
    assert runner.load_model(folder).epoch == best.epoch < last.epoch == 20
    data = load_data(config)
    with torch.no_grad():
        assert loss_on(best, data.val) < loss_on(last, data.val)


def test_without_a_validation_split_the_last_weights_are_taken(run):
    folder, *_ = run("dataset=linear", "model=linreg", "epochs=2")
    assert runner.load_model(folder).epoch == 2
    with pytest.raises(RequestError, match="no validation split; take 'last'"):
        runner.load_model(folder, "best")


def test_precision_is_kept(run):
    folder, *_ = run("device.precision=float64", "dataset.train_size=64", "epochs=1")
    model = runner.load_model(folder)
    assert model(torch.zeros(1, 1, 8, 8, dtype=torch.uint8)).dtype == torch.float64


@pytest.mark.parametrize("standardised", ["true", "false"])
def test_numbers_are_answered_and_measured_in_the_targets_own_units(run, thousands, standardised):
    folder, config, group = run(*thousands, f"dataset.standardize_target={standardised}")
    inputs = load_data(config).test.inputs
    with torch.no_grad():
        answered = runner.load_model(folder)(inputs)[:, 0]
    error = answered - (300 * inputs[:, 0] + 1000)
    rmse = evaluate(group, "test")["rmse"].item()
    assert rmse == pytest.approx(error.square().mean().sqrt().item(), rel=1e-5)
    assert rmse > 10  # no standard deviations


@pytest.mark.parametrize("standardised", ["true", "false"])
def test_a_checkpoint_that_lost_the_targets_unit_is_refused(run, thousands, standardised):
    folder, *_ = run(*thousands, f"dataset.standardize_target={standardised}")
    path = folder / "checkpoints" / "last.pt"
    saved = torch.load(path, weights_only=True)
    for name in ("target_mean", "target_std"):
        del saved["data"][name]
    torch.save(saved, path)
    if standardised == "false":
        assert runner.load_model(folder).epoch == 1
        return
    with pytest.raises(RequestError, match=r"did not keep its mean and standard .* train it again"):
        runner.load_model(folder)


def test_what_is_no_run_is_named(tmp_path):
    with pytest.raises(RequestError, match="is not the folder of a run; 'runner runs' lists them"):
        runner.load_model(tmp_path)
    with pytest.raises(RequestError, match="There is no folder"):
        runner.load_model(tmp_path / "nowhere")
    (tmp_path / "2026" / ".hydra").mkdir(parents=True)
    (tmp_path / "2026-x" / ".hydra").mkdir(parents=True)
    with pytest.raises(RequestError, match=r"is a sweep; give one of its runs, '[^']*/2026'[.]"):
        runner.load_model(tmp_path)
    for job in (0, 10):
        (tmp_path / "sweep" / str(job) / ".hydra").mkdir(parents=True)
    with pytest.raises(RequestError, match=r"one of its runs, '[^']*sweep/0' to '[^']*sweep/10'"):
        runner.load_model(tmp_path / "sweep")


def test_other_kinds_of_weights_and_files_are_named(run):
    folder, *_ = run(*SMALL)
    with pytest.raises(RequestError, match=r"did you mean 'best'\? Allowed: best, last"):
        runner.load_model(folder, "bst")
    with pytest.raises(RequestError, match="is a file; give the folder of a run"):
        runner.load_model(folder / "summary.json")
    (folder / "checkpoints" / "best.pt").unlink()
    with pytest.raises(RequestError, match=r"There is no checkpoint .*best\.pt"):
        runner.load_model(folder, "best")


def test_weights_that_are_not_finite_are_refused(run):
    folder, *_ = run(*SMALL, "optim.lr=1e30")
    with pytest.raises(RequestError, match="diverged in epoch 1: the last weights, of epoch 1"):
        runner.load_model(folder)
    with pytest.raises(RequestError, match=r"There is no best epoch of .*: no val/loss was finite"):
        runner.load_model(folder, "best")


def test_a_run_that_did_not_end_well_gives_finite_weights_with_a_warning(run):
    folder, *_ = run(*SMALL, "epochs=2")
    path = folder / "summary.json"
    summary = json.loads(path.read_text())
    path.write_text(json.dumps(summary | {"status": "diverged"}))
    with pytest.warns(UserWarning, match="diverged in epoch 2: these are the best weights") as said:
        runner.load_model(folder, "best")
    assert said[0].filename == __file__
    spoilt = torch.load(folder / "checkpoints" / "last.pt", weights_only=True)
    next(iter(spoilt["params"].values())).fill_(float("nan"))
    torch.save(spoilt, folder / "checkpoints" / "last.pt")
    best = summary["best"]["epoch"]
    with pytest.raises(RequestError, match=f"finite numbers; 'best' are those of epoch {best}"):
        runner.load_model(folder, "last")


def test_a_run_without_an_end_gives_its_weights_with_a_warning(run):
    folder, *_ = run(*SMALL)
    path = folder / "summary.json"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runner.load_model(folder)
    begun = {"status": "running", "seed": 0, "last": None, "best": None}
    for left in (
        "{",
        "[]",
        "",
        json.dumps(begun),
        json.dumps(begun | {"last": {"epoch": 9}}),
        None,
    ):
        path.unlink() if left is None else path.write_text(left)
        with pytest.warns(UserWarning, match="has not ended, or was cut off: these are the best"):
            assert runner.load_model(folder).epoch == 1
    (folder / "checkpoints" / "best.pt").unlink()
    with pytest.raises(RequestError, match=r"was cut off: there is no checkpoint .*best\.pt"):
        runner.load_model(folder, "best")


def test_a_config_that_lacks_a_key_is_read_where_the_program_knows_what_was_done(run):
    folder, *_ = run(*SMALL)
    path = folder / ".hydra" / "config.yaml"
    lines = path.read_text().splitlines(keepends=True)
    added = ("checkpoint_every:", "monitor:")
    path.write_text("".join(line for line in lines if not line.startswith(added)))
    assert path.read_text().count("\n") == len(lines) - 2
    assert runner.load_model(folder).epoch == 1
    path.write_text("".join(line for line in lines if not line.startswith("  activation:")))
    with pytest.raises(RequestError, match=r"^model\.activation is missing\.$"):
        runner.load_model(folder)


def test_a_config_older_than_a_key_of_its_dataset_is_read(run, thousands):
    folder, *_ = run(*thousands)
    path = folder / ".hydra" / "config.yaml"
    config = yaml.safe_load(path.read_text())
    for key in ("columns", "drop", "missing"):
        del config["dataset"][key]
    path.write_text(yaml.safe_dump(config))
    assert runner.load_model(folder).epoch == 1


@pytest.mark.parametrize("torn", ["model:\n  name: [", "- seed\n", "", "a: ${b"])
def test_a_torn_config_is_named(run, torn):
    folder, *_ = run(*SMALL)
    (folder / ".hydra" / "config.yaml").write_text(torn)
    with pytest.raises(RequestError, match=r"config\.yaml' can't be read|is missing") as fault:
        runner.load_model(folder)
    assert not any("\n" in sentence for sentence in fault.value.sentences)


@pytest.mark.parametrize(
    ("overrides", "takes", "wrong"),
    [
        (SMALL, "(B, 1, 8, 8) images of values 0 to 16", (1, 1, 9, 9)),
        ((*SMALL, "dataset.resize=12"), "(B, 1, H, W) images of values 0 to 16", (1, 2, 8, 8)),
        (("dataset=linear", "model=linreg"), "(B, 2) features in their own units", (1, 3)),
    ],
)
def test_it_says_what_it_takes(run, overrides, takes, wrong):
    folder, config, _ = run(*overrides, "epochs=1")
    model = runner.load_model(folder)
    assert model.takes == takes
    assert f"takes {takes}; weights of epoch 1" in repr(model)
    with pytest.raises(RequestError) as fault:
        model(torch.zeros(wrong))
    assert str(fault.value) == f"This model takes {takes}, not examples of shape {wrong}."
    examples = load_data(config).test.inputs[:5]
    for same in (examples.numpy(), examples.double().numpy(), examples.tolist()):
        assert torch.equal(model(same), model(examples))


def test_a_run_that_is_older_than_a_setting_is_loaded(run):
    resnet = ("model=resnet", "model.widths=[4,6]", "model.blocks=1", "dataset.resize=32")
    folder, *_ = run(*resnet, "dataset.train_size=64", "epochs=1")
    path = folder / ".hydra" / "config.yaml"
    config = OmegaConf.load(path)
    top = ("monitor", "metric", "freeze", "init_from")
    for key in (*top, "dataset.class_subset", "device.compile", "model.stem"):
        group, _, name = key.rpartition(".")
        del (config[group] if group else config)[name]
    path.write_text(OmegaConf.to_yaml(config))
    assert runner.load_model(folder).epoch == 1
