import pytest
import torch
from torch import nn
from torch.func import functional_call, vmap

from runner.models.scratch_batch_norm import ScratchBatchNorm

FEATURES = 5


def batches(count, seed=0, examples=6):
    source = torch.Generator().manual_seed(seed)
    shape = (count, examples, FEATURES)
    return 3 + 2 * torch.randn(shape, dtype=torch.float64, generator=source)


def pair():
    return ScratchBatchNorm(FEATURES).double(), nn.BatchNorm1d(FEATURES).double()


def test_it_follows_the_library_through_training_and_use():
    ours, theirs = pair()
    for batch in batches(20):
        torch.testing.assert_close(ours(batch), theirs(batch), rtol=1e-12, atol=1e-12)
    for name in ("running_mean", "running_var"):
        torch.testing.assert_close(getattr(ours, name), getattr(theirs, name), rtol=1e-12, atol=0)
    (batch,) = batches(1, seed=1)
    # Without a bug in the running statistics this is rounding alone.
    torch.testing.assert_close(ours.eval()(batch), theirs.eval()(batch), rtol=1e-12, atol=1e-12)


def test_its_gradients_are_those_of_the_library():
    (batch,) = batches(1)
    gradients = []
    for layer in pair():
        inputs = batch.clone().requires_grad_()
        loss = (layer(inputs) ** 3).sum()
        gradients.append(torch.autograd.grad(loss, [inputs, *layer.parameters()]))
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


def test_use_changes_no_running_statistics():
    layer = ScratchBatchNorm(FEATURES).double().eval()
    layer(batches(1)[0])
    assert not layer.running_mean.any()
    assert torch.equal(layer.running_var, torch.ones_like(layer.running_var))


def test_stacked_statistics_are_updated_in_place():
    layer, inputs = ScratchBatchNorm(FEATURES).double(), batches(3)
    state = {name: torch.stack([t] * 3).detach() for name, t in layer.state_dict().items()}
    together = vmap(lambda s, x: functional_call(layer, s, (x,)))(state, inputs)
    for i, batch in enumerate(inputs):
        alone = ScratchBatchNorm(FEATURES).double()
        torch.testing.assert_close(together[i], alone(batch), rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(state["running_mean"][i], alone.running_mean)
        torch.testing.assert_close(state["running_var"][i], alone.running_var)


def test_a_single_example_is_refused():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        ScratchBatchNorm(FEATURES)(torch.zeros(1, FEATURES))
