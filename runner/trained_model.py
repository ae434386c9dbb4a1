"""A trained model in use: raw examples in, answers in the data's own terms out."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy.typing as npt
import torch
from torch import Tensor, nn

from runner.datasets.data import Preparation, in_units, prepare
from runner.datasets.encoding import Encoding, features_of
from runner.errors import RequestError
from runner.export import export
from runner.new_data import as_examples, read_new

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 20  # names of features
BATCH = 250  # examples that are predicted at a time


class Trained(nn.Module):
    """A trained model in the units of its data; printed, it says what it takes.

    The digits, for one, are (B, 1, 8, 8) images of values from 0 to 16, Fashion-MNIST's
    (B, 1, 28, 28) of bytes from 0 to 255. Do not divide them: scaling and resizing are done here.

    Attributes:
        model: The network itself, which takes prepared inputs.
        classes: The names of the classes; None where the outputs are numbers.
        epoch: The epoch whose weights these are.
        preparation: What the checkpoint says of the data.
    """

    mean: Tensor | None
    std: Tensor | None
    target_mean: Tensor | None
    target_std: Tensor | None

    def __init__(self, model: nn.Module, preparation: Preparation, epoch: int) -> None:
        super().__init__()
        self.model = model
        self.classes: list[str] | None = preparation["classes"]
        self.epoch = epoch
        self.preparation = preparation
        self.scale, self.size = preparation["scale"], preparation["size"]
        self.shape = _stored_shape(preparation)
        for name in ("mean", "std", "target_mean", "target_std"):
            figures: Any = preparation.get(name)  # a checkpoint from before may lack the later ones
            self.register_buffer(name, figures, persistent=False)

    @property
    def takes(self) -> str:
        """The shape and range of the examples, in words: ``(B, 1, 8, 8) images of values 0 to 16``.

        H and W stand for any size, where images are resized and not standardised by pixel.
        """
        sides = ["CHW"[axis] if side is None else str(side) for axis, side in enumerate(self.shape)]
        if len(sides) < 3:
            return f"(B, {', '.join(sides)}) features in their own units"
        return f"(B, {', '.join(sides)}) images of values 0 to {1 / self.scale:g}"

    def extra_repr(self) -> str:
        """What ``print`` says beside the network."""
        told = f"takes {self.takes}; weights of epoch {self.epoch}"
        encoding = self.preparation.get("encoding")
        if encoding is None:
            return told
        return f"{told}\n{_named(encoding)}"

    def forward(self, examples: Tensor | npt.NDArray[Any]) -> Tensor:
        """Map raw examples to logits or predicted numbers.

        Args:
            examples: A tensor or an array, of any type of number. (B, C, H, W) images as the
                dataset stores them, grey ones (B, H, W) as well: bytes from 0 to 255 for most, from
                0 to 16 for ``digits``; of any size where the run resized its own. Or (B, D)
                features in their own units.

        Returns:
            (B, C) logits of classes, or (B, T) numbers in the target's own units.

        Raises:
            RequestError: The examples are no numbers, or of another shape; see ``takes``.
        """
        parameter = self._parameter()
        raw = as_examples(examples, self.shape, self.takes)
        if not isinstance(examples, Tensor):
            raw = raw.to(parameter.device)
        return self._outputs(raw).to(parameter.dtype)

    @torch.no_grad()
    def predict(self, data: Any) -> "pd.DataFrame":
        """Predict new data.

        Args:
            data: For a run on a table, a file (CSV, Parquet), a pandas frame or a dict of lists,
                with the columns that it was trained on, by name and in any order, others ignored.
                For a run on images a folder of them or one file, made the size of the run's own.
                For both an array of examples as ``forward`` takes them, or a file ``.npy`` of one.

        Returns:
            A frame with a row for each example: ``row`` from 1, or ``file``; ``prediction``, the
            name of a class or a number in the target's own unit; and for classes the probability
            of each, ``p(cat)``.

        Raises:
            RequestError: The data can't be read, lack a column, or are not what the run's were.
        """
        import pandas as pd  # here alone

        also = ", or a table of them" if self.preparation.get("encoding") else ""
        also = ", or files of them" if len(self.shape) == 3 else also
        kind, names, examples = read_new(data, self.preparation, self.takes + also)
        place = self._parameter().device
        parts = [self._outputs(some.to(place)).cpu() for some in torch.split(examples, BATCH)]
        outputs = torch.cat(parts).double()
        if self.classes is None:
            told = [f"prediction_{i + 1}" for i in range(outputs.shape[1])]
            columns = ["prediction"] if len(told) == 1 else told
            return pd.DataFrame({kind: names, **dict(zip(columns, outputs.numpy().T, strict=True))})
        chosen = [self.classes[number] for number in outputs.argmax(1).tolist()]
        shares = zip(self.classes, outputs.softmax(1).numpy().T, strict=True)
        each = {f"p({name})": share for name, share in shares}
        return pd.DataFrame({kind: names, "prediction": chosen, **each})

    def export(self, path: str | Path) -> Path:
        """Write the model for use without this program, what prepares its examples included.

        It takes any number of examples as ``forward`` does, tensors alone: images of bytes
        (``torch.uint8``) in the size that the dataset stores, or features of ``torch.float32``.

        Args:
            path: ``.pt2``, to be read by ``torch.export.load(path).module()``; or ``.onnx``, for
                which the packages onnx and onnxscript must be installed.

        Returns:
            The path.

        Raises:
            RequestError: The suffix is another, a package is missing, or PyTorch can't export the
                model.
        """
        stored = self.preparation.get("stored", self.preparation["shape"])
        kind = torch.uint8 if len(stored) == 3 else torch.float32
        return export(self, torch.zeros(2, *stored, dtype=kind), Path(path))

    def _parameter(self) -> Tensor:
        """A parameter, for the type and the place of all of them."""
        return next(p for p in self.model.parameters() if p.is_floating_point())

    def _outputs(self, examples: Tensor) -> Tensor:
        """Logits, or numbers as exactly as their unit is known."""
        self._check_shape(tuple(examples.shape))
        dtype = self._parameter().dtype
        inputs = prepare(examples, dtype, self.scale, self.mean, self.std, self.size)
        return in_units(self.model(inputs), self.target_mean, self.target_std)

    def _check_shape(self, shape: tuple[int, ...]) -> None:
        if self._is_example(shape[1:]):
            return
        is_one = self._is_example(shape) or self._is_example((1, *shape))  # or grey, (H, W)
        hint = "; of a single example x give x[None]" if is_one else ""
        raise RequestError(f"This model takes {self.takes}, not examples of shape {shape}{hint}.")

    def _is_example(self, shape: tuple[int, ...]) -> bool:
        if len(shape) != len(self.shape):
            return False
        return all(mine in (None, side) for mine, side in zip(self.shape, shape, strict=True))


def _named(encoding: Encoding) -> str:
    """The columns of a table that go in and come out."""
    names = features_of(encoding["columns"])
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"features {', '.join(names[:SHOWN])}{more}; predicts {encoding['target']}"


def _stored_shape(preparation: Preparation) -> tuple[int | None, ...]:
    """The shape of an example before it is prepared; None for a side of any length."""
    mean, shape = preparation["mean"], tuple(preparation["shape"])
    if mean is not None and mean.ndim == 3 and mean[0].numel() > 1:
        return tuple(mean.shape)  # each pixel has figures of its own
    return shape if preparation["size"] is None else (shape[0], None, None)
