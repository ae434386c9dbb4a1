"""Whether the sides of a comparison saw the same data, told by the checksums on record."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from runner.config_keys import PLACES_OF_DATA
from runner.results.labels import counted, short
from runner.results.read.runs import Run

Seen = Mapping[str, Mapping[str, Sequence[str]]]
"""For each request for data, without where they lie: the checksums found, each with its runs."""
CHECKSUM = re.compile("[0-9a-f]{1,64}")
MOST = 3  # checksums or runs that are named


def data_seen(runs: Iterable[Run]) -> Seen:
    """Return what data some runs saw; nothing of those that have no checksum of them on record."""
    found: dict[str, dict[str, list[str]]] = {}
    for run in runs:
        config = run.summary.get("config")
        config = config if isinstance(config, Mapping) else {}
        checksum = str(config.get("data_checksum"))
        if CHECKSUM.fullmatch(checksum):
            found.setdefault(_request(config), {}).setdefault(checksum, []).append(run.folder.name)
    return found


def data_differences(sides: Sequence[tuple[str, Seen]]) -> Iterator[str]:
    """Say where a side was asked for the same data as the first one, and saw others.

    Args:
        sides: The name of each, and what it saw.
    """
    (first, seen), *others = sides
    for name, own in others:
        shared = [request for request in own if request in seen]
        for dataset in dict.fromkeys(map(_dataset, shared)):
            asked = [request for request in shared if _dataset(request) == dataset]
            here, there = _joined(own, asked), _joined(seen, asked)
            if here.keys() != there.keys():
                yield (
                    f"The data differ: {short(dataset, 40)} has other content in "
                    f"{_runs(name, here, there)} than in {_runs(first, there, here)}: its checksum "
                    f"is {_checksums(there)} in {first} and {_checksums(here)} in {name}."
                )


def _request(config: Mapping[str, object]) -> str:
    own = {key: value for key, value in config.items() if _dataset(key) == "dataset"}
    return " ".join(f"{key}={own[key]}" for key in sorted(own) if key not in PLACES_OF_DATA)


def _dataset(request: str) -> str:
    """The beginning of a request that names the dataset, ``dataset=csv``; of a key its group."""
    return re.split("[ .]", request)[0]


def _joined(seen: Seen, requests: Iterable[str]) -> dict[str, list[str]]:
    joined: dict[str, list[str]] = {}
    for request in requests:
        for checksum, runs in seen[request].items():
            joined.setdefault(checksum, []).extend(runs)
    return joined


def _runs(name: str, own: Mapping[str, Sequence[str]], other: Mapping[str, object]) -> str:
    """A side in words, and which of its runs where not all of them saw what the other did not."""
    alone = [run for checksum, runs in own.items() if checksum not in other for run in runs]
    if not alone or len(alone) == sum(map(len, own.values())):
        return name
    if len(alone) > MOST:
        return f"{counted(len(alone), 'run')} of {name}"
    return f"run{'s' * (len(alone) > 1)} {', '.join(alone)} of {name}"


def _checksums(seen: Mapping[str, Sequence[str]]) -> str:
    return " or ".join(sorted(seen)) if len(seen) <= MOST else f"one of {len(seen)}"
