"""The words that tables, comparisons and figures have in common."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

LARGE = 1e6


def short(value: object, width: int = 22) -> str:
    """A value for a label: numbers without idle digits, long words cut, ``-`` where it is None."""
    text = f"{value:g}" if isinstance(value, (int, float)) else "-" if value is None else str(value)
    if value != value:
        text = "not set"
    return text if len(text) <= width else text[: width - 1] + "…"


def plain(text: str) -> str:
    """The text as it is: a dollar sign starts no formula."""
    return text.replace("$", r"\$")


def describe(config: dict[str, object], varying: Sequence[str] = ()) -> str:
    """Dataset and model in words, or the function minimised, without those that vary.

    Args:
        config: The composed config, possibly empty.
        varying: The swept keys.
    """
    nodes = {group: config.get(group) for group in ("dataset", "model", "loss")}
    dataset = nodes["dataset"]
    shown = ["dataset", "model"]
    if isinstance(dataset, dict) and dataset.get("name") == "none":
        shown = ["loss"]
    groups = [nodes[group] for group in shown if group not in varying]
    return ", ".join(
        str(group["name"]) for group in groups if isinstance(group, dict) and "name" in group
    )


def own_label(summary: Mapping[str, Any]) -> str:
    """The name and tags that a person gave to a run: ``baseline [exam, mnist]``; often empty."""
    tags = ", ".join(map(str, summary.get("tags") or ()))
    return " ".join(filter(None, [str(summary.get("name") or ""), f"[{tags}]" if tags else ""]))


def point_label(values: Sequence[object]) -> str:
    """The swept values of a point, for a legend."""
    return ", ".join(short(value) for value in values)


def last_parts(keys: Sequence[str]) -> list[str]:
    """Return each key by the last part of its name, but as it is where another one ends so too."""
    parts = [key.rpartition(".")[2] for key in keys]
    return [p if parts.count(p) == 1 else key for key, p in zip(keys, parts, strict=True)]


def labelled(summary: Mapping[str, Any], what: str) -> str:
    """What a run is, after its name and tags where it has any: ``baseline [exam]: digits, mlp``."""
    return ": ".join(filter(None, [own_label(summary), what]))


def counted(number: int, word: str) -> str:
    """How many there are: ``1 run``, ``2 runs``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def repetitions(columns: Sequence[str]) -> str:
    """What the repetitions of a point are, in the plural.

    Args:
        columns: What tells them apart, as `runner.results.tables.replicate_columns` gives it.
    """
    if "dataset.fold" in columns:
        return "runs"
    return "data sets and seeds" if "dataset.seed" in columns else "seeds"


def numbered(names: Sequence[str]) -> str:
    """Names with their numbers, by which a model's weights go: ``1 area, 2 rooms``."""
    return ", ".join(f"{number} {name}" for number, name in enumerate(names, 1))


def readable(value: float, form: str = ".4g") -> str:
    """A number to some significant digits, below a million without an exponent: ``10900``."""
    text = f"{value:{form}}"
    if "e+" not in text or abs(value) >= LARGE:
        return text
    return f"{float(text):{'+' * form.startswith('+')}.0f}"


def spread(mean: float, std: float) -> str:
    """A mean with its standard deviation, where there is one."""
    return readable(mean) if math.isnan(std) else f"{readable(mean)} ± {readable(std, '.2g')}"


def number(value: float, form: str = ".4g") -> str:
    """A number for a table, ``-`` where there is none."""
    return "-" if math.isnan(value) else "0" if value == 0 else readable(value, form)


def interval(low: float, high: float, digits: int = 3) -> str:
    """An interval's ends for a table, to some digits of its half width; ``-`` where it is none."""
    if math.isnan(low):
        return "-"
    half = (high - low) / 2
    places = digits - 1 - math.floor(math.log10(half)) if 0 < half < math.inf else 99
    form = f".{places}f" if 0 <= places <= 6 else ".3g"
    return f"{number(low, form)} to {number(high, form)}"


def p_value(p: float) -> str:
    """A p-value for a table."""
    return "-" if math.isnan(p) else "<0.001" if p < 0.001 else f"{p:.3f}"
