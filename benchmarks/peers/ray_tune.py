"""Linear regressions by Ray Tune: a grid of trials, one to a core.

python -m benchmarks.peers ray_tune RATES/SEEDS epochs=3 data=FILE.npz
"""

import numpy as np
import ray
import torch
from ray import tune
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.peers.networks import count
from benchmarks.peers.told import Asked, Clock, Told

PACKAGES = ["torch", "ray"]


def regression() -> nn.Module:
    """Return the model with its initial weights."""
    model = nn.Linear(2, 1)
    nn.init.normal_(model.weight, std=0.01)
    nn.init.zeros_(model.bias)
    return model


def train(config: dict[str, float], arrays: dict[str, Tensor], epochs: int) -> None:
    """Train one model, and report its test loss after each epoch."""
    torch.manual_seed(int(config["seed"]))
    model, loss = regression(), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=config["lr"])
    examples = TensorDataset(arrays["train"], arrays["train_targets"])
    for _ in range(epochs):
        for inputs, targets in DataLoader(examples, 32, shuffle=True):
            optimizer.zero_grad()
            (loss(model(inputs), targets) / 2).backward()
            optimizer.step()
        with torch.no_grad():
            error = float(loss(model(arrays["test"]), arrays["test_targets"]) / 2)
        tune.report({"loss": error})


def run(asked: Asked, clock: Clock) -> Told:
    """Train all of the grid."""
    rates, seeds = asked.workload.split("/")
    arrays = {name: torch.from_numpy(array) for name, array in np.load(asked.data).items()}
    clock.end("load")
    ray.init(log_to_driver=False, include_dashboard=False)
    grid = {
        "lr": tune.grid_search([float(rate) for rate in rates.split(",")]),
        "seed": tune.grid_search(list(range(int(seeds)))),
    }
    clock.end("compile")
    tuner = tune.Tuner(
        tune.with_parameters(train, arrays=arrays, epochs=asked.epochs),
        param_space=grid,
        run_config=tune.RunConfig(storage_path=str(asked.data.parent / "tuned"), verbose=0),
    )
    losses = [(one.metrics or {})["loss"] for one in tuner.fit()]
    clock.end("train")
    ray.shutdown()
    steps = asked.epochs * -(-len(arrays["train"]) // 32)
    return Told(float(np.log10(losses).mean()), count(regression()), steps, PACKAGES)
