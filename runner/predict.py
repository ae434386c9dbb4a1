"""``python -m runner.predict RUN_DIR DATA``: what a trained run predicts for new data."""

import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from runner.process_end import end_process
from runner.results.cli import Parser, answer

DIGITS = "%.10g"  # what was computed in float32 has seven


def main(argv: Sequence[str] | None = None) -> int:
    """Write the predictions as CSV.

    Args:
        argv: What was typed after the command; ``sys.argv`` where it is None.

    Returns:
        The exit code: 0, or 2 with one sentence where the request was wrong.
    """
    return answer(lambda: _predict(argv))


def _predict(argv: Sequence[str] | None) -> None:
    parser = Parser(
        "runner.predict",
        description="Predict new data with a trained run: a class and the probability of each, or "
        "a number in the target's own unit.",
    )
    parser.add_argument("run", metavar="RUN_DIR", type=Path, help="the folder of a run")
    parser.add_argument(
        "data",
        metavar="DATA",
        type=Path,
        help="a table (.csv, .parquet; columns go by their names), a folder of images, or .npy",
    )
    parser.add_argument(
        "--weights",
        choices=("best", "last"),
        help="of the best epoch by val/loss, or of the last; the best where there is a best",
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="a CSV file, whose folder is made; without it they are printed",
    )
    asked = parser.parse_args(argv)
    text = _predicted(asked.run, asked.data, asked.weights)
    if asked.output is None:
        print(text, end="")
        return
    from runner.atomic_write import write_whole

    print(os.path.relpath(write_whole(asked.output, text.encode())))


def _predicted(run: Path, data: Path, weights: str | None) -> str:
    """The predictions as CSV; a run that did not end well is told of on stderr."""
    from runner.trained import load_model  # late: --help should not wait for torch

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        model = load_model(run, weights)  # type: ignore[arg-type]  # argparse checked it
    for warning in told:
        print(warning.message, file=sys.stderr)
    return model.predict(data).to_csv(index=False, float_format=DIGITS, lineterminator="\n")


if __name__ == "__main__":
    end_process(main())
