"""Studies: what one may say, what is refused, and that every study of the project is sound."""

import os

import pytest
from omegaconf import OmegaConf

from runner.config import check
from runner.errors import RequestError
from runner.paths import conf_folder
from runner.request.command_line import read
from runner.request.validate import check_request
from runner.studies import check_study

SHIPPED = sorted((conf_folder().parent / "experiments").glob("*.yaml"))
GLOBAL = {"package": "_global_"}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Writes a study into ``./experiments`` of the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()

    def write(content, name="mine", header="# @package _global_\n"):
        text = content if isinstance(content, str) else OmegaConf.to_yaml(content)
        (tmp_path / "experiments" / f"{name}.yaml").write_text(header + text, encoding="utf-8")
        return f"experiment={name}"

    return write


def ask(*argv):
    return check_request(read(argv))


def refused(*argv):
    with pytest.raises(RequestError) as caught:
        ask(*argv)
    (sentence,) = caught.value.sentences
    assert "\n" not in sentence
    return sentence


def sweep_over(**params):
    return {"hydra": {"mode": "MULTIRUN", "sweeper": {"params": params}}}


CODE = {"_target_": "os.system", "command": "touch ran"}
REFUSED = {
    "target at the top": CODE,
    "target in a component": {"model": CODE},
    "target in a list": {"model": {"hidden": [{"deep": [CODE]}]}},
    "callbacks": {"hydra": {"callbacks": {"mine": {"on_job_start": "x"}}}},
    "callbacks with a target": {"hydra": {"callbacks": {"mine": CODE}}},
    "environment": {"hydra": {"job": {"env_set": {"PATH": "/tmp"}}}},
    "environment copied": {"hydra": {"job": {"env_copy": ["PATH"]}}},
    "working folder": {"hydra": {"job": {"chdir": True}}},
    "search path": {"hydra": {"searchpath": ["file:///tmp"]}},
    "launcher's class": {"hydra": {"launcher": CODE}},
    "a key that begins like an allowed one": {"hydra": {"sweep": {"dirs": "x"}}},
    "logging": {"hydra": {"job_logging": {"handlers": {"x": {"class": "os.system"}}}}},
    "the environment read": {"name": "${oc.env:HOME}"},
    "the environment read from within": {"name": "x${ oc.env:USER,nobody}"},
    "the environment read in a sweep": sweep_over(name=["a", "${oc.env:HOME}"]),
    "dotted keys": {"hydra.callbacks.mine": "x"},
    "hydra itself": {"hydra": None},
    "logging by defaults": {"defaults": [{"override /hydra/job_logging": "stdout"}]},
    "launcher by defaults": {"defaults": [{"override /hydra/launcher": "basic"}]},
    "config of Hydra by defaults": {"defaults": ["/hydra/config"]},
    "into Hydra's package by defaults": {"defaults": [{"/optim@hydra.job.env_set": "sgd"}]},
    "sweep of Hydra's keys": sweep_over(**{"hydra.job.env_set.PATH": ["/tmp"]}),
    "sweep of Hydra's groups": sweep_over(**{"hydra/launcher": ["basic"]}),
    "sweep that adds keys": sweep_over(**{"+hydra.callbacks.x": ["y"]}),
    "sweep that removes keys": sweep_over(**{"~optim": [None]}),
    "sweep into a package": sweep_over(**{"optim@hydra.job.env_set": ["sgd"]}),
    "a folder elsewhere": {"hydra": {"sweep": {"dir": "/tmp/there"}}},
    "a folder above": {"hydra": {"run": {"dir": "outputs/../../there"}}},
    "a folder at home": {"hydra": {"run": {"dir": "~/there"}}},
    "a folder that is made up": {"hydra": {"run": {"dir": "${notes}"}}},
    "a folder with an escape character": {"hydra": {"run": {"dir": "outputs/\x1b[31mred"}}},
    "a file above by defaults": {"defaults": ["/../../../../tmp/theirs@_global_"]},
    "a group above by defaults": {"defaults": [{"/../../tmp@_global_": "theirs"}]},
    "a choice above by defaults": {"defaults": [{"override /model": "../../tmp/theirs"}]},
    "several choices by defaults": {"defaults": [{"override /metric": ["f1", "../theirs"]}]},
    "a file of the whole machine by defaults": {"defaults": ["//tmp/theirs"]},
    "a choice that is made up": {"defaults": [{"override /model": "${notes}"}]},
    "a table elsewhere": {"dataset": {"path": "/etc/passwd"}},
    "a data root elsewhere": {"dataset": {"root": "../theirs"}},
    "weights from elsewhere": {"init_from": "~/runs/1"},
    "weights from elsewhere in a sweep": sweep_over(init_from=["outputs/a", "/runs/1"]),
    "tables elsewhere in a sweep": sweep_over(**{"dataset.path": "a.csv,/etc/passwd"}),
    "a table by a function": sweep_over(**{"dataset.path": "choice('/etc/passwd')"}),
    "a logger's store in a sweep": sweep_over(**{"logger.mlflow.store": "http://example.org"}),
    "a logger's store": {"logger": {"mlflow": {"store": "http://example.org"}}},
    "target in a sweep": sweep_over(**{"model.hidden": [CODE]}),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_a_study_through_which_code_could_run_is_refused(study, content, tmp_path):
    said = refused(study(content))
    assert said.startswith("experiment/mine")
    assert " is refused; " in said or "_target_" in said
    assert [path.name for path in tmp_path.iterdir()] == ["experiments"]


@pytest.mark.parametrize(
    "header", ["", "# @package hydra.job\n", "# @package hydra\n", "# @package experiment\n"]
)
def test_a_study_stands_at_the_top_of_the_config_and_nowhere_else(study, header):
    said = refused(study({"env_set": {"PATH": "/tmp"}}, header=header))
    assert "the first line of a study is '# @package _global_'." in said


def test_a_study_is_refused_where_another_study_takes_it_up(study):
    study({"hydra": {"callbacks": {"mine": CODE}}}, name="evil")
    assert "experiment/evil" in refused(study({"defaults": ["/experiment/evil"]}))


def test_a_study_is_made_of_keys():
    with pytest.raises(RequestError, match="mine: a study is made of keys and values"):
        check_study("mine", OmegaConf.create([1, 2]), GLOBAL)


def test_what_a_study_may_set_of_hydra_is_taken(study):
    content = sweep_over(seed=[0, 1])
    content["hydra"] |= {"launcher": {"width": 3}, "sweep": {"dir": "there"}, "run": {"dir": "x"}}
    request = ask(study(content))
    assert request.launching.width == 3
    assert len(request.points) == 2


def test_an_empty_study_changes_nothing(study):
    (point,) = ask(study("")).points
    assert point.config == ask().points[0].config


def test_a_study_that_sweeps_starts_without_the_flag(study):
    request = ask(study(sweep_over(**{"optim.lr": [0.1, 0.2], "model.hidden": [[8], [4, 4]]})))
    assert request.is_sweep
    hidden = [point.resolved["model"]["hidden"] for point in request.points]
    assert hidden == [[8], [4, 4], [8], [4, 4]]


def test_a_study_with_repeats_alone_is_a_sweep(study):
    request = ask(study({"repeats": 2}))
    assert request.is_sweep
    assert [point.config.seed for point in request.points] == [0, 1]


def test_the_command_line_wins_over_a_study(study):
    name = study({"epochs": 7, **sweep_over(**{"optim.lr": [0.1, 0.2], "seed": [1, 2]})})
    points = ask(name, "optim.lr=0.5", "epochs=3").points
    assert [(p.config.optim.lr, p.config.seed, p.config.epochs) for p in points] == [
        (0.5, 1, 3),
        (0.5, 2, 3),
    ]
    assert len(ask("-m", name, "optim.lr=1,2,3").points) == 6


def test_a_study_is_one_run_if_hydra_is_told_so(study):
    name = study(sweep_over(**{"optim.lr": [0.1, 0.2]}))
    request = ask(name, "optim.lr=0.1", "hydra.mode=RUN")
    assert not request.is_sweep
    assert len(request.points) == 1


SEARCH = """
defaults:
  - override /hydra/sweeper: search
hydra:
  mode: MULTIRUN
  sweeper:
    trials: 7
    confirm: {seeds: 2}
    params:
      optim.lr: tag(log,interval(0.001,1))
"""


def test_a_study_can_be_a_search(study):
    search = ask(study(SEARCH)).search
    assert (search.settings.trials, search.settings.confirm.seeds) == (7, 2)
    assert [dimension.key for dimension in search.dimensions] == ["optim.lr"]
    assert ask("experiment=mine", "hydra.sweeper.trials=9").search.settings.trials == 9


def test_a_study_that_is_a_search_is_swept_over_or_run_once_if_that_is_asked_for(study):
    request = ask("-m", study(SEARCH), "hydra/sweeper=points", "optim.lr=0.1", "seed=1,2")
    assert request.search is None
    assert [point.config.seed for point in request.points] == [1, 2]
    alone = ask("experiment=mine", "hydra.mode=RUN", "optim.lr=0.1")
    assert not alone.is_sweep
    assert alone.search is None


@pytest.mark.parametrize(
    ("word", "typo"), [("trials", "trails"), ("seeds", "seed"), ("confirm", "conform")]
)
def test_a_misspelt_key_of_a_search_is_refused(study, word, typo):
    sentence = refused(study(SEARCH.replace(f"{word}:", f"{typo}:")))
    assert f"{typo}" in sentence
    assert f"{word}" in sentence


def test_a_key_of_another_sweeper_is_refused_on_the_command_line():
    sentence = refused("-m", "hydra.sweeper.trials=9")
    assert sentence.startswith("hydra.sweeper.trials is a key of hydra/sweeper=search")


def test_studies_that_are_sweeps_are_not_swept_over(study):
    study(sweep_over(seed=[1, 2]), name="one")
    study({"epochs": 2}, name="two")
    assert "can't be swept over studies that are sweeps" in refused("-m", "experiment=one,two")


def test_studies_of_single_runs_are_swept_over(study):
    study({"epochs": 3}, name="one")
    study({"epochs": 2}, name="two")
    points = ask("-m", "experiment=one,two").points
    assert [point.config.epochs for point in points] == [3, 2]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"epoch": 3}, "epoch"),
        ({"optim": {"lrr": 3}}, "lrr"),
        ({"modle": "mlp"}, "modle"),
        (sweep_over(**{"optim.lrr": [1, 2]}), "There is no key 'optim.lrr'; did you mean"),
        (sweep_over(**{"optim.lr": []}), "optim.lr sweeps over no value at all."),
        (sweep_over(**{"repeats": [1, 2]}), "repeats can't be swept over"),
        (sweep_over(seed=[1, 2]) | {"repeats": 2}, "seed is swept over, so repeats=2 has no"),
    ],
)
def test_a_typo_in_a_study_is_refused(study, content, why):
    with pytest.raises(RequestError, match=why) as caught:
        for point in ask(study(content)).points:
            check(point.resolved)
    assert len(caught.value.sentences) == 1


