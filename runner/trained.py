"""A trained model, taken back from the files of its run."""

import warnings
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from torch import Tensor, nn

from runner.build import build_network
from runner.components_folder import checksums, copy_in
from runner.config import Config, check
from runner.datasets.data import Preparation
from runner.environment import guard_environment
from runner.errors import RequestError, named
from runner.guarded_files import read_text
from runner.paths import components_folder, conf_folder
from runner.plain_values import load_yaml
from runner.registry import SINGLE_CHOICE_GROUPS, components_from, find, names
from runner.trained_model import Trained
from runner.weights import Weights, choose, end_told, no_run, path_of, read_weights, summary_of


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
        UserWarning: The run did not complete, or has not ended; the weights are finite all the
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
    used, own = summary_of(folder).get("components") or {}, components_folder()
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
    which = choose(folder, weights)
    saved = read_weights(folder, which)
    if told := end_told(folder, which, saved):
        warnings.warn(told, stacklevel=4)
    try:
        return _rebuilt(folder, config, saved)
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise RequestError(
            f"{path_of(folder, which)} does not belong to the configuration of '{folder}': "
            f"{named(error)}."
        ) from error


def _rebuilt(folder: Path, config: Config, saved: dict[str, Any]) -> Trained:
    preparation, tensors = saved["data"], saved["params"] | saved["buffers"]
    _check_units(folder, config, preparation)
    shape, outputs = tuple(preparation["shape"]), preparation["outputs"]
    _check_shapes(config, shape, outputs, tensors)
    model = build_network(config, shape, outputs)
    model.to(dtype=next(iter(saved["params"].values())).dtype)
    _fill(model, tensors)
    return Trained(model, preparation, saved["epoch"]).eval()


def _check_shapes(
    config: Config, shape: tuple[int, ...], outputs: int, saved: dict[str, Tensor]
) -> None:
    """Refuse weights of another shape before the model takes any memory.

    Raises:
        ValueError: One differs.
    """
    try:
        with torch.device("meta"):
            model = build_network(config, shape, outputs)
            expected = {name: tensor.shape for name, tensor in model.named_parameters()}
    except Exception:  # not every constructor can do without memory
        return
    for name, size in expected.items():
        if name not in saved or saved[name].shape != size:
            found = tuple(saved[name].shape) if name in saved else "missing"
            raise ValueError(f"{name} is {found}, not {tuple(size)}")


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
        raise RequestError(no_run(folder))
    guard_environment()
    try:
        plain = load_yaml(read_text(path))
        node: Any = OmegaConf.to_container(OmegaConf.create(plain), resolve=True)
    except (OSError, ValueError, OmegaConfBaseException, RecursionError) as error:
        raise RequestError(f"'{path}' can't be read: {' '.join(str(error).split())}") from error
    if not isinstance(node, dict):
        raise RequestError(f"'{path}' can't be read: it is no configuration.")
    for group in SINGLE_CHOICE_GROUPS:
        if isinstance(chosen := node.get(group), dict):
            node[group] = _before(group, str(chosen.get("name"))) | chosen
    return check(_added_since() | node)


def _before(group: str, name: str) -> dict[str, Any]:
    """What stands for a component's keys that an older run may lack.

    A model answers by its keys: what they stand for is what its class says of the time before
    them. It does not answer by those of other components, which get the program's own values.
    """
    if name not in names(group):
        return {}  # which is said later
    if group == "model":
        return dict(getattr(find(group, name), "added_keys", {}))
    path = conf_folder() / group / f"{name}.yaml"
    own: Any = OmegaConf.to_container(OmegaConf.load(path)) if path.is_file() else {}
    return dict(own)


def _added_since() -> dict[str, Any]:
    """The program's own values of the top-level keys that an older run may lack.

    They are what the run did: a key that is added stands, by default, for what was done before.
    """
    own: Any = OmegaConf.to_container(OmegaConf.load(conf_folder() / "config.yaml"), resolve=False)
    return {key: value for key, value in own.items() if key in Config.model_fields}
