"""Each metric beside scikit-learn's, or the definition where it has none, on fresh draws."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from torch import Tensor

from runner.metrics.auroc import AreaUnderROC
from runner.metrics.balanced_accuracy import BalancedAccuracy
from runner.metrics.calibration_error import CalibrationError
from runner.metrics.f1 import MacroF1
from runner.metrics.mae import MeanAbsoluteError
from runner.metrics.nll import NegativeLogLikelihood
from runner.metrics.r2 import RSquared
from runner.metrics.top_k import TopK

# The fixtures are functions, which keep nothing from one example to the next.
PURE = [HealthCheck.function_scoped_fixture]
SEEDS = st.integers(0, 2**32)
ROUNDING = 1e-12  # sums of twenty numbers in float64


def _auroc(scores: Tensor, true: Tensor) -> float:
    """The mean over the classes that some examples have and some have not."""
    known = [c for c in range(scores.shape[1]) if 0 < (true == c).sum() < len(true)]
    shares = scores.softmax(1)
    return sum(reference.roc_auc_score(true == c, shares[:, c]) for c in known) / len(known)


def _calibration(scores: Tensor, true: Tensor) -> float:
    """Guo et al. (2017), equation 3, bin by bin."""
    confidence, predicted = scores.softmax(1).max(1)
    total = 0.0
    for place in range(5):
        inside = (confidence >= place / 5) & (confidence < (place + 1) / 5)
        if inside.any():
            accuracy = (predicted == true)[inside].double().mean()
            total += float((accuracy - confidence[inside].mean()).abs() * inside.sum())
    return total / len(true)


OF_CLASSES = [
    (BalancedAccuracy(), lambda s, t: reference.balanced_accuracy_score(t, s.argmax(1))),
    (MacroF1(), lambda s, t: reference.f1_score(t, s.argmax(1), average="macro")),
    (TopK(k=2), lambda s, t: reference.top_k_accuracy_score(t, s, k=2, labels=range(4))),
    (
        NegativeLogLikelihood(),
        lambda s, t: reference.log_loss(t, s.softmax(1), labels=range(4)),
    ),
    (AreaUnderROC(), _auroc),
    (CalibrationError(bins=5), _calibration),
]
OF_NUMBERS = [
    (MeanAbsoluteError(), reference.mean_absolute_error),
    (RSquared(), reference.r2_score),
]


# A predicted class that no example has is fine: balanced accuracy says so each time.
@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.parametrize(("metric", "expected"), OF_CLASSES)
@settings(max_examples=20, deadline=None, suppress_health_check=PURE)
@given(seed=SEEDS)
def test_metrics_of_classes(draw, measured, seed, metric, expected):
    drawn = draw(seed, "classes")
    for slot, value in enumerate(measured({"it": metric}, drawn)["it"]):
        wanted = expected(drawn.logits[slot], drawn.targets[slot])
        assert value.item() == pytest.approx(wanted, rel=ROUNDING, abs=ROUNDING)


@pytest.mark.parametrize(("metric", "expected"), OF_NUMBERS)
@settings(max_examples=20, deadline=None, suppress_health_check=PURE)
@given(seed=SEEDS)
def test_metrics_of_numbers(draw, measured, seed, metric, expected):
    drawn = draw(seed, "numbers")
    for slot, value in enumerate(measured({"it": metric}, drawn)["it"]):
        wanted = expected(drawn.targets[slot], drawn.logits[slot])
        assert value.item() == pytest.approx(wanted, rel=ROUNDING, abs=ROUNDING)


def test_the_area_of_two_classes_is_that_of_the_second_with_ties_at_half(measured):
    scores = torch.tensor([0.0, 1.0, 1.0, 2.0], dtype=torch.float64)
    true = torch.tensor([0, 0, 1, 1])
    logits = torch.stack([torch.zeros(4, dtype=torch.float64), scores], 1)[None]
    metric = AreaUnderROC()
    area = metric.finish(metric.sums(logits, true[None]), 4)
    assert area.item() == reference.roc_auc_score(true, scores) == 0.875


def test_r2_of_numbers_far_from_zero_keeps_its_digits_in_float32(measured, draw):
    drawn = draw(0, "numbers")
    drawn.targets = (drawn.targets + 10_000).float()
    drawn.logits = drawn.targets + 0.1 * drawn.logits.float()
    for slot, value in enumerate(measured({"r2": RSquared()}, drawn)["r2"]):
        wanted = reference.r2_score(drawn.targets[slot].double(), drawn.logits[slot].double())
        # Numbers of 10,000 in float32 are known to 5e-4 each, their squares would be to 4.
        assert value.item() == pytest.approx(wanted, abs=1e-3)


def test_r2_of_targets_that_do_not_vary_is_no_number(measured, draw):
    drawn = draw(0, "numbers")
    drawn.targets = torch.ones_like(drawn.targets)
    assert measured({"r2": RSquared()}, drawn)["r2"].isnan().all()


def test_top_k_names_its_column_by_k_and_refuses_fewer_classes(draw):
    assert TopK(k=3).column("top-k") == "top-3"
    drawn = draw(0, "classes")
    with pytest.raises(ValueError, match="there are 4 classes, and k is 5"):
        TopK(k=5).sums(drawn.logits, drawn.targets)