def test_a_swept_seed_and_a_study_with_repeats_are_refused_together(study):
    name = study({"repeats": 5})
    assert "repeats=5 has no meaning" in refused("-m", name, "seed=1,2")
    assert len(ask("-m", name, "seed=1,2", "repeats=1").points) == 2


def test_the_current_folder_comes_before_the_shipped_studies(study):
    assert SHIPPED
    name = study({"epochs": 77}, name=SHIPPED[0].stem)
    assert [point.config.epochs for point in ask(name).points] == [77]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_study_composes_and_checks(path):
    request = ask(f"experiment={path.stem}")
    configs = [check(point.resolved) for point in request.points]
    assert len({config.signature for config in configs}) == len(configs)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_study_says_how_it_is_run_and_what_to_expect(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# @package _global_\n")
    assert f"python -m runner experiment={path.stem}" in text
    for word in ("Cost:", "Expected:"):
        assert f"# {word}" in text


def test_a_study_takes_up_no_file_that_lies_elsewhere(study, tmp_path):
    theirs = tmp_path / "theirs.yaml"
    theirs.write_text(OmegaConf.to_yaml({"hydra": {"callbacks": {"mine": CODE}}}))
    place = os.path.relpath(theirs.with_suffix(""), conf_folder())
    said = refused(study({"defaults": [f"/{place}@_global_"]}))
    assert f"/{place}@_global_ is refused; a study chooses by name" in said
    (tmp_path / "theirs.yaml").unlink()


def test_a_study_names_places_below_the_current_folder(study):
    (point,) = ask(study({"dataset": {"root": "./my data/of 2026"}, "init_from": None})).points
    assert point.config.dataset.root == "./my data/of 2026"
