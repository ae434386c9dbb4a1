"""What holds for every registered model."""

import inspect
import math

import pytest
import torch
from torch import nn
from torch.func import functional_call, vmap

from runner.losses.base import OBJECTIVE
from runner.models.noise import NoiseLayer
from runner.registry import find, names


def takes_any_data(name):
    """Whether a model is none that names its dataset, and no point: these have their own tests."""
    model = find("model", name)
    return model.tasks != OBJECTIVE and not any(o.startswith("dataset=") for o in model.example)


MODELS = [name for name in names("model") if takes_any_data(name)]
BATCH = 4


# What is only wide, and no different for it.
NARROW = {"resnet": {"widths": [8, 8, 12, 12]}}


@pytest.fixture
def build(build):
    return lambda name, *args, **keys: build(name, *args, **(NARROW.get(name, {}) | keys))


def arguments(name):
    return inspect.signature(find("model", name)).parameters


def side_of(name, side):
    return find("model", name).image_size or side


def shape_for(name):
    """The smallest shape that is fair to each model: the step and the layers are the same."""
    return (1, 32, 32) if find("model", name).needs_images else (5,)


def inputs_like(*shape, seed=7):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def noise_for(model, inputs, seed):
    """Uniform noise for each noise layer, under the name of its buffer."""
    shapes = {}
    layers = {name: m for name, m in model.named_modules() if isinstance(m, NoiseLayer)}
    hooks = [
        layer.register_forward_pre_hook(lambda _, args, name=name: shapes.update({name: args[0]}))
        for name, layer in layers.items()
    ]
    buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
    functional_call(model, buffers, (inputs,))
    for hook in hooks:
        hook.remove()
    source = torch.Generator().manual_seed(seed)
    return {
        f"{name}.noise": torch.rand(seen.shape, dtype=seen.dtype, generator=source)
        for name, seen in shapes.items()
    }


def states_of(models, inputs):
    """Parameters and buffers of each model, with noise of its own."""
    states = []
    for i, model in enumerate(models):
        tensors = dict(model.named_parameters()) | dict(model.named_buffers())
        state = {name: tensor.detach().clone() for name, tensor in tensors.items()}
        states.append(state | noise_for(model, inputs, seed=i))
    return states


def require_grad(model, state):
    leaves = {name: state[name].requires_grad_() for name, _ in model.named_parameters()}
    return state | leaves, list(leaves.values())


def test_there_are_models():
    assert {"linreg", "mlp", "dropout-mlp", "lenet-bn", "densenet", "resnet"} <= set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_keys_of_the_yaml_file_are_the_constructor_keys(name, model_config):
    keys = model_config(name)
    own = [p for p in arguments(name).values() if p.kind is p.KEYWORD_ONLY]
    assert next(iter(keys)) == "name"
    assert keys.pop("name") == name
    assert set(keys) == {p.name for p in own}
    assert all(p.default is p.empty for p in own)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("channels", "side"), [(1, 28), (3, 32)])
def test_images_in_their_preferred_size_give_a_row_of_outputs_each(name, channels, side, build):
    shape = (channels, side_of(name, side), side_of(name, side))
    model = build(name, shape, 10)
    assert model(inputs_like(2, *shape)).shape == (2, 10)


@pytest.mark.parametrize("name", MODELS)
def test_images_of_32_pixels_give_a_row_of_outputs_each(name, build):
    assert build(name, (3, 32, 32), 10)(inputs_like(2, 3, 32, 32)).shape == (2, 10)


@pytest.mark.parametrize("name", [n for n in MODELS if not find("model", n).needs_images])
def test_features_give_a_row_of_outputs_each(name, build):
    assert build(name, (200,), 1)(inputs_like(3, 200)).shape == (3, 1)


@pytest.mark.parametrize("name", MODELS)
def test_the_smallest_batch_can_be_trained_on(name, build):
    shape = shape_for(name)
    model = build(name, shape, 3)
    model(inputs_like(model.smallest_batch, *shape)).sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


@pytest.mark.parametrize("name", MODELS)
def test_smallest_batch_is_the_smallest(name, build):
    shape = shape_for(name)
    model = build(name, shape, 3)
    if model.smallest_batch > 1:
        with pytest.raises(ValueError, match="more than 1 value per channel"):
            model(inputs_like(model.smallest_batch - 1, *shape))


