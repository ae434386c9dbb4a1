"""The peers of our search: the same search as users of Optuna and of Ray Tune write it.

    python -m benchmarks.peers.search optuna|ray FOLDER EXAMPLES BATCH EPOCHS SEED tensors|loader

Both train the same network on the same examples, over tensors in memory or by a ``DataLoader``, and
go on until all trials together have trained EPOCHS epochs. What each found is written as a search's
table, so that `python -m runner.compare` shows it beside ours. Seconds count from the first trial's
start, after all imports.
"""

import csv
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

EPOCHS, ETA = 27, 3
RATE, DROPOUT, PENALTY = (1e-3, 1.0), (0.0, 0.6), (1e-6, 1e-2)
WIDTHS = [64, 128, 256]
METRIC = "val/loss"

Point = dict[str, float]
Ended = tuple[float, float, int, bool, Point]
"""When a trial ended, its best loss, its epochs, whether it was trained to the last, its values."""


def network(inputs: int, width: int, dropout: float) -> nn.Module:
    """Return the dropout MLP that ours has as `model=dropout-mlp`."""
    layers: list[nn.Module] = [nn.Flatten()]
    for _ in range(2):
        layers += [nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(dropout)]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, 10))


def losses(examples: str, batch: int, loader: bool, point: Point) -> Iterator[float]:
    """Train on and on, and yield the best validation loss so far after each epoch."""
    parts = torch.load(examples)
    (images, classes), (val_images, val_classes) = parts["train"], parts["val"]
    model = network(images[0].numel(), int(point["width"]), point["dropout"])
    weights = [p for p in model.parameters() if p.dim() > 1]
    biases = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": weights, "weight_decay": point["lambda"]}, {"params": biases}]
    optimizer = torch.optim.SGD(groups, lr=point["lr"])
    data = DataLoader(TensorDataset(images, classes), batch, shuffle=True) if loader else None
    best = float("inf")
    while True:
        model.train()
        for inputs, targets in data or in_memory(images, classes, batch):
            loss = nn.functional.cross_entropy(model(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            now = float(nn.functional.cross_entropy(model(val_images), val_classes))
        best = min(best, now)
        yield best


def in_memory(images: Tensor, classes: Tensor, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the batches of an epoch, shuffled."""
    for rows in torch.randperm(len(classes)).split(batch):
        yield images[rows], classes[rows]


def write(folder: Path, ended: list[Ended]) -> None:
    """Write a search's table, a trial a row in the order in which they ended."""
    folder.mkdir(parents=True)
    (folder / "multirun.yaml").write_text("hydra: {}\n")
    keys, best = ["lr", "dropout", "lambda", "width"], float("inf")
    with (folder / "search.csv").open("w", newline="") as file:
        table = csv.writer(file)
        head = ["trial", "round", "rung", "member_epochs", "seconds", "status"]
        table.writerow([*head, *keys, METRIC, "best_so_far"])
        for number, (at, loss, epochs, whole, point) in enumerate(
            sorted(ended, key=lambda e: e[0])
        ):
            best = min(best, loss) if whole else best
            told = [number, number, epochs, epochs, at, "ok" if whole else "pruned"]
            known = best if best < float("inf") else ""
            table.writerow([*told, *(point[key] for key in keys), loss, known])


# ---------------------------------------------------------------- Optuna, a process for each core


def optuna_study(journal: str, seed: int = 0):  # type: ignore[no-untyped-def]
    """Open the study, or make it, with sampler and halving pruner as Optuna's pages have them."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(
        storage=JournalStorage(JournalFileBackend(journal)),
        study_name="s",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=ETA),
        load_if_exists=True,
    )


def optuna_worker(
    journal: str, examples: str, batch: int, wanted: int, seed: int, loader: bool
) -> None:
    """Search in one process until all processes together have trained enough epochs."""
    import optuna

    torch.set_num_threads(1)
    torch.manual_seed(seed)

    def objective(trial: optuna.Trial) -> float:
        """Train one trial."""
        point = {
            "lr": trial.suggest_float("lr", *RATE, log=True),
            "dropout": trial.suggest_float("dropout", *DROPOUT),
            "lambda": trial.suggest_float("lambda", *PENALTY, log=True),
            "width": trial.suggest_categorical("width", WIDTHS),
        }
        for epoch, loss in enumerate(losses(examples, batch, loader, point), 1):
            trial.report(loss, epoch)
            if epoch == EPOCHS:
                return loss
            if trial.should_prune():
                raise optuna.TrialPruned
        raise AssertionError

    def stop(study: optuna.Study, _: object) -> None:
        trials = study.get_trials(deepcopy=False)
        if sum(len(trial.intermediate_values) for trial in trials) >= wanted:
            study.stop()

    optuna_study(journal, seed).optimize(objective, callbacks=[stop])


def by_optuna(
    folder: Path, examples: str, batch: int, wanted: int, seed: int, loader: bool
) -> list[Ended]:
    """Search in a process for each core; return the trials that ended."""
    from joblib import Parallel, delayed

    journal, number = f"{folder}.log", os.cpu_count() or 1
    Parallel(n_jobs=number)(
        delayed(optuna_worker)(journal, examples, batch, wanted, seed * 100 + worker, loader)
        for worker in range(number)
    )
    trials = [t for t in optuna_study(journal).get_trials() if t.intermediate_values]
    first = min(trial.datetime_start for trial in trials)
    return [
        (
            (trial.datetime_complete - first).total_seconds(),
            min(trial.intermediate_values.values()),
            len(trial.intermediate_values),
            trial.state.name == "COMPLETE",
            trial.params,
        )
        for trial in trials
        if trial.datetime_complete
    ]


# ---------------------------------------------------------------- Ray Tune, ASHA, actors kept


def trainable(examples: str, batch: int, seed: int, loader: bool):  # type: ignore[no-untyped-def]
    """Return what Ray trains: an epoch a step, with actors that are used again."""
    from ray import tune

    class Trainable(tune.Trainable):
        def setup(self, config: Point) -> None:
            torch.set_num_threads(1)
            self.reset_config(config)

        def reset_config(self, config: Point) -> bool:
            torch.manual_seed(seed)
            self.losses, self.began = losses(examples, batch, loader, config), time.time()
            return True

        def step(self) -> dict[str, float]:
            return {"loss": next(self.losses), "began": self.began}

        def save_checkpoint(self, checkpoint_dir: str) -> None: ...

        def load_checkpoint(self, checkpoint: object) -> None: ...

    return Trainable


def stop_after(wanted: int):  # type: ignore[no-untyped-def]
    """Return what ends a trial at its last epoch, and the search after enough epochs of all."""
    from ray import tune

    class Stop(tune.Stopper):
        epochs = 0

        def __call__(self, trial_id: str, result: dict[str, float]) -> bool:
            self.epochs += 1
            return result["training_iteration"] >= EPOCHS

        def stop_all(self) -> bool:
            return self.epochs >= wanted

    return Stop()


def by_ray(
    folder: Path, examples: str, batch: int, wanted: int, seed: int, loader: bool
) -> list[Ended]:
    """Search by ASHA; return the trials that trained at least an epoch."""
    import random

    import numpy as np
    import ray
    from ray import tune

    random.seed(seed)
    np.random.seed(seed)
    ray.init(log_to_driver=False, include_dashboard=False)
    space = {
        "lr": tune.loguniform(*RATE),
        "dropout": tune.uniform(*DROPOUT),
        "lambda": tune.loguniform(*PENALTY),
        "width": tune.choice(WIDTHS),
    }
    asha = tune.schedulers.ASHAScheduler(max_t=EPOCHS, grace_period=1, reduction_factor=ETA)
    asked = tune.TuneConfig(
        metric="loss", mode="min", scheduler=asha, num_samples=10_000, reuse_actors=True
    )
    run = tune.RunConfig(stop=stop_after(wanted), storage_path=f"{folder}.ray", verbose=0)
    model = trainable(examples, batch, seed, loader)
    results = tune.Tuner(model, param_space=space, tune_config=asked, run_config=run).fit()
    found = [(one.metrics, one.config) for one in results if "began" in (one.metrics or {})]
    first = min(metrics["began"] for metrics, _ in found)
    return [
        (
            metrics["timestamp"] - first,
            metrics["loss"],
            metrics["training_iteration"],
            metrics["training_iteration"] >= EPOCHS,
            point,
        )
        for metrics, point in found
    ]


if __name__ == "__main__":
    peer, where, examples, batch, wanted, seed, way = sys.argv[1:]
    search = {"optuna": by_optuna, "ray": by_ray}[peer]
    write(
        Path(where),
        search(Path(where), examples, int(batch), int(wanted), int(seed), way == "loader"),
    )
