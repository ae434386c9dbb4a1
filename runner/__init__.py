"""A config-driven experiment runner for deep learning."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from runner.trained_model import Trained

# Otherwise the last bits of MKL's products depend on where in memory a member's weights begin: on
# its slot. The library reads it before its first product; it costs nothing measurable.
os.environ.setdefault("MKL_CBWR", "AUTO")

__version__ = "0.1.0"
__all__ = ["load_model"]


def load_model(
    run: str | Path,
    weights: Literal["best", "last"] | None = None,
    components: str | Path | None = None,
) -> "Trained":
    """Give a run's trained model back, on the CPU and ready for use.

    Args:
        run: The run's folder.
        weights: ``"best"``, of the best epoch by ``monitor``, or ``"last"``; None takes
            the best where there was a validation split.
        components: A folder of components of one's own to take the model from, where the run used
            one; None takes ``./components``.

    Returns:
        A module that takes examples as the dataset stores them, as a tensor or an array: (B, 1, 8,
        8) images from 0 to 16 for ``digits``, bytes from 0 to 255 for other images, or (B, D)
        features in their own units. Printed, or in its ``takes``, it says which. It gives (B, C)
        logits, of ``classes``, or (B, T) numbers; see ``runner.trained_model.Trained``.

    Raises:
        RequestError: The folder is no run, or has no such checkpoint, or a damaged one; or its
            weights are not finite, as the last ones of a run that diverged; or it used
            components of one's own that are not at hand, or have changed.

    Warns:
        UserWarning: The run did not complete; the weights are finite all the same.
    """
    from runner.trained import load_model  # late: it imports torch

    return load_model(run, weights, components)