@pytest.mark.parametrize("name", MODELS)
def test_a_layer_has_a_bias_exactly_where_a_shift_of_its_output_matters(name, build):
    shape = shape_for(name)
    model, inputs = build(name, shape, 3), inputs_like(BATCH, *shape)
    noise = noise_for(model, inputs, seed=0)
    before = functional_call(model, noise, (inputs,))
    for layer in (m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)):
        hook = layer.register_forward_hook(lambda _, args, output: output + 1.0)
        change = (functional_call(model, noise, (inputs,)) - before).abs().max()
        hook.remove()
        # A real change is of the order of the weights; one that normalisation removes is float64
        # rounding, enlarged by each normalisation that divides by a small deviation.
        assert (layer.bias is not None) == (change > 1e-6), layer


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("shared", [True, False], ids=["shared inputs", "own inputs"])
def test_stacked_members_equal_each_alone(name, shared, build):
    shape = shape_for(name)
    models = [build(name, shape, 3, seed=seed) for seed in range(2)]
    own = [inputs_like(BATCH, *shape, seed=0 if shared else i) for i in range(2)]
    states = states_of(models, own[0])
    stacked = {key: torch.stack([state[key] for state in states]) for key in states[0]}

    stacked, stacked_leaves = require_grad(models[0], stacked)
    together = vmap(
        lambda state, inputs: functional_call(models[0], state, (inputs,)),
        in_dims=(0, None if shared else 0),
    )(stacked, own[0] if shared else torch.stack(own))
    grads_together = torch.autograd.grad(together.square().sum(), stacked_leaves)

    for i, (model, state) in enumerate(zip(models, states, strict=True)):
        state, leaves = require_grad(model, state)
        alone = functional_call(model, state, (own[i],))
        grads = torch.autograd.grad(alone.square().sum(), leaves)
        # Float64 rounds at 1e-16; sums in another order and normalisation enlarge it.
        torch.testing.assert_close(together[i], alone, rtol=1e-12, atol=1e-12)
        for ours, theirs in zip(grads_together, grads, strict=True):
            torch.testing.assert_close(ours[i], theirs, rtol=1e-9, atol=1e-9)
        for key, _ in model.named_buffers():
            torch.testing.assert_close(stacked[key][i], state[key], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_running_statistics_change_in_the_stack_while_training_alone_does(name, build):
    shape = shape_for(name)
    model, inputs = build(name, shape, 3), inputs_like(BATCH, *shape)
    state = states_of([model], inputs)[0]
    stacked = {key: torch.stack([tensor, tensor]) for key, tensor in state.items()}
    before = {key: tensor.clone() for key, tensor in stacked.items()}
    vmap(lambda state: functional_call(model, state, (inputs,)))(stacked)
    moving = ("running_mean", "running_var", "num_batches_tracked")
    for key, tensor in stacked.items():
        assert torch.equal(tensor, before[key]) != key.endswith(moving), key


@pytest.mark.parametrize("name", MODELS)
def test_evaluation_needs_no_noise_and_treats_each_example_alone(name, build):
    shape = shape_for(name)
    model, inputs = build(name, shape, 3).eval(), inputs_like(BATCH, *shape)
    # Products of other sizes sum in another order.
    torch.testing.assert_close(model(inputs)[:1], model(inputs[:1]), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", MODELS)
def test_the_seed_alone_decides_the_weights(name, build):
    shape = shape_for(name)
    first, again, other = (build(name, shape, 3, seed=s).state_dict() for s in (0, 0, 1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


@pytest.mark.parametrize("name", [n for n in MODELS if "init" in arguments(n)])
@pytest.mark.parametrize("init", ["normal", "kaiming", "xavier", "zeros"])
def test_init_reaches_every_weight_and_bias(name, init, build):
    model = build(name, shape_for(name), 3, init=init, init_std=0.5)
    for layer in (m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)):
        assert layer.bias is None or not layer.bias.any()
        assert bool(layer.weight.any()) == (init != "zeros")
        if init == "normal" and layer.weight.numel() > 100:
            # The deviation of n draws has a relative error of 1/sqrt(2n); five of them.
            tolerance = 5 / math.sqrt(2 * layer.weight.numel())
            assert layer.weight.std().item() == pytest.approx(0.5, rel=tolerance)
    for norm in (m for m in model.modules() if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)):
        assert torch.equal(norm.weight, torch.ones_like(norm.weight))
        assert not norm.bias.any()


@pytest.mark.parametrize("name", [n for n in MODELS if "init_bias" in arguments(n)])
@pytest.mark.parametrize("init_bias", ["zeros", "default", "normal"])
def test_init_bias_reaches_every_bias(name, init_bias, build):
    model = build(name, shape_for(name), 3, init="zeros", init_std=0.5, init_bias=init_bias)
    biases = [m.bias for m in model.modules() if isinstance(m, nn.Linear | nn.Conv2d)]
    assert all(bool(b.any()) == (init_bias != "zeros") for b in biases if b is not None)
    assert ("init" in arguments(name)) == ("init_bias" in arguments(name))
