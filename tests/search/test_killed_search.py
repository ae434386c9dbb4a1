"""A search that is killed or interrupted anywhere, and what resumes it."""

import importlib
import pkgutil

import pytest

from runner.atomic_write import PART
from runner.crew.sweep_file import read_sweep_file

pytest.importorskip("optuna", reason="the extra 'search' is not installed")


class Killed(BaseException):
    """What no part of the program catches: as if the process were gone."""


PLACES = {
    "asked, not written": ("runner.search.rounds.Round.write", 1),
    "asked": ("runner.search.rounds.set_out", 1),
    "set out, not written": ("runner.search.rounds.Round.write", 2),
    "the first rung not trained": ("runner.sweep.launch.Trainers.train", 1),
    "between two rungs": ("runner.sweep.launch.Trainers.train", 2),
    "cut, not written": ("runner.search.rounds.Round.write", 3),
    "some let go": ("runner.search.race.prune", 3),
    "before the last rung": ("runner.sweep.launch.Trainers.train", 3),
    "who was let go, not told": ("runner.search.study.Study.tell", 1),
    "who was let go, told, not written": ("runner.search.rounds.Round.write", 5),
    "the next round asked, not written": ("runner.search.rounds.Round.write", 6),
    "a last stretch beside the next round": ("runner.sweep.launch.Trainers.train", 4),
    "before the first round has ended": ("runner.search.race.Race.end", 1),
    "the first round has ended, not told": ("runner.search.study.Study.tell", 2),
    "the first round told, not written": ("runner.search.rounds.Round.write", 10),
    "the last stretch of all": ("runner.search.race.Race.end", 2),
    "before it is confirmed": ("runner.search.confirm.train", 1),
    "confirming, not set out": ("runner.search.confirm.set_out", 1),
    "confirming, not listed": ("runner.search.confirm.write_jobs", 1),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_search_that_is_killed_ends_as_if_it_had_not_been(
    whole, command, tmp_path, monkeypatch, place, assert_same, asked
):
    undisturbed, _ = whole
    folder = tmp_path / "search"
    kill_at(monkeypatch, *PLACES[place])
    with pytest.raises(Killed):
        command(*asked, f"hydra.sweep.dir={folder}")
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("runner.sweep.conclude._attempt", lambda fault, write: [])  # no pictures
    code, said = command("--resume", folder)
    assert code == 0, said
    assert_same(undisturbed, folder)


def kill_at(monkeypatch, target, call):
    """Let a function kill the search at one of its calls."""
    module, _, name = target.rpartition(".")
    try:
        owner = importlib.import_module(module)
    except ModuleNotFoundError:
        above, _, cls = module.rpartition(".")
        owner = getattr(importlib.import_module(above), cls)
    function, calls = getattr(owner, name), []

    def killing(*args, **kwargs):
        calls.append(1)
        if len(calls) == call:
            raise Killed
        return function(*args, **kwargs)

    monkeypatch.setattr(owner, name, killing)
    # What is told at an end that nobody lives to see.
    monkeypatch.setattr("runner.search.command.conclude_search", lambda search: None)


def test_more_trials_begin_with_those_that_were_tried(whole, copied, command, table):
    undisturbed, _ = whole
    code, said = command("--resume", copied, "hydra.sweeper.trials=18")
    assert code == 0, said
    rows = table(copied)
    assert len(rows) == 18 and rows[:12] == table(undisturbed)
    assert (copied / "confirm-18").is_dir() and (copied / "confirm-12").is_dir()


def test_more_trials_stay_asked_for(copied, command, tmp_path, monkeypatch, table):
    kill_at(monkeypatch, "runner.search.rounds.Search._set_out", 1)
    with pytest.raises(Killed):
        command("--resume", copied, "hydra.sweeper.trials=18", "hydra.launcher.workers=0")
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    code, said = command("--resume", copied)
    assert code == 0 and len(table(copied)) == 18, said
    # Fewer than were tried are no reason to forget any.
    code, said = command("--resume", copied, "hydra.sweeper.trials=5")
    assert code == 0 and len(table(copied)) == 18
    assert "points were not tried" not in said


def test_a_resumed_search_is_trained_as_it_is_asked_for_now(copied, command):
    asked = ["hydra.launcher.workers=0", "hydra.launcher.timeout_min=30"]
    code, said = command("--resume", copied, *asked)
    assert code == 0, said
    for sweep in (copied, copied / "confirm-12"):
        found = read_sweep_file(sweep)
        assert (found.workers, found.timeout_min) == (0, 30)


def test_a_resume_clears_up_what_a_kill_left(copied, command):
    for name in (".runner/search/.round-0.json", ".search.csv", "confirm-12/.sweep.csv"):
        (copied / f"{name}.x1{PART}").touch()
    code, said = command("--resume", copied)
    assert code == 0, said
    assert not list(copied.rglob(f".*{PART}"))


def test_a_resume_needs_the_components_that_were_used(copied, command):
    sweep = read_sweep_file(copied)
    sweep.origin["code"]["components/net.py"] = "a checksum"
    sweep.write(copied)
    code, said = command("--resume", copied)
    assert code == 2 and "uses components/net.py, which is not at hand" in said


def interrupted(*args, **kwargs):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("place", "call", "told"),
    [
        ("runner.search.rounds.set_out", 1, "12 of 12 points were not tried. To resume:"),
        ("runner.search.confirm.set_out", 1, "Not all of the best points were confirmed."),
        ("runner.crew.conduct.Queue.train", 7, "Not all of the best points were confirmed."),
    ],
)
def test_an_interrupted_search_says_how_it_goes_on(
    command, tmp_path, monkeypatch, place, call, told, asked
):
    function = pkgutil.resolve_name(place)
    calls = iter([*[function] * (call - 1), interrupted])
    monkeypatch.setattr(place, lambda *args, **kwargs: next(calls)(*args, **kwargs))
    code, said = command(*asked, f"hydra.sweep.dir={tmp_path / 'search'}")
    assert code == 130 and told in said and "To resume:" in said
    assert "could not be written" not in said


def test_a_finished_search_has_nothing_left_to_do(whole, copied, command, assert_same):
    undisturbed, _ = whole
    code, _ = command("--resume", copied)
    assert code == 0
    assert_same(undisturbed, copied)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["optim.lr=0.1"], "There is no key that --resume of a search takes 'optim.lr'"),
        (["--retry"], "--retry has no meaning for a search"),
        (["hydra.sweeper.trials=0"], "hydra.sweeper.trials=0 is not allowed"),
    ],
)
def test_a_search_is_resumed_as_it_was_asked_for(whole, command, words, told):
    folder, _ = whole
    code, said = command("--resume", folder, *words)
    assert code == 2 and told in said
