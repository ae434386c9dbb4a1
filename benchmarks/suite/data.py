"""The data of the workloads, as peers take them."""

import gzip
import shutil
from collections.abc import Sequence
from pathlib import Path


def fashion(folder: Path) -> Path:
    """Make Fashion-MNIST's folder as torchvision reads it, of the copy that ours finds.

    Returns:
        The data root.
    """
    from runner.build import load_data
    from runner.config import check
    from runner.datasets.fashion_mnist import FashionMNIST
    from runner.datasets.idx_images import locate
    from runner.request.command_line import read
    from runner.request.validate import check_request

    (point,) = check_request(read(["dataset=fashion-mnist"])).points
    config = check(point.resolved)
    load_data(config)  # downloads it where it is not, and checks it
    raw = folder / "data" / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    found = locate(FashionMNIST.files, Path(config.dataset["root"])) or {}
    for name, path in found.items():
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as packed, (raw / name).open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    return folder / "data"


def arrays(request: Sequence[str], path: Path) -> Path:
    """Write the data of a request as arrays: ``train``, ``train_targets``, ``test``, …."""
    import numpy as np
    import torch

    from runner.build import load_data
    from runner.config import check
    from runner.request.command_line import read
    from runner.request.validate import check_request

    data = load_data(check(check_request(read(request)).points[0].resolved))
    written = {}
    for name, split in data.splits.items():
        written[name] = data.prepare(split.inputs, torch.float32).numpy()
        written[f"{name}_targets"] = split.targets.numpy()
    np.savez(path, **written)
    return path
