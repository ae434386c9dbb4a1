"""The page that tells what becomes of every kind of model."""

from collections.abc import Sequence
from pathlib import Path

from foreign_models.kinds import CHAPTERS, Kind
from foreign_models.verdict import Verdict

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
HEAD = """# Models of your own

What becomes of models as people write them."""


def page(kinds: Sequence[Kind], verdicts: Sequence[Verdict]) -> str:
    lines = [HEAD]
    for chapter, title in CHAPTERS.items():
        lines += [
            "",
            f"## {title}",
            "",
            "| a model with | alone | several at once |",
            "| --- | --- | --- |",
        ]
        lines += [
            _row(kind, verdict)
            for kind, verdict in zip(kinds, verdicts, strict=True)
            if kind.chapter == chapter
        ]
    return "\n".join(lines) + "\n"


def _row(kind: Kind, verdict: Verdict) -> str:
    if verdict.refusal is not None:
        return f"| {kind.words} | refused: {verdict.refusal} | |"
    together = "in one loop" if verdict.together else "one after another"
    return f"| {kind.words} | works | {together} |"
