import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import root_mean_squared_error

from runner.metrics.rmse import RMSE

# The fixtures are functions, which keep nothing from one example to the next.
PURE = [HealthCheck.function_scoped_fixture]


@settings(max_examples=20, deadline=None, suppress_health_check=PURE)
@given(st.integers(0, 2**32))
def test_rmse_equals_scikit_learns_over_all_numbers(draw, measured, seed):
    drawn = draw(seed, "numbers")
    found = measured({"rmse": RMSE()}, drawn)["rmse"]
    for place, value in enumerate(found):
        # Flattened: the mean is taken over the target numbers too, before the root.
        truth, said = drawn.targets[place].flatten(), drawn.logits[place].flatten()
        # Twenty terms in another order, in float64.
        assert value.item() == pytest.approx(root_mean_squared_error(truth, said), rel=1e-13)


def test_errors_of_three_and_four_are_five_over_the_root_of_two():
    metric = RMSE()
    sums = metric.sums(torch.tensor([[[3.0], [0.0]]]), torch.tensor([[[0.0], [4.0]]]))
    assert sums["squared_error"].tolist() == [25]
    assert metric.finish(sums, 2).tolist() == pytest.approx([5 / 2**0.5], rel=1e-6)  # float32
