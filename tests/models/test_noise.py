import pytest
import torch
from torch import nn
from torch.func import functional_call, vmap

from runner.models.noise import Dropout


def noise_like(inputs, seed=0):
    return torch.rand(inputs.shape, generator=torch.Generator().manual_seed(seed))


def test_a_unit_is_dropped_where_the_noise_is_below_the_rate_and_scaled_elsewhere():
    inputs = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    noise = torch.tensor([[0.1, 0.25, 0.3, 0.9]])
    output = functional_call(Dropout(0.25), {"noise": noise}, (inputs,))
    torch.testing.assert_close(output, torch.tensor([[0.0, 2 / 0.75, 3 / 0.75, 4 / 0.75]]))


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9])
def test_the_mean_and_the_share_dropped_are_as_promised(rate):
    n = 100_000
    inputs = torch.ones(n)
    output = functional_call(Dropout(rate), {"noise": noise_like(inputs)}, (inputs,))
    sigma = (rate * (1 - rate) / n) ** 0.5  # of the share dropped; five of them
    assert (output == 0).double().mean().item() == pytest.approx(rate, abs=5 * sigma)
    assert output.double().mean().item() == pytest.approx(1.0, abs=5 * sigma / (1 - rate))


def test_rate_zero_changes_nothing():
    inputs = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    assert torch.equal(Dropout(0.0)(inputs), inputs)


def test_evaluation_changes_nothing():
    inputs = torch.ones(5, 7)
    assert Dropout(0.5).eval()(inputs) is inputs


def test_gradients_are_zero_exactly_where_units_were_dropped():
    inputs = torch.ones(50, 4, requires_grad=True)
    noise = noise_like(inputs)
    functional_call(Dropout(0.5), {"noise": noise}, (inputs,)).sum().backward()
    assert torch.equal(inputs.grad, torch.where(noise >= 0.5, 2.0, 0.0))


def test_alone_it_draws_its_own_noise_from_the_global_generator():
    layer, inputs = Dropout(0.5), torch.ones(200)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        first, second = layer(inputs), layer(inputs)
        torch.manual_seed(0)
        again = layer(inputs)
    assert torch.equal(first, again)
    assert not torch.equal(first, second)


def test_noise_is_no_part_of_the_saved_state():
    assert set(Dropout(0.5).state_dict()) == set()


@pytest.mark.parametrize("rate", [0, 0.5])
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_the_rate_follows_the_dtype_of_the_module(rate, dtype):
    layer = Dropout(rate).to(dtype)
    inputs = torch.ones(6, dtype=dtype)
    assert layer.rate.dtype == dtype
    assert layer(inputs).dtype == dtype


@pytest.mark.parametrize("members", [1, 3])
def test_members_with_their_own_rates_and_noise_share_nothing(members):
    rates = torch.tensor([0.0, 0.3, 0.8])[:members]
    inputs = torch.randn(8, 5, generator=torch.Generator().manual_seed(1))
    noise = torch.stack([noise_like(inputs, seed) for seed in range(members)])
    stacked = {"rate": rates, "noise": noise}
    together = vmap(lambda state: functional_call(Dropout(0.5), state, (inputs,)))(stacked)
    for i in range(members):
        alone = {"rate": rates[i], "noise": noise[i]}
        assert torch.equal(together[i], functional_call(Dropout(0.5), alone, (inputs,)))


@pytest.mark.parametrize(
    "stacked",
    [
        {"1.rate": torch.tensor([0.1, 0.9])},
        {"1.noise": torch.empty(2, 0)},
        {"0.weight": torch.ones(2, 3, 4)},
    ],
    ids=["rates differ", "noise is empty", "weights differ"],
)
def test_without_noise_it_refuses_vmap(stacked):
    model, inputs = nn.Sequential(nn.Linear(4, 3), Dropout(0.5)), torch.ones(8, 4)
    with pytest.raises(RuntimeError, match="randomness"):
        vmap(lambda state: functional_call(model, state, (inputs,)))(stacked)
