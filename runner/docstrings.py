"""What docstrings say of the arguments and attributes they list."""

import inspect
import re

ENTRY = re.compile(r"^ {4}(\w+):\s(.*)$")
TYPED = {"None": "null", "True": "true", "False": "false"}  # as keys are typed
SHAPE = re.compile(r"^\([A-Z, …]+\) ")
SECTION = re.compile(r"^(Args|Attributes):$")


def summary(component: type) -> str:
    """Return the first sentence of a class's own docstring, without the full stop."""
    first = (inspect.getdoc(component) or "").partition("\n\n")[0]
    return _first_sentence(first)


def meaning(component: type, argument: str) -> str:
    """Return what a class, or the nearest of those it derives from, says an argument means.

    Args:
        component: Lists its arguments under ``Args:`` or ``Attributes:``, in its docstring or its
            constructor's.
        argument: The argument's name.

    Returns:
        The first sentence, values as they are typed, without the full stop; empty where nothing is
        said.
    """
    for cls in component.__mro__:
        for text in (cls.__doc__, getattr(vars(cls).get("__init__"), "__doc__", None)):
            found = entries(text or "")
            if argument in found:
                return _first_sentence(found[argument])
    return ""


def entries(text: str) -> dict[str, str]:
    """Return the entries under ``Args:`` and ``Attributes:`` of a docstring, name to text."""
    found: dict[str, str] = {}
    inside, name = False, ""
    for line in inspect.cleandoc(text).splitlines():
        if not line.startswith(" ") and line:
            inside = bool(SECTION.match(line))
        elif inside and (entry := ENTRY.match(line)):
            name = entry[1]
            found[name] = entry[2].strip()
        elif inside and name and line.startswith(8 * " "):
            found[name] += f" {line.strip()}"
        else:
            name = ""
    return found


def _first_sentence(text: str) -> str:
    for python, typed in TYPED.items():
        text = re.sub(rf"\b{python}\b", typed, text)
    plain = SHAPE.sub("", " ".join(text.replace("``", "").split()))
    plain = plain[:1].upper() + plain[1:]
    return re.split(r"(?<=[^.\s][.])\s+(?=[A-Z\"(])", plain)[0].removesuffix(".")
