"""A trained model as a file that runs without this program."""

import warnings
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from runner.atomic_write import whole_file
from runner.errors import ANYONES, RequestError, named

SUFFIXES = (".pt2", ".onnx")
ONNX_PACKAGES = ("onnx", "onnxscript")


def export(model: nn.Module, examples: Tensor, path: Path) -> Path:
    """Write a model with any number of examples in a batch.

    Args:
        model: Ready for use, its preparation of examples inside.
        examples: (B, …) examples of the type and shape that it will take.
        path: ``.pt2`` for ``torch.export.load``, ``.onnx`` for ONNX.

    Returns:
        The path.

    Raises:
        RequestError: The suffix is another, a package for ONNX is missing, or PyTorch can't export
            the model.
    """
    if path.suffix not in SUFFIXES:
        raise RequestError(f"'{path}' must end in {' or '.join(SUFFIXES)}.")
    if path.suffix == ".onnx" and (missing := [n for n in ONNX_PACKAGES if not find_spec(n)]):
        raise RequestError(
            f"ONNX needs the package {' and '.join(missing)} (pip install 'runner[onnx]'); .pt2 "
            "needs none."
        )
    batch = torch.export.Dim("batch")
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of PyTorch's own deprecations
            program = torch.export.export(model, (examples,), dynamic_shapes=({0: batch},))
            _write(program, path)
    except ANYONES as error:
        raise RequestError(f"The model can't be exported to '{path}': {named(error)}.") from error
    return path


def _write(program: torch.export.ExportedProgram, path: Path) -> None:
    if path.suffix == ".pt2":
        with whole_file(path) as file:
            torch.export.save(program, file)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(program, dynamo=True, verbose=False).save(path)  # type: ignore[union-attr]
