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
