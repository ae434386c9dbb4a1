"""Holds the planner's choice of width against what steps take.

    python benchmarks/plan.py                 # the table of widths, then every study
    python benchmarks/plan.py weight-decay    # some studies

1. Predicted and measured milliseconds per step and member at widths 1, 2, 4, …, 1024.
2. The study suite: what the planned width takes per step and member against the best of the
   widths that the planner considers, and what planning takes.

One process, one thread, widths in turn; the clock is that of the thread alone (see `calibrate.py`
beside this file) and the least of several passes is taken.
"""

import statistics
import sys
import time
from collections.abc import Sequence

import calibrate

from runner.build import build_group, load_data
from runner.config import Config, check
from runner.engine.cost import threads
from runner.errors import RequestError
from runner.paths import conf_folder
from runner.request.command_line import read
from runner.request.validate import check_request
from runner.sweep import cost
from runner.sweep.plan import groups, plan
from runner.sweep.widths import WIDEST, evenly

PASSES = 2
LONGEST = 2.0  # seconds of a step: in the table, wider ones are not tried
TABLE = {
    "linear regression, batch 1": "dataset=linear model=linreg batch_size=1",
    "MLP on digits": "dataset=digits model=mlp",
    "dropout MLP on digits": "dataset=digits model=dropout-mlp",
    "LeNet on digits": "dataset=digits model=lenet",
    "LeNet-BN on digits": "dataset=digits model=lenet-bn",
}


def per_member(members: Sequence[Config], widths: Sequence[int]) -> dict[int, float]:
    """Return the least milliseconds per step and member at each width."""
    found: dict[int, float] = {}
    with threads(1):
        for _ in range(PASSES):
            least = 0.0
            for width in widths:
                if 2 * least > LONGEST and width > 64:
                    break
                least = calibrate.step_seconds(build_group(members[:width], []), least)
                found[width] = min(1000 * least / width, found.get(width, float("inf")))
    return found


def table() -> None:
    """Print what is predicted and what is measured for a few kinds of run."""
    for name, request in TABLE.items():
        members = calibrate.configs(f"{request} device=cpu", WIDEST)
        with threads(1):
            counts = calibrate.counts(members)
        measured = per_member(members, [2**power for power in range(WIDEST.bit_length())])
        print(f"{name}: width, predicted, measured")
        for width, found in measured.items():
            predicted = 1000 * cost.seconds(counts, width) / width
            print(f"    {width:5d} {predicted:10.4g} {found:10.4g}", flush=True)


def judge(study: str) -> float:
    """Print how a study's first and last group are planned, and return the larger loss."""
    points = check_request(read([f"experiment={study}", "device=cpu"])).points
    configs = [check(point.resolved) for point in points]
    load_data(configs[0])
    alike = groups(configs)
    start = time.process_time()
    plan(configs, "auto")
    spent = 1000 * (time.process_time() - start) / len(alike)
    losses = [0.0]
    for group in sorted({0, len(alike) - 1}):
        members = [configs[job] for job in alike[group]]
        if len(members) == 1:
            continue
        widths = {len(evenly(members, 2**power)[0]) for power in range(WIDEST.bit_length())}
        measured = per_member(members, sorted(widths))
        width = len(plan(members, "auto")[0].jobs)
        losses.append(measured[width] / min(measured.values()) - 1)
        told = ", ".join(f"{value:.3g} at {key}" for key, value in measured.items())
        print(f"    group {group} of {study}: width {width}; measured ms {told}")
    print(f"{study}: loss {max(losses):.2f}; planning {spent:.0f} ms of CPU a group", flush=True)
    return max(losses)


def main(*studies: str) -> int:
    """Print the table, then judge the studies; or judge those that are named."""
    if not studies:
        table()
    every = sorted(path.stem for path in (conf_folder().parent / "experiments").glob("*.yaml"))
    losses = []
    for study in studies or every:
        try:
            losses.append(judge(study))
        except RequestError as error:
            print(f"{study}: left out: {error}")
    over = sum(loss > 0.15 for loss in losses)
    print(f"{len(losses)} studies: median {statistics.median(losses):.2f}, {over} above 0.15")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
