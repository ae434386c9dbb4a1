"""A trained model, taken back from the files of its run."""

import json
import warnings
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from torch import Tensor, nn
from yaml import YAMLError

from runner.build import build_network
from runner.columns import Status
from runner.components_folder import checksums, copy_in
from runner.config import Config, check
from runner.datasets.data import Preparation
from runner.engine import checkpoint
from runner.errors import RequestError, unknown
from runner.paths import components_folder, conf_folder
from runner.registry import components_from, find
from runner.trained_model import Trained

Weights = Literal["best", "last"]
# A run says that it is running from its beginning on; whether it still is can't be told from it.
NO_END = " has not ended, or was cut off:"


def load_model(
    run: str | Path, weights: Weights | None = None, components: str | Path | None = None
) -> Trained:
    """Give a run's trained model back, on the CPU and ready for use.

    Args:
        run: The run's folder.
        weights: ``"best"``, of the epoch with the lowest ``val/loss``, or ``"last"``; None takes
            the best where there was a validation split.
        components: A folder of components of one's own to take the model from, where the run used
            one; None takes ``./components``.

    Raises:
        RequestError: The folder is no run, or has no such checkpoint, or a damaged one; or its
            weights are not finite, as the last ones of a run that diverged; or the target's unit
            is lost, as of a run older than its record; or it used components of one's own that are
            not at hand, or have changed.

    Warns:
        UserWarning: The run did not end well, or has not ended; the weights are finite all the
            same.
    """
    folder = Path(run)
    with _components(folder, components):
        return _load(folder, weights)


def _components(folder: Path, components: str | Path | None) -> AbstractContextManager[None]:
    """Take a run's components from a folder that was named, or check those that are at hand.

    Raises:
        RequestError: They are not those that the run used, and no folder was named.
    """
    if components is not None:
        return components_from(Path(components).absolute())
    used, own = _summary(folder).get("components") or {}, components_folder()
    now = checksums(own) if own else {}
    changed = [name for name, text in used.items() if now.get(name) != text]
    if changed:
        what = "has changed since" if changed[0] in now else "is not at hand"
        copy = next((c for c in map(copy_in, (folder, folder.parent)) if c.is_dir()), None)
        remedy = (
            f"; load_model(run, components='{copy}') takes the copy that it kept" if copy else ""
        )
        raise RequestError(f"'{folder}' uses {changed[0]}, which {what}{remedy}.")
    return nullcontext()


def _load(folder: Path, weights: Weights | None) -> Trained:
    config = _config_of(folder)
    which = _choose(folder, weights)
    saved = _saved(folder, which)
    _check_end(folder, which, saved)
    preparation = saved["data"]
    _check_units(folder, config, preparation)
    model = build_network(config, tuple(preparation["shape"]), preparation["outputs"])
    model.to(dtype=next(iter(saved["params"].values())).dtype)
    _fill(model, saved["params"] | saved["buffers"])
    return Trained(model, preparation, saved["epoch"]).eval()


def _check_units(folder: Path, config: Config, preparation: Preparation) -> None:
    """Refuse an old checkpoint whose numbers nothing brings back into the target's own units."""
    dataset = find("dataset", config.dataset["name"])
    if "target_std" not in preparation and dataset.standardizes_target(config.dataset):
        raise RequestError(
            f"'{folder}' was trained on a standardised target by a version that did not keep its "
            "mean and standard deviation, so its predictions have no unit: train it again."
        )


@torch.no_grad()
def _fill(model: nn.Module, saved: dict[str, Tensor]) -> None:
    """Put saved tensors into a model; one that is tied was saved once, under its first name."""
    tensors = dict(model.named_parameters()) | dict(model.named_buffers())
    for name, tensor in saved.items():
        tensors[name].copy_(tensor)


def _config_of(folder: Path) -> Config:
    path = folder / ".hydra" / "config.yaml"
    if not path.is_file():
        raise RequestError(_no_run(folder))
    try:
        node: Any = OmegaConf.to_container(OmegaConf.load(path), resolve=True)
    except (OSError, ValueError, YAMLError, OmegaConfBaseException) as error:
        raise RequestError(f"'{path}' can't be read: {' '.join(str(error).split())}") from error
    if not isinstance(node, dict):
        raise RequestError(f"'{path}' can't be read: it is no configuration.")
    node["dataset"] = _keys_of_dataset(node.get("dataset")) | node.get("dataset", {})
    return check(_added_since() | node)


