import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score

from runner.metrics.accuracy import Accuracy

# The fixtures are functions, which keep nothing from one example to the next.
PURE = [HealthCheck.function_scoped_fixture]


@settings(max_examples=20, deadline=None, suppress_health_check=PURE)
@given(st.integers(0, 2**32))
def test_accuracy_equals_scikit_learns(draw, measured, seed):
    drawn = draw(seed, "classes")
    found = measured({"accuracy": Accuracy()}, drawn)["accuracy"]
    for place, value in enumerate(found):
        expected = accuracy_score(drawn.targets[place], drawn.logits[place].argmax(-1))
        assert value.item() == pytest.approx(expected, rel=1e-15)  # one division


def test_it_counts_the_right_ones_of_each_member():
    logits = torch.tensor([[[2.0, 1.0], [0.0, 1.0]], [[1.0, 2.0], [1.0, 0.0]]])
    sums = Accuracy().sums(logits, torch.tensor([[0, 1], [0, 1]]))
    assert sums["correct"].tolist() == [2, 0]
