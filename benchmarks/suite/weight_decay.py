"""The weight-decay study of 512 linear models, whole commands with all that they write.

Ours writes every run's files, tables, plots and the report; a JAX program that somebody writes for
this study alone (`vmap` over the members, `scan` over the steps) writes its test losses. Each has
the same data, and is a process of its own, in turn.
"""

from collections.abc import Iterator

from benchmarks.rows import OURS, Row
from benchmarks.suite.commands import our_split, our_sweep
from benchmarks.suite.compare import Comparison, Peer
from benchmarks.suite.data import arrays
from benchmarks.timing import in_turn, scratch

ROUNDS, EPOCHS, SEEDS = 3, 100, 16
RATES, LAMBDAS = "0.001,0.002,0.003,0.004", "0,0.01,0.03,0.1,0.3,1,3,10"
# Of log10 of the test loss. Without a penalty the loss is half of |w|² in 180 free directions, and
# its standard deviation over seeds √(2 / 180) of it, 0.05 of log10: four times that of the
# difference of two means over 16 seeds.
TOLERANCE = 0.07
JAX = Peer("JAX, `vmap` and `scan`", "jax_study", ("jax",))


def measure(rounds: int = ROUNDS, seeds: int = SEEDS, epochs: int = EPOCHS) -> Iterator[Row]:
    """Measure the whole commands."""
    typed = (
        *("experiment=weight-decay", f"regularizer.lambda={LAMBDAS}", f"optim.lr={RATES}"),
        *(f"repeats={seeds}", "repeats_of=seed", "eval_train=false", f"epochs={epochs}"),
    )
    number = len(RATES.split(",")) * len(LAMBDAS.split(",")) * seeds
    title = f"{number} linear models of 200 weights, {epochs} epochs, whole"
    study = Comparison(title, "mean of log10 of the test loss", TOLERANCE)
    with scratch() as folder:
        data = arrays([*typed, "device=cpu"], folder / "study.npz")
        grid, words = f"{RATES}/{LAMBDAS}/{seeds}", (f"epochs={epochs}", f"data={data}")
        work = {OURS: lambda _: our_sweep(typed, folder)}
        if not JAX.missing():
            work[JAX.name] = lambda _: JAX.run(grid, words, folder)
        told = in_turn(work, rounds)
        parts = our_split(typed, folder)
    yield study.our_row(told[OURS], parts)
    yield study.row(JAX, told.get(JAX.name, []), told[OURS])
