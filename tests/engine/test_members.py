import pytest
import torch

from runner.build import build_model, load_data
from runner.engine.members import learnt, noise_shapes, stack
from runner.models.noise import NoiseLayer
from runner.registry import names
from runner.regularizers import penalised

CPU = torch.device("cpu")


@pytest.fixture
def configs(make_config):
    small = ("model=dropout-mlp", "model.hidden=[6,5]", "dataset.train_size=20")
    return [
        make_config(*small, f"model.dropout=[0.1,0.{seed}]", seed=seed, optim="adam")
        for seed in (2, 3, 4)
    ]


def models(configs):
    return [build_model(config, load_data(config)) for config in configs]


def no_state(params):
    return {"slot": {name: p + 1 for name, p in params.items()}}


def test_row_i_is_model_i(configs):
    originals = models(configs)
    members = stack(models(configs), no_state, CPU, torch.float64)
    assert len(members) == 3
    for slot, model in enumerate(originals):
        for name, param in model.double().named_parameters():
            assert torch.equal(members.params[name][slot], param)
    assert members.buffers["layers.6.rate"].tolist() == pytest.approx([0.2, 0.3, 0.4], abs=1e-7)


def test_stacks_are_contiguous_and_share_nothing_with_a_model(configs):
    built = models(configs)
    members = stack(built, no_state, CPU, torch.float32)
    own = {p.data_ptr() for model in built for p in model.parameters()}
    for tensor in (*members.params.values(), *members.buffers.values()):
        assert tensor.is_contiguous()
        assert tensor.data_ptr() not in own
        assert not tensor.requires_grad


def test_noise_is_no_buffer_of_a_member(configs):
    members = stack(models(configs), no_state, CPU, torch.float32)
    assert not [name for name in members.buffers if name.endswith("noise")]


def test_integers_stay_integers(make_config):
    config = make_config("model=lenet-bn", "dataset.resize=16")
    members = stack(models([config, config]), no_state, CPU, torch.float64)
    kinds = {tensor.dtype for tensor in members.buffers.values()}
    assert kinds == {torch.float64, torch.int64}


def test_keep_takes_slots_in_order_with_their_bits(configs):
    members = stack(models(configs), no_state, CPU, torch.float32)
    kept = members.keep(torch.tensor([2, 0]))
    assert len(kept) == 2
    for name, param in kept.params.items():
        assert torch.equal(param, members.params[name][[2, 0]])
        assert torch.equal(kept.state["slot"][name], members.state["slot"][name][[2, 0]])


def test_a_member_taken_out_is_a_copy(configs):
    members = stack(models(configs), no_state, CPU, torch.float32)
    taken = members.member(1)
    assert set(taken) == {"params", "buffers", "optim/slot"}
    before = {name: p.clone() for name, p in taken["params"].items()}
    for param in members.params.values():
        param.zero_()
    assert all(torch.equal(taken["params"][name], p) for name, p in before.items())
    assert all(taken["params"][name].shape == p.shape[1:] for name, p in members.params.items())


@pytest.mark.parametrize("name", names("model"))
def test_noise_has_the_shape_of_what_enters_its_layer(name, make_config, companions):
    config = make_config(f"model={name}", *companions("model", name))
    data = load_data(config)
    model = build_model(config, data)
    shapes = noise_shapes(model, data.prepare(data.train.inputs[:1], torch.float32))
    expected = {
        "dropout-mlp": {"layers.3.noise": (256,), "layers.6.noise": (256,)},
        "scratch": {"layers.4.noise": (256,)},
        "point": {"noise.noise": (2,)},
    }
    layers = {f"{n}.noise" for n, module in model.named_modules() if isinstance(module, NoiseLayer)}
    assert set(shapes) == layers
    assert shapes == expected.get(name, shapes)


def frozen_in(config):
    model = build_model(config, load_data(config))
    first = next(iter(model.named_parameters()))[0]
    model.get_parameter(first).requires_grad_(False)
    return model, first


def test_what_is_frozen_is_carried_and_not_learnt(configs):
    built, names_of_frozen = zip(*map(frozen_in, configs), strict=True)
    (name,) = set(names_of_frozen)
    members = stack(built, no_state, CPU, torch.float64)
    assert name not in members.params and name not in members.state["slot"]
    assert members.buffers[name].shape == (3, *built[0].get_parameter(name).shape)
    assert torch.equal(members.member(1)["buffers"][name], built[1].get_parameter(name))
    assert learnt(built[0]).keys() == members.params.keys()
    assert name not in penalised(members.params, bias=True)


def test_models_that_differ_in_what_is_frozen_are_not_stacked(configs):
    one, _ = frozen_in(configs[0])
    other = build_model(configs[1], load_data(configs[1]))
    with pytest.raises(ValueError, match="do not have the same parameters and buffers"):
        stack([one, other], no_state, CPU, torch.float64)
