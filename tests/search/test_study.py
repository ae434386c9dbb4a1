"""Asking and telling: the same points from the same journal, and better ones as it goes on."""

import pytest

pytest.importorskip("optuna", reason="the extra 'search' is not installed")

import optuna

from runner.request.dimensions import Dimension
from runner.request.searching import Confirm, SearchRequest, Settings
from runner.search.outcome import Outcome
from runner.search.study import Study

X = Dimension("x", low=0.0, high=1.0)
Y = Dimension("y", low=1e-3, high=1.0, log=True)
KIND = Dimension("kind", values=("a", "b"))
OTHERS = {
    "trials": 96,
    "round": "auto",
    "prune": "none",
    "eta": 3,
    "min_epochs": 1,
    "metric": None,
    "goals": [],
    "budget": None,
    "start": "defaults",
    "confirm": Confirm(points=3, seeds=5),
}


def request(sampler="tpe", seed=0, dimensions=(KIND, X, Y)):
    settings = Settings(sampler=sampler, seed=seed, **OTHERS)
    return SearchRequest(settings, (), (), dimensions, 0, {})


def surface(values):
    """A loss with its least value, 0, at x = 0.7, y = 0.03 and kind b."""
    x, y = float(values["x"]), float(values["y"])
    return (x - 0.7) ** 2 + 0.1 * abs(y - 0.03) + 0.2 * (values["kind"] == "a")


def rounds(study, number, size, first=0):
    """Ask and tell; return the values of all points."""
    asked = []
    for round_ in range(number):
        points = study.ask(first // size + round_, size, {})
        start = first + len(asked)
        study.tell({start + i: Outcome("ok", 1, (surface(p),)) for i, p in enumerate(points)})
        asked += points
    return asked


@pytest.mark.parametrize("sampler", ["tpe", "random", "sobol", "cmaes", "gp"])
def test_a_journal_that_is_read_again_asks_for_the_same_points(tmp_path, sampler):
    number, size = (2, 4) if sampler == "gp" else (3, 8)
    whole = Study(tmp_path / "whole", 0, request(sampler), ["lower"])
    expected = rounds(whole, number + 1, size)
    first = Study(tmp_path / "parts", 0, request(sampler), ["lower"])
    rounds(first, number, size)
    told = len(first.journal)
    first.ask(number, size, {})  # forgotten: the journal is read to what was told
    again = Study(tmp_path / "parts", told, request(sampler), ["lower"])
    assert rounds(again, 1, size, number * size) == expected[number * size :]


def test_sobol_fills_the_space_from_the_first_point_on(tmp_path):
    """Of sixteen points of such a sequence each sixteenth of a key's range holds one."""
    study = Study(tmp_path / "study.log", 0, request("sobol"), ["lower"])
    places = sorted(int(16 * float(point["x"])) for point in study.ask(0, 16, {}))
    assert places == list(range(16))


def test_points_to_begin_with_come_first(tmp_path):
    study = Study(tmp_path / "study.log", 0, request(), ["lower"])
    study.begin_with([{"x": 0.25, "kind": "b"}])
    first, *_ = study.ask(0, 3, {})
    assert (first["x"], first["kind"]) == ("0.25", "b")


def test_what_diverged_is_told_as_pruned_and_what_failed_as_failed(tmp_path):
    study = Study(tmp_path / "study.log", 0, request(), ["higher"])
    study.ask(0, 4, {})
    told = {
        0: Outcome("ok", 9, (0.5,)),
        1: Outcome("pruned", 3, (0.4,)),
        2: Outcome("diverged", 2, None),
        3: Outcome("failed", 0, None),
    }
    study.tell(told)
    states = [(t.state.name, t.intermediate_values) for t in study.study.get_trials()]
    assert states == [
        ("COMPLETE", {}),
        ("PRUNED", {3: 0.4}),
        ("PRUNED", {0: -1e9}),  # behind all that were let go, wherever it diverged
        ("FAIL", {}),
    ]


def test_a_search_beats_chance_on_a_surface_over_20_seeds(tmp_path):
    """96 points in six rounds. By chance each wins half of the pairs: 15 of 20 is p = 0.02."""

    def best(sampler, seed):
        study = Study(tmp_path / f"{sampler}{seed}", 0, request(sampler, seed), ["lower"])
        return min(map(surface, rounds(study, 6, 16)))

    wins = sum(best("tpe", seed) < best("random", seed) for seed in range(20))
    assert wins >= 15


def test_optuna_is_quiet(tmp_path, capfd):
    study = Study(tmp_path / "study.log", 0, request(), ["lower"])
    rounds(study, 1, 3)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == optuna.logging.ERROR


def test_a_point_that_diverged_late_is_no_better_than_one_that_was_let_go_early(tmp_path):
    """Optuna ranks what was pruned by how far it came, then by its value."""
    from optuna.samplers._tpe.sampler import _split_pruned_trials

    study = Study(tmp_path / "study.log", 0, request(), ["lower"])
    study.ask(0, 3, {})
    told = [Outcome("diverged", 9, None), Outcome("pruned", 1, (2.0,)), Outcome("ok", 9, (1.0,))]
    study.tell(dict(enumerate(told)))
    pruned = [trial for trial in study.study.get_trials() if trial.state.name == "PRUNED"]
    best, _ = _split_pruned_trials(pruned, study.study, 1)
    assert [trial.number for trial in best] == [1]


def asked_near(path, seed, seen):
    """Return how many of 30 points are within 0.1 of the one at 0.7, which trains on."""
    study = Study(path, 0, request(seed=seed, dimensions=(X,)), ["lower"])
    study.begin_with([{"x": x / 20} for x in range(20)])
    points = study.ask(0, 20, {})
    others = {n: float(point["x"]) for n, point in enumerate(points) if point["x"] != "0.7"}
    # The best of the others are at 0.1.
    study.tell({n: Outcome("pruned", 1, (1 + abs(x - 0.1),)) for n, x in others.items()})
    (going,) = {*range(20)} - {*others}
    asked = [float(point["x"]) for point in study.ask(1, 30, {going: seen} if seen else {})]
    kept = study.study.get_trials()[20:]
    assert [trial.params["x"] for trial in kept] == pytest.approx(asked, abs=1e-3)
    assert {trial.state.name for trial in kept} == {"RUNNING"}
    return sum(abs(x - 0.7) < 0.1 for x in asked)


def test_what_was_seen_of_a_point_that_trains_on_is_learnt_from(tmp_path):
    """Each of eight seeds asked 5 or 6 times near it, and once where it was not seen."""
    seeds = range(5)
    unseen = sum(asked_near(tmp_path / f"{seed}", seed, None) for seed in seeds)
    seen = sum(asked_near(tmp_path / f"{seed}-seen", seed, (9, 0.1)) for seed in seeds)
    assert seen >= 3 * unseen
