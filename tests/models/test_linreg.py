import pytest
import torch


def test_one_weight_per_feature_and_a_bias(build):
    model = build("linreg", (200,), 1)
    assert sum(p.numel() for p in model.parameters()) == 200 + 1


def test_it_is_the_affine_function(build):
    model = build("linreg", (2,), 1)
    with torch.no_grad():
        model.linear.weight.copy_(torch.tensor([[2.0, -3.4]]))
        model.linear.bias.fill_(4.2)
    inputs = torch.tensor([[1.0, 1.0], [0.0, 2.0]], dtype=torch.float64)
    # 2 - 3.4 + 4.2 and -6.8 + 4.2; the weights are float32 numbers, good to 1e-7.
    expected = torch.tensor([[2.8], [-2.6]], dtype=torch.float64)
    torch.testing.assert_close(model(inputs), expected, rtol=0, atol=1e-6)


def test_it_learns_numbers_alone(build):
    assert build("linreg", (2,), 1).tasks == {"numbers"}


def test_it_begins_near_zero_as_in_the_book(build):
    model = build("linreg", (200,), 1)
    # The deviation of 200 draws has a relative error of 5 %; four of them.
    assert 0.008 < model.linear.weight.std() < 0.012
    assert not model.linear.bias.any()


def stacked(*models):
    names = dict(models[0].named_parameters())
    return {name: torch.stack([m.get_parameter(name).detach() for m in models]) for name in names}


def test_few_weights_are_named_with_the_bias(build):
    models = [build("linreg", (3,), 1, seed=seed, init_std=1.0) for seed in range(2)]
    quantities = models[0].quantities(stacked(*models))
    assert list(quantities) == ["w1", "w2", "w3", "b", "sparsity"]
    for slot, model in enumerate(models):
        weights = [quantities[f"w{i}"][slot] for i in (1, 2, 3)]
        assert torch.equal(torch.stack(weights), model.linear.weight[0])
        assert torch.equal(quantities["b"][slot], model.linear.bias[0])


@pytest.mark.parametrize(("features", "outputs"), [(11, 1), (3, 2)])
def test_many_weights_or_outputs_have_no_names(features, outputs, build):
    model = build("linreg", (features,), outputs)
    assert list(model.quantities(stacked(model))) == ["sparsity"]


def test_sparsity_is_the_share_of_weights_near_zero(build):
    models = [build("linreg", (4,), 1) for _ in range(2)]
    with torch.no_grad():
        models[0].linear.weight.copy_(torch.tensor([[0.0, -0.009, 0.011, -3.0]]))
        models[1].linear.weight.fill_(1.0)
    sparsity = models[0].quantities(stacked(*models))["sparsity"]
    assert sparsity.tolist() == [0.5, 0.0]
