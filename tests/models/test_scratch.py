import pytest
import torch
from torch import nn
from torch.func import functional_call

SHAPE, CLASSES, STEPS, BATCH, HIDDEN = (1, 4, 4), 3, 50, 16, 12


@pytest.fixture
def both(build):
    """The same network of either kind of layers, from one seed."""
    return [
        build("scratch", SHAPE, CLASSES, hidden=HIDDEN, dropout=0.3, layers=layers)
        for layers in ("scratch", "library")
    ]


def randoms():
    source = torch.Generator().manual_seed(1)
    float64 = {"generator": source, "dtype": torch.float64}
    inputs = torch.randn(STEPS, BATCH, *SHAPE, **float64)
    noise = torch.rand(STEPS, BATCH, HIDDEN, **float64)
    return inputs, torch.randint(CLASSES, (STEPS, BATCH), generator=source), noise


def train(model, data):
    """Fifty steps of gradient descent; the noise comes from outside, as in the engine."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    losses = []
    for inputs, targets, noise in zip(*data, strict=True):
        logits = functional_call(model, {"layers.4.noise": noise}, (inputs,))
        loss = nn.functional.cross_entropy(logits, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_both_begin_with_the_same_parameters_of_the_same_names(both):
    ours, theirs = (dict(model.named_parameters()) for model in both)
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    # 16 * 12 without a bias, a scale and a shift each, 12 * 3 + 3
    assert sum(p.numel() for p in ours.values()) == 192 + 24 + 39


def test_both_agree_over_fifty_steps_and_in_use(both):
    ours, theirs = both
    data = randoms()
    before = ours.layers[1].weight.clone()
    assert train(ours, data) == pytest.approx(train(theirs, data), rel=0, abs=1e-10)
    assert (ours.layers[1].weight - before).abs().max() > 0.01
    library = theirs.state_dict()
    for name, tensor in ours.state_dict().items():
        torch.testing.assert_close(tensor, library[name], rtol=0, atol=1e-10)
    inputs = data[0][0]
    torch.testing.assert_close(ours.eval()(inputs), theirs.eval()(inputs), rtol=0, atol=1e-10)


def test_the_first_linear_layer_alone_has_no_bias(both):
    for model in both:
        assert model.layers[1].bias is None
        assert model.layers[5].bias is not None


def test_none_of_the_library_is_left_in_what_is_written_by_hand(both):
    ours, theirs = ({type(layer) for layer in model.layers} for model in both)
    assert ours & theirs == {nn.Flatten, nn.ReLU}
