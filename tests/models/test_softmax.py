import torch


def test_a_weight_per_pixel_and_class_and_a_bias_per_class(build):
    model = build("softmax", (1, 28, 28), 10)
    assert sum(p.numel() for p in model.parameters()) == 784 * 10 + 10


def test_it_is_the_affine_function(build):
    model = build("softmax", (1, 1, 2), 2)
    with torch.no_grad():
        model.linear.weight.copy_(torch.tensor([[2.0, -3.0], [1.0, 0.5]]))
        model.linear.bias.copy_(torch.tensor([4.0, -1.0]))
    inputs = torch.tensor([[[[1.0, 1.0]]], [[[0.0, 2.0]]]], dtype=torch.float64)
    expected = torch.tensor([[3.0, 0.5], [-2.0, 0.0]], dtype=torch.float64)
    assert torch.equal(model(inputs), expected)


def test_it_learns_classes_alone(build):
    assert build("softmax", (2,), 3).tasks == {"classes"}


def test_it_begins_near_zero_as_in_the_book(build):
    model = build("softmax", (1, 28, 28), 10)
    # The deviation of 7,840 draws has a relative error of 0.8 %; five of them.
    assert 0.0096 < model.linear.weight.std() < 0.0104
    assert not model.linear.bias.any()
