"""Whether the data of a dataset, which may be anyone's, can be trained on."""

from torch import Tensor

from runner.datasets.data import Data, Split
from runner.errors import RequestError


def check_data(what: str, data: Data) -> None:
    """Find what is wrong with the tensors of a dataset.

    Args:
        what: The dataset as it is asked for, ``dataset=csv``.
        data: What it loaded.

    Raises:
        RequestError: One sentence for the first fault.
    """
    if not len(data.train):
        raise RequestError(f"{what} leaves no example to train on.")
    for name, split in data.splits.items():
        if fault := _fault(split, data.classes):
            raise RequestError(f"{what} has a {name} split that can't be used: {fault}.")


def _fault(split: Split, classes: tuple[str, ...] | None) -> str | None:
    targets, whole = split.targets, not split.targets.is_floating_point()
    if len(split.inputs) != len(targets):
        return f"{len(split.inputs)} inputs, and {len(targets)} targets"
    if classes is not None:
        return _fault_of_classes(split, len(classes))
    if whole and targets.ndim == 1:
        return (
            "its targets are whole numbers, and the data names no classes; give "
            "Data(classes=...) their names, or the targets as floating-point numbers (N, T)"
        )
    if whole or targets.ndim != 2:
        return f"targets that are numbers must be floating-point (N, T), not {_kind(targets)}"
    return None


def _fault_of_classes(split: Split, count: int) -> str | None:
    targets = split.targets
    if targets.is_floating_point() or targets.ndim != 1:
        return f"targets that are classes must be whole numbers (N,), not {_kind(targets)}"
    if len(targets) and not 0 <= int(targets.min()) <= int(targets.max()) < count:
        numbers = f"{int(targets.min())} to {int(targets.max())}"
        return f"its targets go from {numbers}, and {count} classes are numbered from 0"
    return None


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"