def _keys_of_dataset(node: Any) -> dict[str, Any]:
    """The program's own values of a dataset's keys: an older run may lack some, and needs none."""
    name = node.get("name") if isinstance(node, dict) else None
    path = conf_folder() / "dataset" / f"{name}.yaml"
    own: Any = OmegaConf.to_container(OmegaConf.load(path)) if path.is_file() else {}
    return dict(own)


def _added_since() -> dict[str, Any]:
    """The program's own values of the top-level keys that an older run may lack.

    They are what the run did: a key that is added stands, by default, for what was done before.
    """
    own: Any = OmegaConf.to_container(OmegaConf.load(conf_folder() / "config.yaml"), resolve=False)
    return {key: value for key, value in own.items() if key in Config.model_fields}


def _no_run(folder: Path) -> str:
    if folder.is_file():
        return f"'{folder}' is a file; give the folder of a run."
    if not folder.is_dir():
        return f"There is no folder '{folder}'."
    names = [path.parent.name for path in folder.glob("*/.hydra")]
    jobs = sorted(int(name) for name in names if name.isdigit())
    if not jobs:
        return f"'{folder}' is not the folder of a run: it has no .hydra/config.yaml."
    last = f" to '{folder / str(jobs[-1])}'" if len(jobs) > 1 else ""
    return f"'{folder}' is a sweep; give one of its runs, '{folder / str(jobs[0])}'{last}."


def _choose(folder: Path, weights: str | None) -> str:
    """Which checkpoint to take: as asked, otherwise the best if there is one."""
    if weights not in (None, *get_args(Weights)):
        raise RequestError(unknown("kind of weights", str(weights), get_args(Weights)))
    has_best = (folder / "checkpoints" / "best.pt").is_file()
    summary = _summary(folder)
    if weights == "best" and not has_best and summary.get("last") and not summary.get("best"):
        split = summary.get("best_metric") is not None
        why = (
            "no val/loss was finite" if split else "it had no validation split; take weights='last'"
        )
        raise RequestError(f"There is no best epoch of '{folder}': {why}.")
    return weights or ("best" if has_best else "last")


def _saved(folder: Path, which: str) -> dict[str, Any]:
    """A checkpoint; one that is not there is not called lost where the run had no end yet."""
    path = folder / "checkpoints" / f"{which}.pt"
    if not path.is_file() and _summary(folder).get("status", Status.RUNNING) == Status.RUNNING:
        raise RequestError(f"'{folder}'{NO_END} there is no checkpoint {path}.")
    return checkpoint.load(path)


def _check_end(folder: Path, which: str, saved: dict[str, Any]) -> None:
    """Refuse weights that are not finite, and say of others that their run did not end well."""
    summary = _summary(folder)
    ended = _how_it_ended(summary, saved["epoch"])
    of = f"the {which} weights, of epoch {saved['epoch']},"
    # A buffer may be infinite from the start: a mask of attention is.
    sound = all(value.isfinite().all() for value in saved["params"].values())
    if not sound or any(value.isnan().any() for value in saved["buffers"].values()):
        best = summary.get("best") if which == "last" else None
        other = f"; weights='best' are of epoch {best['epoch']}" if best else ""
        raise RequestError(f"'{folder}'{ended or ':'} {of} are not all finite numbers{other}.")
    if ended:
        warnings.warn(f"'{folder}'{ended} these are {of[:-1]}.", stacklevel=4)


def _how_it_ended(summary: dict[str, Any], epoch: int) -> str:
    """What is to be said of a run's end; nothing where it ended well."""
    status, last = summary.get("status", Status.RUNNING), summary.get("last") or {}
    if status == Status.RUNNING:
        return NO_END
    return "" if status == Status.OK else f" {status} in epoch {last.get('epoch', epoch)}:"


def _summary(folder: Path) -> dict[str, Any]:
    """What the run said at its end; nothing where it did not get there."""
    try:
        found = json.loads((folder / "summary.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
