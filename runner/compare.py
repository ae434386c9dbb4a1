"""``python -m runner.compare A B …``: compare runs or sweeps."""

import sys
from collections.abc import Sequence

from runner.errors import RequestError
from runner.results.door import Parser, answer


def main(argv: Sequence[str] | None = None) -> int:
    """Print how runs or sweeps differ from the first of them.

    Args:
        argv: What was typed after the command; ``sys.argv`` where it is None.

    Returns:
        The exit code: 0, or 2 with one sentence where the request was wrong.
    """
    return answer(lambda: _compare(argv))


def _compare(argv: Sequence[str] | None) -> None:
    parser = Parser("runner.compare", description="Compare runs or sweeps with the first of them.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="run, sweep, or a CSV file of one")
    paths = parser.parse_args(argv).paths
    if len(paths) < 2:
        raise RequestError("Give two or more runs or sweeps to compare: folders, or CSV files.")
    # Imported late: --help and a wrong request should not wait for pandas.
    from runner.results.comparison import comparison
    from runner.results.sides import read_side

    print("\n".join(comparison([read_side(path) for path in paths])))


if __name__ == "__main__":
    sys.exit(main())
