"""A search against the same search as users of other libraries write it.

    python benchmarks/search.py [digits] [fashion-mnist] [seeds=10] [trials=54]

The dropout MLP, its learning rate (log) and dropout rates, 27 epochs at most, halving with eta 3
from the first epoch. Ours first: the whole command, its tables and report too, but for confirming.
Then Optuna in as many processes as there are cores (joblib), with its sampler and halving pruner as
its documentation has them, and Ray Tune's ASHA with reused actors where Ray is installed. They have
the same training and validation examples, and go on until they trained as many epochs as ours did.
Times are of whole commands; the best so far is of points that were trained to the last epoch.
"""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import nn

EPOCHS, ETA = 27, 3
RATE, DROPOUT = (1e-3, 1.0), (0.0, 0.6)
BATCH = {"digits": 32, "fashion-mnist": 256}
HIDDEN = [256, 128]


def command(*words: str, folder: Path) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def ours(dataset: str, trials: int, seed: int, folder: Path) -> float:
    return command(
        *("-m", "runner", "-m", "hydra/sweeper=search", f"dataset={dataset}"),
        *(
            "dataset.val_fraction=0.1",
            "model=dropout-mlp",
            f"model.hidden={HIDDEN}".replace(" ", ""),
        ),
        *(f"optim.lr=tag(log,interval({RATE[0]},{RATE[1]}))", f"batch_size={BATCH[dataset]}"),
        *(f"model.dropout=interval({DROPOUT[0]},{DROPOUT[1]})", f"epochs={EPOCHS}", "device=cpu"),
        *(f"hydra.sweeper.trials={trials}", f"hydra.sweeper.seed={seed}", f"seed={seed}"),
        *("hydra.sweeper.confirm.points=0", f"hydra.sweep.dir={folder / 'ours'}"),
        folder=folder,
    )


def of_ours(folder: Path) -> tuple[int, list[tuple[float, float]]]:
    """Read how many epochs were trained, and the best so far by time since the search began."""
    import pandas as pd

    table = pd.read_csv(folder / "ours" / "search.csv")
    steps = table.groupby("seconds")["best_so_far"].last().dropna()
    return int(table["member_epochs"].sum()), list(steps.items())


# ---------------------------------------------------------------- the peers


def examples(dataset: str, folder: Path) -> Path:
    """Write what ours trains and validates on, prepared."""
    from runner.build import load_data
    from runner.config import check
    from runner.request.command_line import read
    from runner.request.validate import check_request

    request = check_request(read([f"dataset={dataset}", "dataset.val_fraction=0.1"]))
    data = load_data(check(request.points[0].resolved))
    parts = {}
    for name in ("train", "val"):
        split = getattr(data, name)
        parts[name] = (data.prepare(split.inputs, torch.float32), split.targets)
    torch.save(parts, folder / "examples.pt")
    return folder / "examples.pt"


def network(inputs: int, dropout: float) -> nn.Module:
    layers: list[nn.Module] = [nn.Flatten()]
    for width in HIDDEN:
        layers += [nn.Linear(inputs, width), nn.ReLU(), nn.Dropout(dropout)]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, 10))


def epochs_of(path: str, batch: int, lr: float, dropout: float) -> Iterator[float]:
    """Train by a bare loop over tensors in memory, and yield the validation loss by epoch."""
    parts = torch.load(path)
    (images, classes), (val_images, val_classes) = parts["train"], parts["val"]
    model = network(images[0].numel(), dropout)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    while True:
        model.train()
        for rows in torch.randperm(len(classes)).split(batch):
            loss = nn.functional.cross_entropy(model(images[rows]), classes[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            yield float(nn.functional.cross_entropy(model(val_images), val_classes))


def optuna_worker(journal: str, path: str, batch: int, wanted: int, seed: int) -> None:
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial: optuna.Trial) -> float:
        lr = trial.suggest_float("lr", *RATE, log=True)
        dropout = trial.suggest_float("dropout", *DROPOUT)
        best = float("inf")
        for epoch, loss in enumerate(epochs_of(path, batch, lr, dropout), 1):
            best = min(best, loss)
            trial.report(best, epoch)
            if epoch == EPOCHS:
                return best
            if trial.should_prune():
                raise optuna.TrialPruned
        raise AssertionError

    def stop(study: optuna.Study, _: object) -> None:
        trials = study.get_trials(deepcopy=False)
        if sum(len(trial.intermediate_values) for trial in trials) >= wanted:
            study.stop()

    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(journal)),
        study_name="s",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=ETA),
        load_if_exists=True,
    )
    study.optimize(objective, callbacks=[stop])


