"""An ordinary Hydra app: one linear regression, as somebody writes it who has no such program.

    python benchmarks/scale_peer.py -m lr=0.01,0.03 'seed=range(8)' hydra/launcher=joblib

The data and the training are those of `dataset=linear model=linreg epochs=3`, from PyTorch's parts.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import hydra
import torch
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    """What can be given on the command line."""

    lr: float = 0.03
    seed: int = 0
    epochs: int = 3
    batch_size: int = 32


ConfigStore.instance().store(name="config", node=Config)


def examples(count: int, generator: torch.Generator) -> TensorDataset:
    """Draw from a line with a little noise."""
    inputs = torch.randn(count, 2, generator=generator)
    noise = 0.01 * torch.randn(count, 1, generator=generator)
    return TensorDataset(inputs, inputs @ torch.tensor([[2.0], [-3.4]]) + 4.2 + noise)


@hydra.main(version_base="1.3", config_path=None, config_name="config")
def main(config: Config) -> float:
    """Train, test after each epoch, and write a table."""
    generator = torch.Generator().manual_seed(0)
    train, test = examples(1000, generator), examples(1000, generator)
    torch.manual_seed(config.seed)
    model = nn.Linear(2, 1)
    nn.init.normal_(model.weight, std=0.01)
    nn.init.zeros_(model.bias)
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
                inputs, targets = test.tensors
                error = float(loss(model(inputs), targets) / 2)
            table.writerow([epoch + 1, error])
    return error


if __name__ == "__main__":
    main()
