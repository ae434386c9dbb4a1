"""What trained members say of the examples they were not trained on, for their plots."""

import numpy as np
import torch
from torch import Tensor

from runner.atomic_write import whole_file
from runner.datasets.data import Data
from runner.engine.batches import whole
from runner.engine.group import Group
from runner.engine.measure import EVALUATION_BATCH
from runner.engine.step import predict

SHOWN = 25


def write_predictions(group: Group) -> None:
    """Write ``predictions.npz`` for every member: of the test set, else of val, else of train.

    Numbers are in the target's own units.
    """
    split = next(name for name in ("test", "val", "train") if name in group.data.splits)
    examples = group.data.splits[split]
    batches = whole(group.data, examples, EVALUATION_BATCH, group.dtype)
    logits = torch.cat([predict(group.members, inputs) for inputs, _ in batches], dim=1)
    logits, targets = (group.data.in_units(t).cpu() for t in (logits, examples.targets))
    for slot, recorder in enumerate(group.recorders):
        arrays = (
            _of_classes(group.data, split, logits[slot], targets)
            if group.data.classes
            else {"targets": targets[:, 0].numpy(), "predicted": logits[slot, :, 0].numpy()}
        )
        with whole_file(recorder.folder / "predictions.npz") as file:
            np.savez(file, split=np.array(split), **arrays)  # type: ignore[arg-type]


def _of_classes(data: Data, split: str, logits: Tensor, targets: Tensor) -> dict[str, np.ndarray]:
    confidence, predicted = logits.softmax(1).max(1)
    arrays = {
        "targets": targets.numpy(),
        "predicted": predicted.numpy(),
        "confidence": confidence.numpy(),
        "classes": np.array(data.classes),
    }
    wrong = (predicted != targets).nonzero()[:, 0]
    worst = wrong[confidence[wrong].argsort(descending=True)][:SHOWN]
    if data.train.inputs.ndim == 4:
        images = data.splits[split].inputs[worst.to(data.train.inputs.device)].cpu()
        arrays["wrong_images"] = (images * data.scale).numpy()
    for name in ("targets", "predicted", "confidence"):
        arrays[f"wrong_{name}"] = arrays[name][worst.numpy()]
    return arrays
