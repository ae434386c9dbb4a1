import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.results.resolution import resolution


@given(st.integers(2, 60_000), st.integers(0, 2**32 - 1))
def test_accuracies_lie_on_the_grid_of_their_examples(examples: int, seed: int) -> None:
    """Of few values the step may be a multiple of one example, never a part of it."""
    right = np.random.default_rng(seed).integers(0, examples + 1, 30)
    values = (right.astype(np.float32) / np.float32(examples)).astype(float)
    step = resolution(values)
    if len(set(right[right > 0])) < 2:
        return
    # float32 divides to 6e-8.
    assert step * examples == pytest.approx(round(step * examples), rel=1e-5)
    assert step >= 1 / examples * (1 - 1e-5)


def test_step_is_one_example_of_a_usual_sweep() -> None:
    right = np.random.default_rng(0).integers(290, 330, 25)
    assert resolution(right / 360) == pytest.approx(1 / 360)
    assert resolution(np.round(right / 360, 9)) == pytest.approx(1 / 360)
    assert resolution(100 * right / 360) == pytest.approx(1 / 3.6, rel=1e-6)


def test_losses_have_no_step() -> None:
    rng = np.random.default_rng(1)
    assert all(resolution(rng.lognormal(size=10)) == 0 for _ in range(100))


@pytest.mark.parametrize("values", [[], [0.9], [0.9, 0.9], [0.0, 0.0], [float("nan"), 0.9]])
def test_one_value_tells_no_step(values: list[float]) -> None:
    assert resolution(values) == 0


def test_written_digits_are_a_step_as_well() -> None:
    assert resolution([0.87, 0.91, 0.88]) == pytest.approx(0.01)
