"""The noise of airfoils in a wind tunnel: 1,503 measurements."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import torch
from pydantic import Field

from runner.datasets.data import Split
from runner.datasets.root import RootFile, obtain
from runner.datasets.table import Rows, TabularData
from runner.registry import register


@register("dataset", "airfoil")
@dataclass(kw_only=True)
class Airfoil(TabularData):
    """NASA's airfoil self-noise: a sound pressure level against five features.

    The features are frequency (Hz), angle of attack (degrees), chord length (m), free-stream
    velocity (m/s) and the displacement thickness of the suction side (m); the target is in
    decibels, or in standard deviations of 6.9 decibels. The first ``rows`` of the file are used,
    1,500 in the book, which standardises by all 1,503 as well.

    Source: "Airfoil Self-Noise and Prediction" (Brooks, Pope and Marcolini, 1989), UCI machine
    learning repository, CC BY 4.0; "Dive into Deep Learning", "Minibatch Stochastic Gradient
    Descent".

    Attributes:
        root: The folder that holds the file, or that it is downloaded to.
        rows: How many rows of the file are used, from its first.
    """

    file: ClassVar[RootFile] = RootFile(
        title="Airfoil self-noise",
        name="airfoil_self_noise.dat",
        url=(
            "https://archive.ics.uci.edu/ml/machine-learning-databases/00291/airfoil_self_noise.dat"
        ),
        page="https://archive.ics.uci.edu/dataset/291/airfoil+self+noise",
        digest="10ee06e6cfb27dae6b44213d421d217012fb1f9b697592e73a4e4016b52d425f",
    )

    root: str
    rows: Annotated[int, Field(ge=2, le=1503)]

    def read(self) -> Rows:
        """Return the rows of the file, from the data root or its publisher."""
        root = Path(self.root).expanduser()
        columns = torch.from_numpy(np.loadtxt(BytesIO(obtain(self.file, root))))
        return Rows(Split(columns[:, :-1].contiguous(), columns[:, -1:].contiguous()))

    def chosen(self, whole: Split) -> Split:
        """Return the first ``rows`` of the file."""
        return Split(whole.inputs[: self.rows], whole.targets[: self.rows])
