"""Which differences of a comparison are significant, how far to trust that, what limits it."""

import math
from collections.abc import Iterator, Sequence

from runner.columns import DATA_SEED
from runner.results.compare.comparison import Comparison, Contrast, gains
from runner.results.compare.differences import Difference
from runner.results.compare.inputs import DUPLICATE, Repetition, Side, point_text
from runner.results.labels import counted, number, repetitions
from runner.results.power import MOST, power_of
from runner.results.stats import Estimate, outlier, summarize
from runner.results.text_tables import Section

ALPHA = 0.05
TEST = f"Holm, α = {ALPHA}"
TOO_FEW = 2
FEW = 4
# Of standard deviations: beyond it Welch's interval is off where runs are few.
UNLIKE = 3.0
ENOUGH = 10
MOST_NAMED = 4  # runs without a counterpart


def repetition(side: Side) -> str:
    """What a repetition of a side is: a seed, a fold, or where nothing tells, a run."""
    return " and ".join(_repetition_names(side))


def _repetition_names(side: Side) -> list[str]:
    """The last part of each key tells a repetition by name, but for the data's own seed."""
    keys = [key for key in side.repeats if key != DUPLICATE]
    return ["data set" if k == DATA_SEED else k.rpartition(".")[2] for k in keys] or ["run"]


def unit(side: Side) -> str:
    """What its repetitions are, in the plural."""
    if DATA_SEED in side.repeats:
        return repetitions(side.repeats)
    names = [f"{name}s" for name in ("seed", "fold") if _named(side.repeats, name)]
    return " and ".join(names) or ("rows" if side.repeats else "seeds")


def pairing(estimate: Estimate, side: Side) -> str:
    """What was paired, and how many there are of it."""
    one = repetition(side)
    if estimate.method == "paired":
        (count,) = estimate.counts
        return f"paired by {one}: {count} pair{'s' if count > 1 else ''}"
    left, right = estimate.counts
    if left == right == 1:
        return "one run each"
    one = "repetition" if len(_repetition_names(side)) > 1 else one
    return f"not paired (Welch): {left} {one}{'s' if left != 1 else ''} against {right}"


def verdicts(contrast: Contrast) -> Iterator[str]:
    """Which differences are significant; nothing is said of two repetitions or one."""
    rows = contrast.overall
    tested = [r for r in rows if min(r.estimate.counts) > TOO_FEW and not math.isnan(r.p)]
    for word, sign in (("lower", -1), ("higher", 1)):
        apart = [r.metric for r in tested if r.p < ALPHA and r.estimate.difference * sign > 0]
        if apart:
            yield f"{contrast.name} is significantly {word} in {', '.join(apart)} ({TEST})."
    equal = [row.metric for row in rows if row.same]
    if equal:
        yield f"Identical in every pair: {', '.join(equal)}."
    # Nothing varies and there is a difference: the seed changes nothing here.
    constant = [r.metric for r in rows if r.estimate.error == 0 and r.estimate.difference != 0]
    if constant:
        words = ", ".join(constant)
        yield f"The same difference in every pair, which leaves no variance for a test: {words}."
    undecided = [row.metric for row in tested if row.p >= ALPHA and not row.same]
    if len(undecided) == len(rows) > 1:
        yield f"No significant difference in any of the {len(undecided)} metrics ({TEST})."
    elif undecided:
        yield f"No significant difference ({TEST}): {', '.join(undecided)}."


def reliability(contrast: Contrast) -> Iterator[str]:
    """What limits the conclusions: few runs, spreads, outliers; and how many runs it takes."""
    yield from _few(contrast)
    row = contrast.main
    if row is not None and not math.isnan(row.estimate.error):
        yield from _unlike_spreads(row)
        yield from _outliers(row, contrast)
        yield from _power(row, unit(contrast.side))


def left_out(contrast: Contrast) -> Iterator[str]:
    """Runs, points and metrics that have no part in the comparison."""
    unpaired = max((row.unpaired for row in contrast.overall), key=lambda of: sum(map(len, of)))
    if any(unpaired):
        named = zip(contrast.named_sides, unpaired, strict=True)
        runs = " and ".join(_unpaired(*one, alone) for one, alone in named if alone)
        have = "has" if sum(map(len, unpaired)) == 1 else "have"
        yield (
            f"{runs} {have} no counterpart: means in the table are over the pairs alone, "
            "those of the learning curves over all runs."
        )
    dropped = {place for row in contrast.overall for place in row.dropped}
    if dropped and len(contrast.matching.points) > 1:
        points = (contrast.matching.points[place][1] for place in sorted(dropped))
        words = "; ".join(point_text(contrast.side.keys, point) for point in points)
        yield f"Too few runs left at {words}: not in the overall means."
    if contrast.missing:
        words = ", ".join(f"{metric} is not in {side}" for metric, side in contrast.missing)
        yield f"Left out: {words}."


def _unpaired(name: str, side: Side, runs: Sequence[Repetition]) -> str:
    """How many runs of a side, and which: ``2 runs of B (seed=3, seed=4)``."""
    keys = ["run" if key == DUPLICATE else key for key in side.repeats]
    which = list(dict.fromkeys(point_text(keys, run) for run in runs))
    more = f", …: {len(which)} in all" if len(which) > MOST_NAMED else ""
    return f"{counted(len(runs), 'run')} of {name} ({', '.join(which[:MOST_NAMED])}{more})"


