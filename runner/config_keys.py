"""The keys of a config by their dotted names, and what each has to do with a run's result."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple


class Role(NamedTuple):
    """What a key has to do with a run's result.

    Attributes:
        in_signature: Whether it decides the result: runs that differ in it are different runs.
        is_setting: Whether it is part of what was studied: such keys are what results differ in.
            What is no setting has a column of its own, as ``seed``, or none.
        is_shared: Whether all members of a group must have the same value, unless the component
            lets them differ.
    """

    in_signature: bool
    is_setting: bool
    is_shared: bool


SETTING = Role(in_signature=True, is_setting=True, is_shared=True)
REPETITION = Role(in_signature=True, is_setting=False, is_shared=False)
INITIAL = Role(in_signature=True, is_setting=True, is_shared=False)
OF_RUN = Role(in_signature=False, is_setting=False, is_shared=False)
OF_GROUP = Role(in_signature=False, is_setting=False, is_shared=True)

# Every key that is no setting, or is one within a group that is none.
ROLES: dict[str, Role] = {
    "seed": REPETITION,
    "init_from": INITIAL,
    "init_checksum": OF_RUN,  # stands for init_from in the signature
    "data_checksum": Role(in_signature=True, is_setting=False, is_shared=True),
    "population": Role(in_signature=True, is_setting=False, is_shared=True),
    "repeats": OF_RUN,
    "repeats_of": OF_RUN,
    "name": OF_RUN,
    "tags": OF_RUN,
    "notes": OF_RUN,
    "expect": OF_RUN,
    "logger": OF_RUN,
    "metric": OF_GROUP,
    "plots": OF_GROUP,
    "predictions": OF_GROUP,
    "checkpoint_every": OF_GROUP,
    "checkpoint_seconds": OF_GROUP,
    "dataset.root": OF_GROUP,
    "device": OF_GROUP,
    "device.precision": SETTING,
}


PLACES_OF_DATA = ("dataset.root", "dataset.path")
"""Where data lie: their checksum stands for it in the signature, where they have one."""


def role_of(key: str) -> Role:
    """The role of a key: its own, or else that of the group that it stands in.

    Args:
        key: A dotted name, such as ``device.threads``.
    """
    while key:
        if key in ROLES:
            return ROLES[key]
        key = key.rpartition(".")[0]
    return SETTING


def flatten(config: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    """The values of a nested config under their dotted names.

    Args:
        config: Keys to values or to further keys.
        above: What the names begin with, a dot at its end.
    """
    for name, value in config.items():
        if isinstance(value, Mapping) and value:
            yield from flatten(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def as_typed(value: object) -> str:
    """A value as it is typed on the command line: ``true``, ``null``, ``[1,2]``, ``{a:1}``.

    A float keeps its point: ``epochs=2.0`` is refused where ``epochs=2`` is not.
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list):
        return f"[{','.join(map(as_typed, value))}]"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{key}:{as_typed(own)}' for key, own in value.items())}}}"
    return str(value)
