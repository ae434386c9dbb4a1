"""What a population says at its end, and that what it says to type does what it says."""

import shlex

import pytest


def replay_of(said):
    """The words after ``python -m runner`` of the command that replays the schedule."""
    _, _, command = said.partition("replay the learning rate on fresh seeds")
    return shlex.split(command.partition("python -m runner ")[2].partition(" files:")[0])


@pytest.mark.parametrize("words", [[], ["schedule=warmup-cosine", "schedule.warmup=2"]])
def test_the_schedule_is_replayed_as_it_was_on_seeds_that_no_member_had(
    populate, command, rows, tmp_path, words
):
    folder, said = populate("a", *words, "seed=3")
    told = [float(row["lr"]) for row in rows(folder / "schedule.csv")]
    again = tmp_path / "again"
    code, words = command(*replay_of(said), f"hydra.sweep.dir={again}")
    assert code == 0, words
    runs = rows(again / "sweep.csv")
    assert [int(run["seed"]) for run in runs] == [11, 12, 13, 14, 15]  # eight members began at 3
    for run in runs:
        used = [float(row["lr"]) for row in rows(again / run["job"] / "metrics.csv")]
        # A ratio of two rates times the first of them.
        assert used == pytest.approx(told, rel=1e-12)


def test_a_way_that_comes_back_is_told_whole(populate, rows):
    # Of four members the way mostly comes back to one: 3 → 1 → 0 → 3 → 0.
    often = ["hydra.sweeper.members=4", "hydra.sweeper.interval=1", "epochs=8"]
    folder, said = populate("a", *often)
    places = [row["member"] for row in rows(folder / "schedule.csv")]
    way = [place for n, place in enumerate(places) if n == 0 or place != places[n - 1]]
    assert f"were trained in the place of {' → '.join(way)} (schedule.csv)" in said
