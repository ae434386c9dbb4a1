"""Captured steps do what steps that are taken one by one do, whatever the components."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from runner.build import load_data
from runner.engine.capture import CudaGraph, Inductor, written_down
from runner.engine.captured import Captured
from runner.engine.stretch import Eager, in_a_row
from runner.engine.train import Quiet, Training
from runner.errors import RequestError
from runner.registry import find, names
from runner.tryout import Trials

OPTIMIZERS = [name for name in names("optim") if find("optim", name).capturable]
SHORT = ("dataset.train_size=84", "batch_size=8", "epochs=3", "device.precision=float64")


def trained(group, capture=None, length=1):
    """Train a group, its steps captured where a way to capture is given."""
    training = Training(group, Quiet())
    if capture:
        training.take = Captured(group, capture, length, shared=training.shared)
    for _ in range(group.epochs):
        training._train_epoch()
        training._conclude_epoch()
    return training


def assert_same(one, other):
    """The replayed operations are the same ones: their results are to the bit."""
    mine, theirs = one.group.members.parts(), other.group.members.parts()
    torch.testing.assert_close(mine, theirs, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize(("members", "length"), [(1, 1), (3, 2)])
@pytest.mark.parametrize("model", names("model"))
def test_every_model_trains_alike(differing, build, model, members, length):
    configs = differing(model, "sgd", "epochs=2")[:members]
    eager = trained(build(configs))
    assert_same(eager, trained(build(configs), written_down, length))


@pytest.mark.parametrize("optim", OPTIMIZERS)
def test_every_optimizer_trains_alike(differing, build, optim):
    """Coefficients change from step to step: none may be kept as the number it was at first."""
    configs = differing("mlp", optim, "schedule=cosine", "optim.clip_norm=1", "epochs=2")
    eager = trained(build(configs))
    assert_same(eager, trained(build(configs), written_down, 3))


@pytest.mark.parametrize("name", names("loss"))
def test_every_loss_trains_alike(make_config, example, build, name):
    words = (*example("loss", name), "batch_size=64", "epochs=1")
    assert_same(
        trained(build([make_config(*words)])), trained(build([make_config(*words)]), written_down)
    )


@pytest.mark.parametrize("name", [name for name in names("regularizer") if name != "none"])
def test_every_penalty_trains_alike(make_config, build, name):
    node = make_config(f"regularizer={name}").regularizer
    weights = {f"regularizer.{key}": 0.1 for key in set(node) - {"name", "bias"}}
    words = (*SHORT, f"regularizer={name}", "epochs=1")
    configs = [make_config(*words, seed=i, **weights) for i in range(2)]
    assert_same(trained(build(configs)), trained(build(configs), written_down))


@pytest.mark.parametrize("length", [1, 4])
def test_noise_and_augmentation_go_on_from_step_to_step(make_config, build, length):
    chosen = (*SHORT, "model=dropout-mlp", "dataset.augment=[flip,rotate,crop]")
    configs = [make_config(*chosen, seed=seed) for seed in (0, 1)]
    eager = trained(build(configs))
    assert_same(eager, trained(build(configs), written_down, length))


@pytest.mark.parametrize("length", [1, 4])
def test_what_is_measured_of_the_steps_is_the_same(make_config, build, length):
    config = make_config(*SHORT, "gradient_norms=true")
    eager, captured = (trained(build([config]), *how) for how in ((), (written_down, length)))
    pairs = zip(eager.tally.means().items(), captured.tally.means().items(), strict=True)
    for (name, mean), (captured_name, captured_mean) in pairs:
        assert name == captured_name
        torch.testing.assert_close(mean, captured_mean, rtol=1e-12, atol=0)  # summed in parts
    norms = eager.tally.gradient_norms(), captured.tally.gradient_norms()
    torch.testing.assert_close(*norms, rtol=1e-12, atol=0)


def test_full_batches_alone_are_captured(make_config, build):
    group = build([make_config(*SHORT)])  # ten batches of 8, and one of 4
    take = Captured(group, written_down, 4, shared=True)
    training = Training(group, Quiet())
    training.take = take
    training._train_epoch()
    assert training.steps_done == 11
    assert sorted(take.replays) == [1, 4]  # 4 + 4 + 1 + 1, and the short one


@pytest.mark.parametrize(("batch_size", "full"), [(84, 84), (83, 84), (1000, 84), (42, 42)])
def test_a_batch_of_all_examples_is_a_full_one(make_config, build, batch_size, full):
    group = build([make_config(*SHORT, f"batch_size={batch_size}")])
    training = Training(group, Quiet())
    training.take = take = Captured(group, written_down, 1, shared=True)
    training._train_epoch()
    assert (take.full, sorted(take.replays)) == (full, [1])


@pytest.mark.parametrize(
    ("sizes", "length", "stretches"),
    [
        ([8, 8, 8, 4], 2, [2, 1, 1]),
        ([8, 8], 4, [1, 1]),
        ([9], 4, [1]),
        ([8, 8, 8, 8], 2, [2, 2]),
        ([8, 8, 9], 1, [1, 1, 1]),
        ([], 4, []),
    ],
)
def test_stretches_hold_batches_of_one_size(sizes, length, stretches):
    ends = torch.tensor([0, *sizes]).cumsum(0).tolist()
    bounds = list(pairwise(ends))
    found = list(in_a_row(bounds, length))
    assert [len(stretch) for stretch in found] == stretches
    assert [batch for stretch in found for batch in stretch] == bounds


def test_what_is_left_of_a_group_is_captured_anew(make_config, build, monkeypatch):
    monkeypatch.setattr("runner.engine.captured.Inductor", lambda: written_down)
    configs = [make_config(*SHORT, **{"optim.lr": lr}) for lr in (0.1, 0.2, 0.3)]
    ended = []
    for compilation in ("none", "inductor"):
        training = Training(replace(build(configs), compile=compilation), Quiet())
        training._train_epoch()
        training._part_with([1])
        training._train_epoch()
        ended.append(training)
    assert type(ended[1].take) is Captured
    assert len(ended[1].group) == 2
    assert_same(*ended)


@pytest.mark.parametrize(
    ("compilation", "takes"), [("none", Eager), ("inductor", Captured), ("cuda-graphs", Captured)]
)
def test_the_device_says_how_steps_are_taken(make_config, build, compilation, takes):
    group = replace(build([make_config(*SHORT)]), compile=compilation)
    take = Training(group, Quiet()).take
    assert type(take) is takes
    assert take.length == (10 if compilation == "cuda-graphs" else 1)


def test_a_step_that_the_compiler_makes_trains_alike(make_config, build):
    """Its kernels add up in another order: float64 leaves that twelve digits."""
    configs = [make_config(*SHORT, "model.hidden=[8]", seed=seed) for seed in (0, 1)]
    eager, compiled = trained(build(configs)), trained(build(configs), Inductor())
    pair = (t.group.members.parts() for t in (eager, compiled))
    torch.testing.assert_close(*pair, rtol=1e-9, atol=1e-12)


def test_compiled_steps_go_on_from_a_save_to_the_bit(make_config, build):
    configs = [make_config(*SHORT, "model.hidden=[8]", "device.precision=float32", "optim=adam")]
    through, before, after = (Training(build(configs), Quiet()) for _ in range(3))
    for training in (through, before, after):
        training.take = Captured(training.group, Inductor(), 1, shared=True)
    for training in (through, before):
        training._train_epoch()
        training._conclude_epoch()
    after.restore(before.state())
    for training in (through, after):
        training._train_epoch()
    assert_same(through, after)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU with CUDA")
@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("model", names("model"))
def test_a_cuda_graph_trains_alike(differing, build, model, members):
    configs = [
        config.model_copy(update={"device": config.device | {"name": "cuda"}})
        for config in differing(model, "adam", "epochs=2")[:members]
    ]
    eager, replayed = trained(build(configs)), trained(build(configs), CudaGraph(), 4)
    pair = (t.group.members.parts() for t in (eager, replayed))
    torch.testing.assert_close(*pair, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("optim", ["line-search", "newton", "torch-sgd"])
def test_an_optimizer_without_fixed_steps_is_refused(make_config, own_values, optim):
    config = make_config(*own_values("optim", optim), f"optim={optim}", "device.compile=inductor")
    with pytest.raises(RequestError, match=f"optim={optim} has no fixed step.*device.compile=none"):
        Trials()(config, load_data(config))
