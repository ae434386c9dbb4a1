import pytest
import torch

from runner.build import build_group, build_model, load_data
from runner.engine.recorder import Recorder
from runner.errors import RequestError
from runner.registry import find, names
from runner.tryout import Trials


@pytest.fixture
def configs(make_config, companions):
    """Makes the configs of a model for some seeds."""

    def configs(model, *more, seeds=(0,)):
        chosen = [f"model={model}", *companions("model", model), *more]
        return [make_config(*chosen, seed=seed) for seed in seeds]

    return configs


@pytest.mark.parametrize("model", names("model"))
def test_initial_weights_depend_on_the_seed_alone(model, configs):
    first, again, other = configs(model, seeds=(3, 3, 4))
    again = again.model_copy(update={"epochs": 99, "optim": again.optim | {"lr": 7.0}})
    data = load_data(first)
    weights = [build_model(config, data).state_dict() for config in (first, again, other)]
    assert all(torch.equal(tensor, weights[1][name]) for name, tensor in weights[0].items())
    same = all(torch.equal(tensor, weights[2][name]) for name, tensor in weights[0].items())
    assert same == (not draws_weights(first, data))


def draws_weights(config, data):
    """Whether a model draws its weights; the start of some is given, and no seed changes it."""
    keys = {key: value for key, value in config.model.items() if key != "name"}
    with torch.random.fork_rng():
        before = torch.get_rng_state()
        find("model", config.model["name"])(data.shape, data.outputs, **keys)
        return not torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("model", names("model"))
def test_building_leaves_the_global_generator_as_it_was(model, configs, tmp_path):
    before = torch.get_rng_state()
    some = configs(model, seeds=(1, 2))
    group = build_group(some, [Recorder(tmp_path, {})] * 2)
    assert torch.equal(torch.get_rng_state(), before)
    assert len(group) == 2


def test_a_member_is_built_the_same_alone_and_in_a_group(configs):
    some = configs("mlp", seeds=(5, 6, 7))
    group, alone = build_group(some, []), build_group(some[1:2], [])
    for name, param in alone.members.params.items():
        assert torch.equal(group.members.params[name][1], param[0])
    assert torch.equal(group.orders[1].get_state(), alone.orders[0].get_state())


def test_swept_values_become_one_row_for_each_member(make_config):
    some = [
        make_config("optim=adam", **{"optim.lr": lr, "regularizer.lambda": 10 * lr})
        for lr in (0.01, 0.02)
    ]
    group = build_group(some, [])
    assert group.optimizer.lr.tolist() == [0.01, 0.02]
    assert group.optimizer.lr.dtype == torch.float64
    assert group.optimizer.betas.tolist() == [[0.9, 0.999]] * 2
    assert group.regularizer.lambda_.tolist() == pytest.approx([0.1, 0.2])
    assert group.optimizer.clip_norm is None


def test_runs_share_their_data(configs):
    one, other = configs("mlp", seeds=(0, 1))
    assert load_data(one).train.inputs is load_data(other).train.inputs


def test_groups_share_their_data_on_the_device(configs):
    """In float64 it is no longer what was loaded: it is brought there once."""
    groups = [
        build_group([c], []) for c in configs("linreg", "device.precision=float64", seeds=(0, 1))
    ]
    first, second = (group.data.train.inputs for group in groups)
    assert first.data_ptr() == second.data_ptr()


def test_resize_auto_takes_what_the_model_prefers(make_config):
    assert load_data(make_config("model=lenet-bn")).shape == (1, 28, 28)
    assert load_data(make_config("model=mlp")).shape == (1, 8, 8)
    assert load_data(make_config("model=lenet-bn", "dataset.resize=16")).shape == (1, 16, 16)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_precision_reaches_parameters_and_inputs(precision, make_config):
    group = build_group([make_config(f"device.precision={precision}")], [])
    dtype = getattr(torch, precision)
    assert group.dtype == dtype
    assert {p.dtype for p in group.members.params.values()} == {dtype}


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["model=lenet-bn", "dataset.resize=8"], "needs images of at least 16x16"),
        (["model=dropout-mlp", "model.hidden=[8]"], "has length 2 and model.hidden has length 1"),
        (["optim.nesterov=true"], "optim.nesterov needs a momentum"),
    ],
)
def test_what_does_not_fit_is_found_before_anything_is_built(overrides, sentence, make_config):
    config = make_config(*overrides)
    with pytest.raises(RequestError, match=sentence):
        Trials()(config, load_data(config))


def test_a_model_that_memory_does_not_hold_is_refused(make_config):
    config = make_config("model=mlp", "model.hidden=[10000000,10000000]")
    with pytest.raises(RequestError, match="100,000,760,000,010 parameters takes at least 800,"):
        Trials()(config, load_data(config))
