"""A sweep twice as long costs twice as much: counts, which no busy machine can move."""

import os
import subprocess
import sys
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from runner.request.points import parse
from runner.request.validate import points_of

pytestmark = pytest.mark.attack
ROOT = Path(__file__).parents[2]
TINY = ["-m", "dataset=linear", "dataset.train_size=20", "dataset.test_size=20", "model=linreg"]
TINY += ["epochs=1", "batch_size=20", "hydra.launcher.workers=0", "hydra.launcher.width=10"]

# Counts the files that a command opens and the folders it lists, and looks at each for how many
# files are open. A hook can't be taken back, so the command has a process of its own.
COUNTING = """
import os, sys
from collections import Counter
here, counts = os.getcwd(), Counter()
def hear(event, values):
    if event not in ("open", "os.listdir", "os.scandir") or not isinstance(values[0], (str, bytes)):
        return
    if not counting or "outputs" not in os.fsdecode(values[0]):
        return
    counts[event] += 1
    counts["at once"] = max(counts["at once"], len(os.listdir("/proc/self/fd")))
counting = False
sys.addaudithook(hear)
from runner.main import main
import runner.sweep.launch, runner.sweep.conclude
counting = True
code = main()
counting = False
print("COUNTS", code, dict(counts))
"""


def run(code: str, folder: Path, *words: str) -> str:
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def counted(folder: Path, runs: int) -> tuple[list[str], Counter]:
    """What a sweep said, and its counts."""
    said = run(COUNTING, folder, *TINY, f"regularizer.lambda=range({runs})").splitlines()
    assert said[-1].startswith("COUNTS 0 ")
    return said[:-1], Counter(eval(said[-1].removeprefix("COUNTS 0 ")))


def test_a_run_costs_as_much_however_many_there_are(tmp_path):
    """One test: each of its sweeps is a command of its own."""
    found = [counted(tmp_path / str(runs), runs) for runs in (20, 40, 60)]
    for what, most in {"open": 40, "os.listdir": 0, "os.scandir": 20}.items():
        few, more, most_of_all = (counts[what] for _, counts in found)
        assert more - few == most_of_all - more <= 20 * most, what
    assert len({counts["at once"] for _, counts in found}) == 1, "open files"
    assert len({len(said) for said, _ in found}) == 1, "lines"


FIRST = """
import builtins, sys
def say(*words, **how):
    import os
    os.write(1, f"{' '.join(words)} {'torch' in sys.modules}\\n".encode())
    os._exit(0)
builtins.print = say
from runner.main import main
main()
"""


def test_the_first_words_come_before_what_takes_seconds_to_import(tmp_path):
    said = run(FIRST, tmp_path / "here", *TINY, "optim.lr=range(0,1,0.0001)")
    assert said == "10,000 points are composed. False\n"


def composed(composer, number: int) -> tuple[int, int]:
    """How many bytes the points of a sweep keep, and how often OmegaConf made a config for them."""
    asked = [*TINY[1:-2], f"optim.lr=range(1,{number + 1})", "model.init_std=0.5"]
    made, create = [], OmegaConf.create
    parse(asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OmegaConf, "create", lambda *given, **how: made.append(1) or create(*given))
        tracemalloc.start()
        points = points_of(composer, asked, None)
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert len(points) == number
    return kept, len(made)


def test_points_share_what_they_have_in_common(composer):
    composed(composer, 2)
    (few, made), (many, again) = (composed(composer, number) for number in (500, 1_000))
    assert many - few < 500 * 5_000, "bytes"
    assert made == again