def optuna_main(folder: str, path: str, batch: str, wanted: str, seed: str) -> None:
    from joblib import Parallel, delayed

    start, journal = time.time(), f"{folder}/optuna.log"
    number = os.cpu_count() or 1
    Parallel(n_jobs=number)(
        delayed(optuna_worker)(journal, path, int(batch), int(wanted), int(seed) * 100 + worker)
        for worker in range(number)
    )
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    study = optuna.load_study(study_name="s", storage=JournalStorage(JournalFileBackend(journal)))
    ended = [t for t in study.get_trials() if t.state.name == "COMPLETE"]
    ended.sort(key=lambda trial: trial.datetime_complete)
    steps = [(trial.datetime_complete.timestamp() - start, trial.value) for trial in ended]
    (Path(folder) / "optuna.json").write_text(json.dumps([steps, len(study.get_trials())]))


def ray_main(folder: str, path: str, batch: str, wanted: str, seed: str) -> None:
    import random

    from ray import tune

    class Trainable(tune.Trainable):
        def setup(self, config: dict[str, float]) -> None:
            torch.set_num_threads(1)
            self.reset_config(config)

        def reset_config(self, config: dict[str, float]) -> bool:
            self.losses = epochs_of(path, int(batch), config["lr"], config["dropout"])
            self.best = float("inf")
            return True

        def step(self) -> dict[str, float]:
            self.best = min(self.best, next(self.losses))
            return {"loss": self.best}

        def save_checkpoint(self, checkpoint_dir: str) -> None: ...

        def load_checkpoint(self, checkpoint: object) -> None: ...

    random.seed(int(seed))
    start = time.time()
    asha = tune.schedulers.ASHAScheduler(max_t=EPOCHS, grace_period=1, reduction_factor=ETA)
    done = {"epochs": 0}

    class Stop(tune.Stopper):
        def __call__(self, trial_id: str, result: dict[str, float]) -> bool:
            done["epochs"] += 1
            return result["training_iteration"] >= EPOCHS

        def stop_all(self) -> bool:
            return done["epochs"] >= int(wanted)

    tuner = tune.Tuner(
        Trainable,
        param_space={"lr": tune.loguniform(*RATE), "dropout": tune.uniform(*DROPOUT)},
        tune_config=tune.TuneConfig(
            metric="loss", mode="min", scheduler=asha, num_samples=10_000, reuse_actors=True
        ),
        run_config=tune.RunConfig(stop=Stop(), storage_path=folder, verbose=0),
    )
    results = tuner.fit()
    ended = [r.metrics for r in results if r.metrics and r.metrics["training_iteration"] >= EPOCHS]
    steps = sorted((one["timestamp"] - start, one["loss"]) for one in ended)
    (Path(folder) / "ray.json").write_text(json.dumps([steps, len(results)]))


# ---------------------------------------------------------------- the comparison


def best_at(steps: list[tuple[float, float]], seconds: float) -> float:
    return min((value for at, value in steps if at <= seconds), default=float("inf"))


def compare(dataset: str, trials: int, seed: int) -> dict[str, tuple[float, int, float]]:
    """Return seconds, epochs or points, and the best value of each."""
    peers = ["optuna", *(["ray"] if importlib.util.find_spec("ray") else [])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = examples(dataset, folder)
        taken = ours(dataset, trials, seed, folder)
        epochs, steps = of_ours(folder)
        found = {"ours": (taken, trials, best_at(steps, float("inf")))}
        for peer in peers:
            asked = (str(folder), str(path), str(BATCH[dataset]), str(epochs), str(seed))
            taken = command(__file__, peer, *asked, folder=folder)
            steps, number = json.loads((folder / f"{peer}.json").read_text())
            found[peer] = (taken, number, best_at(steps, float("inf")))
        print(
            f"{dataset}, seed {seed}: {epochs} epochs; "
            + "; ".join(
                f"{peer} {s:.1f} s, {n} points, best {v:.4f}" for peer, (s, n, v) in found.items()
            ),
            flush=True,
        )
        return found


def main(words: list[str]) -> None:
    options = dict(word.split("=") for word in words if "=" in word)
    datasets = [word for word in words if "=" not in word] or list(BATCH)
    for dataset in datasets:
        found = [
            compare(dataset, int(options.get("trials", 54)), seed)
            for seed in range(int(options.get("seeds", 3)))
        ]
        for peer in found[0]:
            ratios = [one["ours"][0] / one[peer][0] for one in found]
            best = statistics.median(one[peer][2] for one in found)
            print(
                f"{dataset}: ours / {peer} {statistics.median(ratios):.2f}; median best {best:.4f}"
            )


if __name__ == "__main__":
    if sys.argv[1:2] in (["optuna"], ["ray"]):
        {"optuna": optuna_main, "ray": ray_main}[sys.argv[1]](*sys.argv[2:])
    else:
        main(sys.argv[1:])
