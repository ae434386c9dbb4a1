import pytest
import torch
from torch.func import functional_call

from runner.models.noise import Dropout
from runner.models.scratch_dropout import ScratchDropout


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.9])
@pytest.mark.parametrize("training", [True, False])
def test_it_equals_the_projects_own_on_the_same_noise(rate, training):
    source = torch.Generator().manual_seed(0)
    inputs, noise = torch.randn(50, 8, generator=source), torch.rand(50, 8, generator=source)
    ours, own = (
        functional_call(kind(rate).train(training), {"noise": noise}, (inputs,))
        for kind in (ScratchDropout, Dropout)
    )
    assert torch.equal(ours == 0, own == 0)
    torch.testing.assert_close(ours, own, rtol=1e-6, atol=0)  # a product or a quotient: rounding


def test_its_state_is_that_of_the_projects_own():
    assert ScratchDropout(0.3).state_dict() == Dropout(0.3).state_dict()
