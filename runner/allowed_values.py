"""Values that a key does not take: what is wrong with one, and what is allowed, in words."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from runner.config_keys import as_typed
from runner.errors import unknown
from runner.printable import shortened

SHOWN = 200  # characters of a value that is refused


def value_faults(adapter: TypeAdapter[object], value: object, key: str) -> list[str]:
    """Say what is wrong with a value, a sentence for each fault.

    Args:
        adapter: Knows the type and the range.
        value: What was asked for.
        key: The key's dotted name; empty where the value is a whole config.
    """
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        faults = error.errors()
        return list(dict.fromkeys(_sentence(fault, adapter, value, key) for fault in faults))
    return []


def _sentence(fault: ErrorDetails, adapter: TypeAdapter[object], value: Any, key: str) -> str:
    schema, as_list, place = adapter.json_schema(), [value], ""
    if not key:
        key, *_ = (str(part) for part in fault["loc"])
        if fault["type"] == "missing":
            return f"{key} is missing."
        if fault["type"] == "extra_forbidden":
            return unknown("key", key, schema["properties"])
        as_list, place = value | {key: [value[key]]}, key
        schema, value = schema["properties"][key], value[key]
    example = f"; write {key}={as_typed([value])}" if _admits(adapter, as_list, place) else ""
    shown = as_typed(value)
    if len(shown) > SHOWN:
        shown, example = shortened(shown, SHOWN), ""
    return f"{key}={shown} is not allowed; it takes {allowed_values(schema)}{example}."


def _admits(adapter: TypeAdapter[object], value: object, place: str) -> bool:
    """Whether a value is admitted, or of a whole config what it has in one place."""
    try:
        adapter.validate_python(value)
    except ValidationError as error:
        return bool(place) and all(fault["loc"][0] != place for fault in error.errors())
    return True


def allowed_values(schema: Mapping[str, Any]) -> str:
    """Say in words which values a JSON schema admits, e.g. ``a number ≥ 0 and < 1``."""
    if "anyOf" in schema:
        return " or ".join(allowed_values(option) for option in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        *others, last = map(str, schema.get("enum", [schema.get("const")]))
        return f"{', '.join(others)} or {last}" if others else last
    if schema.get("type") == "array":
        return _allowed_lists(schema)
    kind = {
        "number": "a number",
        "integer": "a whole number",
        "boolean": "true or false",
        "string": "text",
        "null": "null",
        "object": "keys of its own",
    }
    signs = {"exclusiveMinimum": ">", "minimum": "≥", "exclusiveMaximum": "<", "maximum": "≤"}
    bounds = [f"{sign} {schema[name]}" for name, sign in signs.items() if name in schema]
    if "maxLength" in schema:
        bounds.append(f"of at most {schema['maxLength']:,} characters")
    return " ".join([kind.get(str(schema.get("type")), "a value"), " and ".join(bounds)]).strip()


def _allowed_lists(schema: Mapping[str, Any]) -> str:
    fewest, most = schema.get("minItems", 0), schema.get("maxItems")
    length = f"of {fewest} " if fewest == most else f"of {fewest} or more " if fewest else ""
    return f"a list {length}in which each is {allowed_values(schema.get('items', {}))}"
