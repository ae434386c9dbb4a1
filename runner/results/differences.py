"""What differs between the records of two runs of one request: a sentence's words for each."""

from collections.abc import Iterator, Mapping
from typing import Any

from runner.config_keys import PLACES_OF_DATA, as_typed, role_of
from runner.results.labels import counted
from runner.results.read.runs import Record
from runner.results.report.facts import git_in_words

CHECKSUMS = ("data_checksum", "init_checksum")
ELSEWHERE = {*CHECKSUMS, *PLACES_OF_DATA, "init_from"}
"""Keys that are told by a checksum, of what lies wherever it lies."""
LONGEST = 200  # letters of somebody's record in one place


def differences(old: Record, new: Record) -> Iterator[str]:
    """Say in words what is not the same of two runs, in the order in which one would look.

    What one of the records does not tell is no difference, but for the keys of the configuration.

    Args:
        old: The ``summary.json`` of the run that was there, which may be anybody's.
        new: That of the same, run again.
    """
    config = _node(old, "config"), _node(new, "config")
    yield from _of_config(*config)
    yield from _of_content(*config)
    yield from _of_code(old, new)
    versions = _node(old, "versions"), _node(new, "versions")
    yield from (
        one
        for name in versions[1]
        for one in _was(*versions, name, f"the version of {inert(name)}")
    )
    yield from _was(old, new, "machine", "the machine")
    yield from _was(old, new, "device", "the device")
    yield from _was(old, new, "threads", "the number of threads")
    yield from _of_group(old.get("width"), new.get("width"))


def inert(told: object) -> str:
    """A word of somebody's record as text that no terminal obeys, and of bounded length."""
    text = "".join(one if one.isprintable() else "?" for one in str(told))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _was(old: Mapping[str, Any], new: Mapping[str, Any], name: str, what: str) -> Iterator[str]:
    was, now = old.get(name), new.get(name)
    if was is not None and was != now:
        yield f"{what} was {inert(was)} and is {inert(now)}"


def _of_config(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys([*new, *old]):
        if key in ELSEWHERE or not role_of(key).in_signature:
            continue
        was, now = (inert(as_typed(node[key])) if key in node else None for node in (old, new))
        if was is None and new[key] is not None:
            yield f"the key {inert(key)} is not in the record, and is {now}"
        elif now is None and old[key] is not None:
            yield f"the key {inert(key)} was {was}, and exists no more"
        elif was is not None and was != now:
            yield f"the key {inert(key)} was {was} and is {now}"


def _of_content(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    whose = (f"the data of dataset={new.get('dataset')}", "the weights of init_from")
    for key, what in zip(CHECKSUMS, whose, strict=True):
        if new.get(key) and not old.get(key):
            yield f"{what} have no checksum in the record"
        elif old.get(key) != new.get(key):
            yield (
                f"{what} have other content: their checksum was {inert(old.get(key))} and is "
                f"{inert(new.get(key))}"
            )


def _of_code(old: Record, new: Record) -> Iterator[str]:
    was, now = (git_in_words(told.get("git")) for told in (old, new))
    if was != now:
        places = (inert(told) if told else "no repository" for told in (was, now))
        yield "what git has where one stands was {} and is {}".format(*places)
    if old.get("code") not in (None, new.get("code")):
        was, now = (git_in_words(told.get("program_git")) for told in (old, new))
        known = f" (git: {inert(was)}, now {inert(now)})" if was and now else ""
        yield f"the program's own files have changed{known}"
    components = _node(new, "components")
    for name in components:
        if _node(old, "components").get(name) not in (None, components[name]):
            yield f"the file {inert(name)} has changed"


def _of_group(old: object, new: object) -> Iterator[str]:
    if isinstance(old, int) and old > 1 and new == 1:
        yield (
            f"it was trained beside {counted(old - 1, 'other run')} in a group and now alone, "
            "where sums are taken in another order: equality to rounding is what is promised"
        )


def _node(record: Record, name: str) -> Mapping[str, Any]:
    found = record.get(name)
    return found if isinstance(found, Mapping) else {}
