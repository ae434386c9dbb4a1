"""What is said when a request is wrong, and how names are suggested."""

from collections.abc import Iterable
from difflib import get_close_matches


class RequestError(Exception):
    """The request is wrong and nothing was started; each fault is one sentence (exit code 2)."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = sentences


def unknown(kind: str, name: str, allowed: Iterable[str]) -> str:
    """One sentence for a name that does not exist.

    Args:
        kind: What the name should have been, e.g. ``"model"``.
        name: What was typed.
        allowed: The names that exist.

    Returns:
        A sentence with the nearest name, if one is near, and all the allowed names.
    """
    choices = sorted(allowed)
    near = get_close_matches(name, choices, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else "."
    return f"There is no {kind} '{name}'{hint} Allowed: {', '.join(choices) or 'nothing'}."
