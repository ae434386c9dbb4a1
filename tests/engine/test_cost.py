import pytest
import torch
from torch import nn

from runner.engine.cost import deterministic, multiply_adds, tf32, threads


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (nn.Linear(10, 5), (10,), 50),
        (nn.Conv2d(3, 4, 5), (3, 8, 8), 4 * 4 * 4 * 3 * 25),
        (nn.Conv2d(4, 4, 3, groups=2, padding=1), (4, 6, 6), 4 * 36 * 2 * 9),
        (nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2)), (4,), 18),
    ],
)
def test_every_product_of_a_forward_pass_is_counted(layer, shape, expected):
    assert multiply_adds(layer, torch.zeros(1, *shape)) == expected


def test_counting_leaves_no_hook_behind():
    layer = nn.Linear(2, 2)
    multiply_adds(layer, torch.zeros(1, 2))
    assert not layer._forward_hooks


@pytest.mark.parametrize("error", [None, ZeroDivisionError])
def test_threads_are_set_inside_and_restored(error):
    before = torch.get_num_threads()
    try:
        with threads(3):
            assert torch.get_num_threads() == 3
            if error:
                raise error
    except ZeroDivisionError:
        pass
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("wanted", [True, False])
def test_determinism_is_asked_for_inside_alone(wanted):
    with deterministic(wanted):
        assert torch.are_deterministic_algorithms_enabled() == wanted
    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize(("wanted", "precision"), [(True, "tf32"), (False, "ieee")])
def test_a_gpu_rounds_the_factors_of_its_products_where_asked_for_alone(wanted, precision):
    kinds = (torch.backends.cuda.matmul, torch.backends.cudnn.conv, torch.backends.cudnn.rnn)
    before = [kind.fp32_precision for kind in kinds]
    with tf32(wanted, torch.device("cuda")):  # settings that are there without a GPU too
        assert [kind.fp32_precision for kind in kinds] == [precision] * 3
    with tf32(wanted, torch.device("cpu")):
        assert [kind.fp32_precision for kind in kinds] == before
    assert [kind.fp32_precision for kind in kinds] == before
