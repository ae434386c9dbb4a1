"""Requests drawn from the grammar and damaged: each ends with a sentence, or does its work."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.carry_out import Ending
from fuzz.grammar import request
from fuzz.verdict import faults

ROOT = Path(__file__).parents[1]
SHORT, LONG = (
    pytest.param(450, 1, marks=pytest.mark.attack),
    pytest.param(4_000, 2, marks=pytest.mark.long),
)


def python(*argv, **environment):
    """Run Python here; what it said."""
    return subprocess.run(
        [sys.executable, *argv],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(("requests", "seed"), [SHORT, LONG])
def test_no_request_ends_in_another_way_than_is_promised(requests, seed):
    done = python("-m", "tests.fuzz", str(requests), "--seed", str(seed))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert f"{requests:,} requests" in done.stdout and "0 findings" in done.stdout
    assert all(f"exit {code}: " in done.stdout for code in (0, 2)), "all kinds of ends are seen"


def test_the_same_seed_draws_the_same_requests():
    asked = (
        "from tests.fuzz.grammar import request; print(*map(ascii, map(request, [5] * 300, {})))"
    )
    drawn = [
        python("-c", asked.format("range(300)"), PYTHONHASHSEED=hashes).stdout
        for hashes in ("1", "2")
    ]
    assert drawn[0] == drawn[1] == " ".join(ascii(request(5, n)) for n in range(300)) + "\n"
    assert request(5, 0) != request(6, 0)


OWN = {
    "raises": ("raise SystemExit('Traceback (most recent call last)')", "a traceback"),
    "leaves a file": ("open('stray', 'w'); raise KeyError", "left behind: here/stray"),
    "takes memory": ("b = bytearray(1_900_000_000)", "GB of memory"),
    "is killed": ("import os; os.kill(os.getpid(), 9)", "ended by SIGKILL"),
}


def test_what_a_request_does_wrong_is_found(tmp_path):
    """The faults are really made, by code of one's own that the command imports."""
    for name, (code, _) in OWN.items():
        folder = tmp_path / name
        (folder / "conf").mkdir(parents=True)
        (folder / "mine.py").write_text(f"{code}  # not register()\n")
    script = (
        "import sys; from pathlib import Path; from tests.fuzz.carry_out import Forks; "
        "from tests.fuzz.verdict import faults; forks = Forks(Path(sys.argv[1]) / 'forks'); "
        "words = [['--components', folder, '--dry-run'] for folder in sys.argv[2:]]; "
        "found = [(forks.start(n, w), faults(w, forks.wait()))[1] for n, w in enumerate(words)]; "
        "print(*found, sep='\\n')"
    )
    done = python("-c", script, str(tmp_path), *(str(tmp_path / name) for name in OWN))
    found = done.stdout.splitlines()
    assert len(found) == len(OWN), done.stdout + done.stderr[-1000:]
    for line, (_, told) in zip(found, OWN.values(), strict=True):
        assert told in line, found


def ending(code, said="", left=(), memory=0):
    return Ending(0, code, said, 0.0, memory, left)


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (ending(-signal.SIGXCPU), "no end after 20 s"),
        (ending(3, "x"), "exit code 3"),
        (ending(2), "without a word"),
        (ending(2, "No.", ("here/outputs",)), "left behind"),
        (ending(0, "x" * 2_000_000), "characters said"),
        (ending(1, "Set the environment variable HYDRA_FULL_ERROR=1"), "Hydra's own error"),
    ],
)
def test_a_wrong_end_is_a_finding(ended, told):
    assert any(told in fault for fault in faults([], ended))


def test_a_right_end_is_none():
    assert not faults([], ending(0, "done", ("here/outputs/runs/metrics.csv",)))
    assert not faults([], ending(2, "There is no key 'a'."))
    trained_on = ending(-signal.SIGXCPU, "epoch 9", ("here/outputs/runs/metrics.csv",))
    assert not faults([], trained_on)
