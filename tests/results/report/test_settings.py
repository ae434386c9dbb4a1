"""The configuration in a report, and what of it differs from the defaults."""

import json

import pytest
import yaml

from runner.results.read.runs import read_runs
from runner.results.report.settings import settings

CONFIG = {
    "epochs": 5,
    "model": {"name": "mlp", "hidden": [4, 8]},
    "optim": {"name": "adam", "lr": 0.5},
    "name": None,
}


@pytest.fixture
def rows(folders):
    """The settings of a sweep by key, given its points and the defaults that each replaced."""

    def rows(points, defaults):
        folder = folders.sweep("s", points, config=CONFIG)
        for job, replaced in enumerate(defaults):
            path = folder / str(job) / "summary.json"
            path.write_text(json.dumps(json.loads(path.read_text()) | {"defaults": replaced}))
        return {row.key: row for row in settings(read_runs(folder))}

    return rows


def test_what_was_swept_asked_for_and_set_by_a_study_stand_beside_their_defaults(rows):
    same = {"optim": "adam", "name": "null", "repeats": 1}
    points = [same | {"optim.lr": lr} for lr in (0.001, 0.5)]
    same = {"optim": "sgd", "epochs": 20}
    found = rows(points, [same, same | {"optim.lr": 0.001}])
    assert found["optim"][1:] == ("adam", "sgd", "override")
    assert found["optim.lr"][1:] == ("0.001, 0.5", "0.001", "swept")
    assert found["epochs"][1:] == ("5", "20", "study")
    assert found["name"][1:] == ("null", "null", "override")
    assert found["model.name"][1:] == ("mlp", "", "")
    assert found["model.hidden"][1:] == ("[4,8]", "", "")
    assert "optim.name" not in found and "repeats" not in found


def test_a_key_of_one_model_among_many_is_shown_with_each_default(rows):
    points = [{"model": "mlp"}, {"model": "lenet", "model.width": 3}]
    found = rows(points, [{}, {"model": "mlp", "model.width": 6}])
    assert found["model"][1:] == ("mlp, lenet", "mlp", "swept")
    assert found["model.width"][1:] == ("3", "6", "override")


def test_runs_without_defaults_on_record_still_say_what_was_asked_for(rows):
    found = rows([{"optim.lr": 0.5}], [])
    assert found["optim.lr"][1:] == ("0.5", "", "override")


def test_many_values_are_counted(rows):
    found = rows([{"optim.lr": lr} for lr in range(20)], [{"optim.lr": 0.1}] * 20)
    assert found["optim.lr"].value == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … (20 values)"


def test_a_killed_sweep_names_every_run_with_the_command_to_train_it(folders, report):
    folder = folders.sweep("s", [{"experiment": "mine", "seed": 0}])
    asked = [["experiment=mine", f"seed={seed}", "name='a b'"] for seed in range(3)]
    (folder / "jobs.yaml").write_text(yaml.safe_dump(asked))
    page = report(folder)
    assert "2 of 3 runs did not complete." in page
    for seed in (1, 2):
        command = f"python -m runner experiment=mine seed={seed} &#34;name=&#39;a b&#39;&#34;"
        assert f"{command} hydra.mode=RUN" in page


def test_values_keep_all_their_digits(rows):
    found = rows([{"optim.lr": 0.1234567}, {"optim.lr": 0.1234568}], [])
    assert found["optim.lr"][1:] == ("0.1234567, 0.1234568", "", "swept")


@pytest.mark.parametrize(("value", "shown"), [("3.0", "3"), ("0.0", "0"), ("1e-5", "1e-05")])
def test_whole_numbers_have_no_point(rows, value, shown):
    found = rows([{"optim.lr": value}, {"optim.lr": 0.5}], [])
    assert found["optim.lr"][1] == f"{shown}, 0.5"
