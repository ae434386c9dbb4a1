"""An ordinary Hydra app: one linear regression, as somebody writes it who has no such program.

    python -m benchmarks.peers.hydra_app -m data=FILE.npz lr=0.01,0.03 'seed=range(8)'

The training is that of `dataset=linear model=linreg epochs=3`, from PyTorch's parts, and the data
are those that `data` has as arrays. `hydra/launcher=joblib` runs jobs side by side.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import hydra
import numpy as np
import torch
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from omegaconf import MISSING
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    """What can be given on the command line."""

    data: str = MISSING
    lr: float = 0.03
    seed: int = 0
    epochs: int = 3
    batch_size: int = 32


ConfigStore.instance().store(name="config", node=Config)


def regression() -> nn.Module:
    """Return the model with its initial weights."""
    model = nn.Linear(2, 1)
    nn.init.normal_(model.weight, std=0.01)
    nn.init.zeros_(model.bias)
    return model


@hydra.main(version_base="1.3", config_path=None, config_name="config")
def main(config: Config) -> float:
    """Train, test after each epoch, and write a table."""
    arrays = {name: torch.from_numpy(array) for name, array in np.load(config.data).items()}
    train = TensorDataset(arrays["train"], arrays["train_targets"])
    torch.manual_seed(config.seed)
    model = regression()
    optimizer = torch.optim.SGD(model.parameters(), lr=config.lr)
    loss = nn.MSELoss()
    folder = Path(HydraConfig.get().runtime.output_dir)
    with (folder / "metrics.csv").open("w") as file:
        table = csv.writer(file)
        table.writerow(["epoch", "test/loss"])
        for epoch in range(config.epochs):
            for inputs, targets in DataLoader(train, config.batch_size, shuffle=True):
                optimizer.zero_grad()
                (loss(model(inputs), targets) / 2).backward()
                optimizer.step()
            with torch.no_grad():
                error = float(loss(model(arrays["test"]), arrays["test_targets"]) / 2)
            table.writerow([epoch + 1, error])
    return error


if __name__ == "__main__":
    main()