def caveats(comparison: Comparison) -> Iterator[Section]:
    """How the intervals and p-values are to be read, and what speaks against reading them so."""
    words = [*_tests(comparison), *_dependent([k for s in comparison.sides for k in s.repeats])]
    # What makes metrics of one name different quantities.
    data = {side.config.get("dataset.name") for side in comparison.sides if side.config}
    if len(data) > 1:
        words.append("The datasets differ, so the metrics are not of the same examples.")
    if len({side.loss for side in comparison.sides} - {None}) > 1:
        words.append("The losses differ, so …/loss is not the same quantity.")
    words += _machines(comparison)
    if comparison.repeated:
        words.append("best/… is that of the last epoch everywhere, and is left out.")
    if words:
        yield Section("How to read it", [" ".join(words)])


def _machines(comparison: Comparison) -> Iterator[str]:
    """Equal seeds give equal numbers on one kind of machine alone."""
    told = {n: str(s.speed["machine"]) for n, s in comparison.named_sides if "machine" in s.speed}
    kinds = {kind for machines in told.values() for kind in machines.split("; ")}
    if len(kinds) > 1:
        where = ". ".join(f"{name}: {machines}" for name, machines in told.items())
        yield (
            f"The runs were trained on different machines, where equal seeds agree to rounding and "
            f"times do not compare. {where}."
        )


def _few(contrast: Contrast) -> Iterator[str]:
    fewest = min(min(row.estimate.counts) for row in contrast.overall)
    units = unit(contrast.side)
    if any(math.isnan(row.p) for row in contrast.overall):
        yield "A dash (-) in the table: no interval, or no p-value, can be estimated there."
    if fewest == 0:
        yield f"Some metric has no value in A or {contrast.name}: no run with one completed."
    elif fewest == 1:
        yield "n = 1: no interval can be estimated from one run."
    elif fewest <= TOO_FEW:
        yield f"n = {fewest}: too few {units} for a conclusion; 5 or more are better."
    elif fewest <= FEW:
        yield (
            f"n = {fewest}: few {units}; the intervals are wide and assume a normal distribution."
        )


def _unlike_spreads(row: Difference) -> Iterator[str]:
    """Welch's interval reckons with unlike spreads; with few runs it may miss more than 5 %."""
    spreads = [summarize(values) for values in row.tested]
    if len(spreads) != 2 or min(s.n for s in spreads) >= ENOUGH:
        return
    one, two = (s.std for s in spreads)
    if max(one, two) > UNLIKE * min(one, two):
        yield (
            f"The standard deviations of {row.metric} are unequal ({number(one, '.2g')} and "
            f"{number(two, '.2g')}): such intervals cover the truth in 90 to 96 of 100 cases."
        )


def _outliers(row: Difference, contrast: Contrast) -> Iterator[str]:
    places = ["the differences"] if len(row.tested) == 1 else ["A", contrast.name]
    for place, values in zip(places, row.tested, strict=False):
        far = outlier(values)
        if far is not None:
            yield (
                f"One {repetition(contrast.side)} is an outlier in {row.metric} of {place} "
                f"({number(far)}, Grubbs' test): the distribution is not normal, and the interval "
                "may cover less than 95 %."
            )


def _power(row: Difference, units: str) -> Iterator[str]:
    power = power_of(row.estimate)
    if power is None or power.repetitions <= TOO_FEW or not row.p >= ALPHA or row.same:
        return
    takes = f"more than {MOST:,}" if power.needed is None else f"about {_rounded(power.needed):,}"
    size = abs(row.estimate.difference)
    more = f"; one of {number(size, '.2g')}, as observed, would take {takes}" if size else ""
    yield (
        f"{row.metric}: with {power.repetitions} {units} a difference of "
        f"{number(power.detectable, '.2g')} is detected with a power of 80 %{more} (α = {ALPHA}, "
        "uncorrected)."
    )


def _rounded(count: int) -> int:
    """A number of runs to two digits: the spread that it rests on is known no better."""
    return round(count, 2 - len(str(count))) if count > 99 else count


def _tests(comparison: Comparison) -> Iterator[str]:
    """What the intervals reckon with, and the p-values that are corrected together."""
    contrasts = comparison.contrasts
    at_points = [row for one in contrasts for row in one.at_points]
    added = [row for one in contrasts for row in gains(one)]
    overall, by_point, best = (
        sum(not math.isnan(row.p) for row in rows)
        for rows in (comparison.overall, at_points, added)
    )
    if overall:
        yield "Each interval is at 95 % by itself, and assumes a nearly normal distribution."
        steps = {row.metric: row.resolution for row in comparison.overall if row.resolution}
        told = ", ".join(f"{metric} {step:.2g}" for metric, step in steps.items())
        if told:
            yield f"Intervals include the resolution of a metric: {told}."
    if max(overall, by_point, best) > 1:
        others = ((by_point, "by point"), (best, "of best points"))
        more = "".join(f", {count} {name}" for count, name in others if count > 1)
        yield f"p-values are corrected for multiple comparisons (Holm: {overall} in all{more})."


def _dependent(keys: Sequence[str]) -> Iterator[str]:
    """Repetitions that depend on each other, so that the intervals promise too much."""
    if _named(keys, "fold"):
        yield "Folds share training rows, so intervals over folds are too narrow."
    if _named(keys, "epoch") or _named(keys, "step"):
        yield "Epochs of a run are not independent, so intervals over them are too narrow."


def _named(keys: Sequence[str], name: str) -> bool:
    """Whether some key's last part is a name: ``dataset.fold`` is named fold."""
    return any(key.rpartition(".")[2] == name for key in keys)
