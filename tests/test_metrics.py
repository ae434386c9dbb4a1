import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, root_mean_squared_error

from runner.metrics import METRICS

MEMBERS, BATCH, OUTPUTS = 3, 20, 4


def draw(seed, task):
    source = torch.Generator().manual_seed(seed)
    logits = torch.randn(MEMBERS, BATCH, OUTPUTS, generator=source, dtype=torch.float64)
    if task == "classes":
        return logits, torch.randint(OUTPUTS, (MEMBERS, BATCH), generator=source)
    return logits, torch.randn(MEMBERS, BATCH, OUTPUTS, generator=source, dtype=torch.float64)


def measure(metric, logits, targets):
    """As the engine does: sum over batches, divide once, finish."""
    chunks = zip(logits.split(8, 1), targets.split(8, 1), strict=True)
    total = sum(metric.per_example(*chunk).sum(1) for chunk in chunks)
    return metric.finish(total / logits.shape[1])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_accuracy_equals_scikit_learns(seed):
    logits, targets = draw(seed, "classes")
    (metric,) = METRICS["classes"]
    for place, value in enumerate(measure(metric, logits, targets)):
        expected = accuracy_score(targets[place], logits[place].argmax(-1))
        assert value.item() == pytest.approx(expected, rel=1e-15)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_rmse_equals_scikit_learns_over_all_numbers(seed):
    logits, targets = draw(seed, "numbers")
    (metric,) = METRICS["numbers"]
    for place, value in enumerate(measure(metric, logits, targets)):
        # Flattened: the mean is taken over the target numbers too, before the root.
        expected = root_mean_squared_error(targets[place].flatten(), logits[place].flatten())
        assert value.item() == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("task", "metric"), [(t, metric) for t, metrics in METRICS.items() for metric in metrics]
)
def test_values_are_per_example_and_in_the_dtype_of_the_logits(task, metric):
    logits, targets = draw(0, task)
    assert metric.per_example(logits, targets).shape == (MEMBERS, BATCH)
    single = targets if task == "classes" else targets.float()
    assert metric.per_example(logits.float(), single).dtype == torch.float32


def test_names_are_told_apart():
    assert [metric.name for metrics in METRICS.values() for metric in metrics] == [
        "accuracy",
        "rmse",
    ]
