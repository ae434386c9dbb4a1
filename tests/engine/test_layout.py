"""Images whose channels lie last in memory: the same numbers, and never to a stranger's model."""

import pytest
import torch
from torch import nn

from runner.build import build_model, load_data
from runner.engine.layout import channels_last, laid_out
from runner.engine.step import alone
from runner.registry import find, names

LAST = [name for name in names("model") if find("model", name).channels_last]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_convolution_keeps_the_layout_and_the_numbers(channels):
    images = torch.rand(4, channels, 8, 6)
    last = channels_last(images)
    assert torch.equal(last, images)
    assert last.stride() == (48 * channels, 1, 6 * channels, channels)
    assert nn.Conv2d(channels, 5, 3)(last).is_contiguous(memory_format=torch.channels_last)
    assert (last.data_ptr() == images.data_ptr()) == (channels == 1)  # one channel is no work


@pytest.mark.parametrize("name", LAST)
def test_a_model_computes_the_same_in_either_layout(make_config, small, name):
    config = make_config(*small(name))
    data = load_data(config)
    model = build_model(config, data).train()
    params, buffers = dict(model.named_parameters()), dict(model.named_buffers())
    inputs = data.prepare(data.train.inputs[:16], torch.float32)
    gradients = []
    for images in (laid_out(model, inputs, None), inputs):
        copies = {name: buffer.clone() for name, buffer in buffers.items()}
        logits = alone(model, params, copies, images)
        gradients.append(torch.autograd.grad(logits.square().sum(), list(params.values())))
    largest = max(float(gradient.abs().max()) for gradient in gradients[1])
    for last, first in zip(*gradients, strict=True):
        # Sums in another order: float32 rounds at 1e-7, and normalisation enlarges it.
        torch.testing.assert_close(last, first, rtol=0, atol=1e-3 * largest)


def test_models_that_were_measured_to_gain_ask_for_it():
    # LeNet-BN takes twice as long so on two threads, and ResNet as long: see docs/benchmarks.md.
    assert set(LAST) == {"densenet", "lenet"}


def test_only_who_gains_gets_it():
    class Ours(nn.Module):
        channels_last = True

    images, rows = torch.rand(2, 3, 4, 4), torch.rand(2, 3)
    assert laid_out(Ours(), images, None).stride() == (48, 1, 12, 3)
    assert laid_out(nn.Conv2d(3, 2, 2), images, None) is images  # it may flatten by view
    assert laid_out(Ours(), images.double(), None).is_contiguous()
    assert laid_out(Ours(), rows, None) is rows


def test_a_run_trains_and_is_evaluated_with_channels_last(make_config, small, train, monkeypatch):
    seen = []

    def record(model, inputs, autocast):
        seen.append((laid_out(model, inputs, autocast), model.training))
        return seen[-1][0]

    monkeypatch.setattr("runner.engine.step.laid_out", record)
    train([make_config(*small("lenet"), "device=cpu")])
    for is_training in (True, False):
        strides = {images.stride()[1] for images, at in seen if at == is_training}
        assert strides == {1}  # from channel to channel; of rows first it is a whole image
