"""Training that starts from another run's weights: which it takes, and what it is told apart by."""

import shutil

import pytest
import torch

from runner.build import build_group, build_model, load_data
from runner.engine.recorder import Recorder
from runner.engine.train import Quiet, Training
from runner.errors import RequestError
from runner.tryout import Trials
from runner.warm_start import SHOWN, fit, source_of, with_weights

SMALL = ["dataset.train_size=40", "batch_size=20", "epochs=1"]
MLP = [*SMALL, "model.hidden=[6]"]


@pytest.fixture
def trained(make_config, tmp_path):
    """Trains a run, and returns its folder and what is left of its group."""

    def trained(*overrides, name="source"):
        config = make_config(*overrides)
        training = Training(build_group([config], [Recorder(tmp_path / name, {})]), Quiet())
        training.run()
        return tmp_path / name, training.group.members

    return trained


@pytest.fixture
def config_from(make_config):
    """Makes the config of a run that starts from a folder's weights."""
    return lambda folder, *overrides, **values: with_weights(
        make_config(*overrides, f"init_from='{folder}'", **values)
    )


def model_of(config):
    return build_model(config, load_data(config))


def test_what_fits_is_taken_and_the_rest_is_initialised_by_the_seed(
    trained, config_from, make_config
):
    folder, source = trained(*MLP, "dataset.val_fraction=0")
    other = ["model.hidden=[6,5]", "seed=3"]
    warm, cold = model_of(config_from(folder, *SMALL, *other)), model_of(make_config(*other))
    for name, tensor in warm.named_parameters():
        expected = source.params[name][0] if "1." in name else cold.get_parameter(name)
        assert torch.equal(tensor, expected), name


def test_the_best_weights_are_taken_where_there_are_any(trained, config_from):
    folder, last = trained(*MLP, "optim.lr=5", "epochs=8")
    config = config_from(folder, *MLP)
    source = source_of(config)
    assert source.which == "best" and source.epoch < 8
    best = torch.load(folder / "checkpoints" / "best.pt", weights_only=True)
    taken = dict(model_of(config).named_parameters())
    assert all(torch.equal(tensor, best["params"][name]) for name, tensor in taken.items())
    assert not all(torch.equal(tensor, last.params[name][0]) for name, tensor in taken.items())


def test_running_statistics_come_with_the_weights(trained, config_from):
    small = [*SMALL, "model=lenet-bn", "dataset.resize=16", "dataset.val_fraction=0"]
    folder, source = trained(*small)
    model = model_of(config_from(folder, *small))
    assert torch.equal(model.layers[1].running_mean, source.buffers["layers.1.running_mean"][0])


@pytest.mark.parametrize(("model", "hidden"), [("dropout-mlp", "[6]"), ("scratch", "6")])
def test_a_dropout_rate_is_a_value_of_the_config_and_no_weight(model, hidden, trained, config_from):
    chosen = [*SMALL, f"model={model}", f"model.hidden={hidden}"]
    folder, _ = trained(*chosen, "model.dropout=0.5")
    config = config_from(folder, *chosen, "model.dropout=0.1")
    network = model_of(config)
    rates = {name: b.item() for name, b in network.named_buffers() if name.endswith("rate")}
    assert list(rates.values()) == pytest.approx([0.1])
    assert not {*rates} & {*fit(network, source_of(config)).unused}


def test_what_was_frozen_is_taken_as_well(trained, config_from):
    folder, source = trained(*MLP, "freeze=[layers.1.*]", "dataset.val_fraction=0")
    weight = model_of(config_from(folder, *MLP, seed=9)).layers[1].weight
    assert torch.equal(weight, source.buffers["layers.1.weight"][0])


def test_float64_keeps_all_digits(trained, config_from):
    double = [*MLP, "dataset.val_fraction=0", "device.precision=float64"]
    folder, source = trained(*double)
    group = build_group([config_from(folder, *double)], [])
    for name, tensor in source.params.items():
        assert torch.equal(group.members.params[name], tensor)


