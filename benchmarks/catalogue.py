"""The benchmarks by name, in the order of the page."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from benchmarks.rows import Row


@dataclass(frozen=True)
class Benchmark:
    """One benchmark: its module in `benchmarks/suite`, and what its ``measure`` is called with.

    Attributes:
        name: How it is asked for.
        about: What is measured.
        minutes: How long it takes on two idle cores, roughly.
        module: The module.
        arguments: What ``measure`` is called with.
        quick: Whether it is measured without being asked for.
    """

    name: str
    about: str
    minutes: float
    module: str
    arguments: tuple[str, ...] = ()
    quick: bool = True

    def measure(self) -> Iterator[Row]:
        """Measure it; its module, and all that it needs, is imported now."""
        yield from import_module(f"benchmarks.suite.{self.module}").measure(*self.arguments)


_ALL = (
    Benchmark("mlp", "the MLP on Fashion-MNIST", 6, "training", ("mlp",)),
    Benchmark("dropout-mlp", "the same with dropout", 20, "training", ("dropout-mlp",)),
    Benchmark("lenet-bn", "LeNet-BN on Fashion-MNIST", 20, "training", ("lenet-bn",)),
    Benchmark("products", "the MLP beside its matrix products alone", 1, "products"),
    Benchmark("compiled", "steps compiled by Inductor", 3, "compiled"),
    Benchmark("digits", "the shortest commands, whole", 2, "digits"),
    Benchmark("weight-decay", "512 linear models, whole commands", 3, "weight_decay"),
    Benchmark("one-group", "512 linear models, training alone", 1, "one_group"),
    Benchmark("regressions", "64 linear regressions, whole commands", 8, "regressions"),
    Benchmark("overhead", "what a run costs besides its training", 1, "overhead"),
    Benchmark("ten-thousand", "a sweep of 10,000 points, whole", 4, "ten_thousand"),
    Benchmark("memory", "the most memory of a run", 2, "memory"),
    Benchmark("growth", "the cost of an epoch as the work grows", 2, "growth"),
    Benchmark("report", "tables, plots and report of 500 runs", 2, "report"),
    Benchmark("planned", "a sweep as planned, and one run after another", 2, "planned"),
    Benchmark("start-up", "workers for a sweep of a second", 2, "start_up"),
    Benchmark("vectorisation", "many things at once", 1, "vectorisation"),
    Benchmark("workers-mlp", "16 MLPs over workers", 6, "workers", ("mlp",), False),
    Benchmark("workers-lenet-bn", "16 LeNet-BNs over workers", 8, "workers", ("lenet-bn",), False),
    Benchmark("long-search", "a search of 1,000 points", 2, "long_search"),
    Benchmark(
        "search-digits",
        "searches on digits beside Optuna and Ray Tune",
        15,
        "search",
        ("digits",),
        False,
    ),
    Benchmark(
        "search-fashion", "the same on Fashion-MNIST", 40, "search", ("fashion-mnist",), False
    ),
    Benchmark("gpu", "epochs on a GPU, beside the loop of tutorials", 3, "gpu"),
    Benchmark("speedrun", "94 in 100 of Fashion-MNIST on a GPU, 20 seeds", 4, "speedrun"),
    Benchmark("saving", "what saving takes of a training", 5, "saving", (), False),
)
CATALOGUE = {benchmark.name: benchmark for benchmark in _ALL}
