"""The house: imports run one way, down the list of wings."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# From the ground up; a module may import from its own floor and those below.
FLOORS = [
    {
        *("errors", "paths", "columns", "config_keys"),
        *("atomic_write", "file_lock", "folder_lock", "owner"),
        *("interrupts", "speech", "machine", "hydra_compat", "docstrings", "environment"),
        *("process_end", "git_state", "typed"),
        *("plain_values", "printable", "guarded_files", "summaries", "kept_records"),
    },
    {
        "registry",
        "components_folder",
        "component_keys",
        "config_files",
        "config_groups",
        "hyper",
        "allowed_values",
    },
    {
        *("datasets", "models", "losses", "regularizers"),
        *("optim", "schedules", "metrics", "device", "loggers"),
    },
    {"engine"},
    {"config", "build", "studies", "tryout", "warm_start", "weights"}
    | {"trained", "trained_model", "new_data", "export"},
    {"crew"},
    {"request"},
    {"sweep"},
    {"search"},
    {
        *("main", "__main__", "commands", "completion", "help_page", "hydra_flags", "reference"),
        *("compare", "report", "gallery", "runs", "new", "predict"),
    },
]
FLOOR_OF = {wing: floor for floor, wings in enumerate(FLOORS) for wing in wings}
RESULTS = "results"  # stands beside: it meets training through its files alone
ABOVE_RESULTS = {RESULTS, "crew", *FLOORS[-3], *FLOORS[-2], *FLOORS[-1]}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(p): p for p in sorted(ROOT.glob("runner/**/*.py"))}
PLUGINS = {name_of(p): p for p in sorted(ROOT.glob("hydra_plugins/**/*.py"))}


def wing(module: str) -> str:
    """``runner.engine.step`` stands in the wing ``engine``; the package itself in none."""
    return module.split(".")[1] if "." in module else ""


def imported(nodes: Iterator[ast.AST]) -> set[str]:
    """The modules that some statements import, submodules taken from packages included."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide which wing they reach"
            source = str(node.module)
            inner = {f"{source}.{alias.name}" for alias in node.names}
            found |= (inner & MODULES.keys()) or {source}
    return found


@cache
def imports(module: str) -> frozenset[str]:
    """What a module of the program imports of it, inside functions too."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    return frozenset(name for name in imported(ast.walk(tree)) if name in MODULES)


def at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """The statements that run when a module is imported: none inside functions."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def test_every_wing_has_its_floor():
    wings = {wing(module) for module in MODULES} - {""}
    assert wings == {*FLOOR_OF, RESULTS}


@pytest.mark.parametrize("module", [m for m in MODULES if wing(m) in FLOOR_OF])
def test_imports_run_down(module):
    mine = FLOOR_OF[wing(module)]
    too_high = {
        other
        for other in imports(module)
        if wing(other) in FLOOR_OF and FLOOR_OF[wing(other)] > mine
    }
    assert not too_high


@pytest.mark.parametrize("module", [m for m in MODULES if wing(m) == RESULTS])
def test_results_import_only_themselves_and_foundations(module):
    assert {wing(other) for other in imports(module)} <= {RESULTS, *FLOORS[0]}
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    assert "torch" not in {name.partition(".")[0] for name in imported(ast.walk(tree))}


def test_results_are_imported_by_the_sweep_and_the_doors_alone():
    users = {wing(m) for m in MODULES if RESULTS in {wing(other) for other in imports(m)}}
    assert users <= ABOVE_RESULTS


def test_no_modules_import_each_other_in_a_circle():
    try:
        TopologicalSorter({module: imports(module) for module in MODULES}).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' imports '.join(reversed(error.args[1]))}")


@pytest.mark.parametrize("module", PLUGINS)
def test_plugins_are_thin_until_they_are_used(module):
    tree = ast.parse(PLUGINS[module].read_text(encoding="utf-8"))
    roots = {name.partition(".")[0] for name in imported(at_import(tree))}
    assert not roots & {"runner", "torch", "pandas", "numpy", "matplotlib"}


@pytest.mark.parametrize(
    "modules",
    [
        "runner.results, runner.compare, runner.report, runner.gallery, runner.new, runner.main",
        "runner.predict",
        "runner.results.plots.draw, runner.results.gallery.page",
    ],
)
def test_doors_and_results_start_without_torch(modules):
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