def test_members_of_a_group_start_from_weights_of_their_own_or_from_none(
    trained, config_from, make_config
):
    folders = [
        trained(*MLP, "dataset.val_fraction=0", f"seed={seed}", name=str(seed))[0]
        for seed in (1, 2)
    ]
    configs = [config_from(folder, *MLP) for folder in folders] + [make_config(*MLP)]
    group = build_group(configs, [])
    for slot, config in enumerate(configs):
        alone = build_group([config], []).members.params
        for name, tensor in alone.items():
            assert torch.equal(group.members.params[name][slot], tensor[0])
    first = group.members.params["layers.1.weight"]
    assert not torch.equal(first[0], first[1]) and not torch.equal(first[0], first[2])


def test_a_run_is_told_by_the_weights_and_not_by_where_they_lie(
    trained, config_from, make_config, tmp_path
):
    folder, _ = trained(*MLP)
    other, _ = trained(*MLP, "seed=1", name="other")
    moved = shutil.copytree(folder, tmp_path / "moved")
    signatures = [config_from(place, *MLP).signature for place in (folder, moved, other)]
    assert signatures[0] == signatures[1] != signatures[2]
    assert make_config(*MLP).signature not in signatures


def test_a_path_is_made_absolute_at_once(trained, config_from, tmp_path, monkeypatch):
    folder, _ = trained(*MLP)
    monkeypatch.chdir(tmp_path)
    config = config_from(folder.name, *MLP)
    monkeypatch.chdir("/")
    assert config.init_from == str(folder)
    assert source_of(config).folder == folder


def test_weights_that_changed_since_are_refused(trained, config_from):
    folder, _ = trained(*MLP)
    config = config_from(folder, *MLP)
    shutil.rmtree(folder)
    trained(*MLP, "seed=1")
    with pytest.raises(RequestError, match=r"weights of '.*source' have changed since this was"):
        model_of(config)
    shutil.rmtree(folder)
    with pytest.raises(RequestError, match=r"init_from: There is no folder '.*source'\."):
        model_of(config)


def test_it_is_said_what_did_not_fit(trained, config_from):
    folder, _ = trained(*MLP, "model.hidden=[6,6]", "dataset.val_fraction=0")
    config = config_from(folder, *MLP, "model.hidden=[6]")
    source = source_of(config)
    assert fit(model_of(config), source).told(source) == (
        f"init_from: 2 of 4 tensors are the last weights of '{folder}', of epoch 1; not found "
        "there in this shape, and initialised anew: layers.3.weight, layers.3.bias; not used from "
        "there: layers.5.weight, layers.5.bias."
    )


def test_many_names_are_cut_short(trained, config_from):
    folder, _ = trained(*MLP)
    config = config_from(folder, *MLP, "model.hidden=[6,6,6,6,6,6,6]")
    source = source_of(config)
    assert fit(model_of(config), source).told(source).count("layers.") == SHOWN
    assert "and 6 more." in fit(model_of(config), source).told(source)


def refused(config):
    with pytest.raises(RequestError) as caught:
        Trials()(config, load_data(config))
    (sentence,) = caught.value.sentences
    return sentence


def test_a_model_none_of_whose_parameters_fit_is_refused(trained, config_from):
    folder, _ = trained(*MLP)
    said = refused(config_from(folder, "model=softmax"))
    assert said.startswith("init_from: no parameter of model=softmax has the name and the shape")
    assert "Here: linear.weight (10, 64)" in said and "There: layers.1.weight (6, 64)" in said


def test_what_is_no_run_is_refused_by_its_key(tmp_path, make_config):
    def said(path):
        with pytest.raises(RequestError) as caught:
            with_weights(make_config(f"init_from='{path}'"))
        return str(caught.value)

    assert said(tmp_path / "no") == f"init_from: There is no folder '{tmp_path / 'no'}'."
    assert "is not the folder of a run" in said(tmp_path)
    (tmp_path / "sweep" / "0" / ".hydra").mkdir(parents=True)
    assert "is a sweep; give one of its runs" in said(tmp_path / "sweep")


def test_weights_that_are_not_finite_are_refused(trained, make_config):
    folder, _ = trained(*MLP, "dataset.val_fraction=0", "optim.lr=1e30", "epochs=3")
    with pytest.raises(RequestError, match=r"init_from: .* are not all finite numbers"):
        with_weights(make_config(f"init_from='{folder}'"))
