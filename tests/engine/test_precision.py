"""``device.precision=bf16``: the model computes in bfloat16, all else in float32."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from runner.build import build_group, build_model, load_data
from runner.datasets.data import Data
from runner.engine.autocast import casting
from runner.engine.rng import generator
from runner.engine.step import predict
from runner.engine.train import Quiet, Training
from runner.errors import RequestError
from runner.registry import names
from runner.tryout import Trials

BF16 = "device.precision=bf16"
# bfloat16 keeps 8 bits, so a rounding is at most 2**-9 of a number. Stacked products add in another
# order than single ones, which may round each activation the other way, layer by layer.
ROUNDING = 2**-9
# Normalisation over few examples divides by small deviations, and enlarges what was rounded.
DEEP = {"lenet-bn", "resnet", "densenet"}


@pytest.fixture
def bf16(differing):
    return lambda model, *more: differing(model, "sgd", *more, precision="bf16")


def test_a_run_equals_a_plain_loop_under_torchs_autocast(make_config, train):
    config = make_config(
        *("model.hidden=[8]", "dataset.train_size=40", "dataset.val_fraction=0", "device=cpu"),
        *("batch_size=40", "epochs=5", "optim.lr=0.5", BF16),
    )
    data, model = load_data(config), build_model(config, load_data(config))
    stream, losses = generator(config.seed, "order"), []
    for _ in range(config.epochs):
        rows = torch.randperm(40, generator=stream)
        inputs = data.prepare(data.train.inputs[rows], torch.float32)
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(inputs)
        assert logits.dtype == torch.bfloat16
        loss = cross_entropy(logits.float(), data.train.targets[rows])
        model.zero_grad()
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.sub_(parameter.grad, alpha=0.5)
    run = train([config])
    assert [row["train/loss"] for row in run.curve(0)] == pytest.approx(losses, rel=1e-6)
    # the same operations in the same order: equal but for float32's last bit
    for name, tensor in run.member(0)["params"].items():
        torch.testing.assert_close(tensor, model.get_parameter(name).detach(), rtol=0, atol=1e-6)


def outputs_of_layers(config, members):
    """The types in which layers with weights give their outputs, trained in a group of a size."""
    group = build_group([config] * members, [])
    seen = set()
    for layer in group.members.model.modules():
        if getattr(layer, "weight", torch.empty(0)).ndim >= 2:
            layer.register_forward_hook(lambda _, inputs, output: seen.add(output.dtype))
    training = Training(group, Quiet())
    _, taken = next(training.steps(training.take))
    assert taken.losses.dtype == taken.logits.dtype == torch.float32
    return seen


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("model", ["softmax", "mlp", "lenet", "lenet-bn", "resnet"])
def test_layers_with_weights_compute_in_bfloat16(model, members, bf16):
    assert outputs_of_layers(bf16(model)[0], members) == {torch.bfloat16}


@pytest.mark.parametrize("model", names("model"))
def test_parameters_state_and_checkpoints_are_float32(model, bf16, train):
    run = train(bf16(model, "optim.momentum=0.9", "epochs=1"))
    saved = torch.load(run.folder(0) / "checkpoints" / "last.pt", weights_only=True)
    for part in ("params", "buffers", "optim/velocity"):
        floating = {t.dtype for t in saved.get(part, {}).values() if t.is_floating_point()}
        assert floating <= {torch.float32}, part


def logits_at_start(configs):
    group = build_group(configs, [])
    data: Data = group.data
    inputs = data.prepare(data.train.inputs[:32], torch.float32)
    return group, inputs, predict(group.members, inputs)


@pytest.mark.parametrize("model", names("model"))
def test_a_member_computes_the_same_alone_but_for_rounding(model, bf16):
    configs = bf16(model)
    _, _, together = logits_at_start(configs)
    assert together.dtype == torch.float32
    for slot, config in enumerate(configs):
        _, _, alone = logits_at_start([config])
        largest = alone.abs().max().item()
        within = (16 if model in DEEP else 4) * ROUNDING * largest
        torch.testing.assert_close(together[slot], alone[0], rtol=0, atol=within)


def test_training_together_ends_near_where_it_ends_alone(bf16, train):
    configs = bf16("mlp")
    together = train(configs)
    for slot, config in enumerate(configs):
        alone = train([config])
        mine, theirs = (run.curve(at)[-1] for run, at in ((together, slot), (alone, 0)))
        # fifty steps, each of which may round a gradient by 2**-9 of itself the other way
        assert mine["train/loss"] == pytest.approx(theirs["train/loss"], rel=0.02)


def test_evaluation_computes_as_training_does(bf16):
    group, inputs, logits = logits_at_start(bf16("mlp")[:1])
    model = group.members.model.eval()
    with torch.no_grad():
        exact = model(inputs)
        with casting(inputs, torch.bfloat16):
            expected = model(inputs).float()
    assert torch.equal(logits[0], expected)
    assert not torch.equal(logits[0], exact)


@pytest.mark.parametrize("model", names("model"))
def test_the_same_bits_again_at_the_same_width(model, bf16, train, assert_same_run):
    configs = bf16(model, "epochs=2")
    assert_same_run(train(configs), 2, train(configs), 2)


@pytest.mark.parametrize("model", ["linreg", "mlp", "dropout-mlp"])
def test_the_same_bits_at_any_width_from_two(model, bf16, train, assert_same_run):
    three = bf16(model, "epochs=3")
    reference = train(three)
    assert_same_run(train(three[:2]), 1, reference, 1)


def test_running_statistics_are_float32_and_follow_the_batches(bf16, train):
    (config, *_) = bf16("lenet-bn", "epochs=1")
    exact = train([config.model_copy(update={"device": config.device | {"precision": "float32"}})])
    mine, theirs = (run.member(0)["buffers"] for run in (train([config]), exact))
    name = "layers.1.running_var"
    assert mine[name].dtype == torch.float32
    # of the first convolution, over ten steps of small changes
    torch.testing.assert_close(mine[name], theirs[name], rtol=0.02, atol=0)


def test_tf32_is_of_a_gpu_alone(make_config):
    config = make_config("device=cpu", "device.precision=tf32")
    with pytest.raises(RequestError) as refused:
        Trials()(config, load_data(config))
    assert str(refused.value) == (
        "device.precision=tf32 does not exist on cpu. Allowed there: float32, float64, bf16."
    )
