"""The command line, read and checked in this process: no run is started."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.config import check
from runner.errors import RequestError
from runner.request.command_line import read
from runner.request.validate import check_request


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """Stand in an empty folder, and find it empty afterwards: checking makes nothing."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not list(tmp_path.iterdir())


KINDS = ("seed", "data")


def ask(*argv):
    return check_request(read(argv))


def overrides(*argv):
    return [point.overrides for point in ask(*argv).points]


def refused(*argv):
    with pytest.raises(RequestError) as caught:
        ask(*argv)
    sentences = caught.value.sentences
    assert all(s.endswith(".") and "\n" not in s for s in sentences)
    return sentences


def test_no_arguments_are_one_run():
    request = ask()
    assert [point.overrides for point in request.points] == [()]
    assert not request.is_sweep
    assert request.launching.width == "auto"


WORDS = ["-m", "--dry-run", "seed=1", "optim.lr=0.1,0.2", "model=mlp"]


@given(st.permutations(WORDS))
@settings(deadline=None, max_examples=20)
def test_flags_may_stand_anywhere(words):
    command = read(words)
    assert Counter(command.overrides) == Counter(WORDS[2:])
    assert command.overrides == [word for word in words if not word.startswith("-")]
    assert command.multirun and command.dry_run and not command.flags


@pytest.mark.parametrize(
    "argv",
    [
        ["-m", "optim.lr=0.1,0.2", "seed=1"],
        ["optim.lr=0.1,0.2", "-m", "seed=1"],
        ["optim.lr=0.1,0.2", "seed=1", "--multirun"],
    ],
)
def test_a_sweep_is_a_sweep_wherever_its_flag_stands(argv):
    assert overrides(*argv) == [("optim.lr=0.1", "seed=1"), ("optim.lr=0.2", "seed=1")]


@pytest.mark.parametrize(
    "argv", [["--help"], ["--hydra-help"], ["--cfg", "job"], ["-c", "all"], ["--info"]]
)
def test_a_question_to_hydra_is_no_run(argv):
    assert read(argv).informs
    assert not read(["seed=1"]).informs


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--bogus"], "Unrecognized arguments: --bogus"),
        (["seed=1", "-x"], "Unrecognized arguments: -x"),
        (["--cfg"], "expected one argument"),
        (["--cfg", "all", "--info", "nothing"], "invalid choice"),
        (["--config-name", "mine"], "--config-name is not allowed here"),
        (["-cd", "conf"], "--config-dir is not allowed here"),
        (["--resolve"], "--resolve is not allowed here"),
    ],
)
def test_a_flag_that_means_nothing_here_is_refused(argv, why):
    (sentence,) = refused(*argv)
    assert why in sentence
    assert sentence.endswith("see python -m runner --help.")


# a command line, and what its one sentence says
WRONG = [
    ("optim.lr=0.1,0.2", "optim.lr=0.1,0.2 has several values: add -m to sweep over them."),
    ("model=mlp,linreg", "model=mlp,linreg has several values: add -m"),
    ("optim.lr=range(1,3)", "add -m"),
    ("+optim.lr=1", "+optim.lr=1: keys can't be added; optim.lr=1 sets one."),
    ("++optim.lr=1", "optim.lr=1 sets one."),
    ("+new=1", "keys can't be added"),
    ("~optim.lr", "~optim.lr: keys can't be removed; optim.lr=VALUE changes this one."),
    ("~optim", "~optim: keys can't be removed; optim=VALUE changes this one."),
    ("~optim=sgd", "optim=VALUE changes this one."),
    ("optim.lr=", "optim.lr= has no value."),
    ("model=", "model= has no value."),
    ("name=''", "name='' has no value."),
    ("=3", "=3 has no key; write key=value."),
    ("foo", "foo has no '='; write key=value."),
    ("model.dropout", "model.dropout has no '='; write key=value."),
    ("model.hidden=[1,2", "model.hidden=[1,2 can't be read: a list is written [a,b]"),
    ("name=żółw", "quote special characters: \"name='żółw'\""),
    ("-m optim.lr=0.1,", "optim.lr=0.1, can't be read"),
    ("-m optim.lr=choice()", "optim.lr=choice() can't be read: 'choice()': empty choice"),
    ("-m optim.lr=range(0,0)", "optim.lr=range(0,0) sweeps over no value at all."),
    (
        "-m optim.lr=0.1,0.2,0.1",
        "optim.lr=0.1,0.2,0.1 names a value twice; repeats=N runs N seeds.",
    ),
    ("-m optim.lr=interval(0,1)", "optim.lr=interval(0,1) lists no values. Allowed: a,b,c,"),
    ("-m model=glob(z*)", "model=glob(z*) sweeps over no value at all."),
    ("modle=mlp", "There is no key 'modle'; did you mean 'model'? Allowed: batch_size, "),
    ("modle.hidden=[3]", "There is no key 'modle'; did you mean 'model'?"),
    ("epoch=3", "There is no key 'epoch'; did you mean 'epochs'?"),
    (
        "optim.lrr=1",
        "There is no key 'optim.lrr'; did you mean 'optim.lr'? Allowed: optim.clip_norm",
    ),
    ("optim.lr.x=1", "There is no key 'optim.lr.x'; did you mean 'optim.lr'?"),
    ("seed.x=1", "There is no key 'seed.x'; did you mean 'seed'?"),
    ("resume=true", "There is no key 'resume'"),
    ("model=mpl", "There is no model 'mpl'; did you mean 'mlp'? Allowed: densenet, "),
    ("model=null", "There is no model 'null'. Allowed: densenet, "),
    ("model=[mlp]", "There is no model"),
    ("experiment=nothing", "There is no experiment 'nothing'"),
    ("-m model=mlp,mpl", "There is no model 'mpl'; did you mean 'mlp'?"),
    (
        "model.dropout=0.1",
        "is a key of model=dropout-mlp and model=scratch, not of model=mlp.",
    ),
    ("optim=sgd optim.betas=[0,0]", "optim.betas is a key of optim=adam and optim=adamw, not of"),
    ("regularizer=none regularizer.l1_ratio=1", "is a key of regularizer=elastic-net, not of"),
    ("-m seed=1,2 repeats=3", "seed is swept over, so repeats=3 has no meaning"),
    ("-m repeats=1,2", "repeats can't be swept over; it is the number of seeds of each point."),
    ("-m repeats_of=seed,data", "repeats_of can't be swept over; it says what is drawn again"),
    ("-m repeats_of=data repeats=2 dataset.seed=1,2", "dataset.seed is swept over, so repeats_of"),
    ("-m repeats_of=data seed=1,2", "seed is swept over, so repeats_of=data has no meaning"),
    (
        "-m dataset=linear,none model=linreg repeats_of=data repeats=2",
        "repeats_of=data needs data that is drawn, and dataset=none has no seed; repeats_of=seed",
    ),
    (
        "logger=tensorboard,mlflow",
        "logger can't be swept over; several at once are logger=[tensorboard,mlflow].",
    ),
    (
        "-m logger=choice(csv,wandb)",
        "logger can't be swept over; several at once are logger=[csv,wandb].",
    ),
    (
        "-m logger=mlflow logger.mlflow.experiment=a,b",
        "logger.mlflow.experiment can't be swept over.",
    ),
    (
        "logger=tensorbord",
        "There is no logger 'tensorbord'; did you mean 'tensorboard'? Allowed: c",
    ),
    ("logger=[mlflow,tensorbord]", "There is no logger 'tensorbord'; did you mean 'tensorboard'?"),
    ("logger=mlflow logger.mlflow.stor=x", "did you mean 'logger.mlflow.store'? Allowed: logger."),
    ("logger.mlflow.store=x", "logger.mlflow.store needs logger=mlflow: add it, or mlflow to the"),
    ("logger.mlfow.store=x", "There is no logger 'mlfow'; did you mean 'mlflow'?"),
    ("logger.csv.path=x", "There is no key 'logger.csv.path'"),
    ("logger=null", "There is no logger 'null'."),
    ("logger=[csv,csv]", "logger=[csv,csv] names a logger twice."),
    ("loggers=[tensorboard]", "There is no key 'loggers'; did you mean 'logger'?"),
    ("hydra.launcher.width=0", "hydra.launcher.width=0 is not allowed; it takes auto or a whole"),
    ("hydra.launcher.width=-3", "it takes auto or a whole number ≥ 1."),
    ("hydra.launcher.width=2.5", "it takes auto or a whole number ≥ 1."),
    ("hydra.launcher.width=wide", "it takes auto or a whole number ≥ 1."),
    ("hydra.launcher.widht=2", "'hydra.launcher.widht'; did you mean 'hydra.launcher.width'?"),
    ("hydra.lanucher.width=2", "There is no key 'hydra.lanucher.width'"),
    (
        "hydra/launcher=basic hydra.launcher.width=2",
        "width is a key of hydra/launcher=fused, ray, slurm, not of the launcher that was chosen.",
    ),
    ("-m hydra.launcher.width=1,2", "Hydra's own keys can't be swept over."),
    ("hydra/launcher=fuse", "There is no hydra/launcher 'fuse'; did you mean 'fused'? Allowed:"),
    (
        "hydra/sweeper=basic",
        "hydra/sweeper=basic is not allowed; it takes points or search or population.",
    ),
    (
        "hydra.sweep.subdir=same",
        "hydra.sweep.subdir=same is not allowed; the runs of a sweep lie in 0/, 1/ and so on.",
    ),
    ("hydra.run.dir=", "hydra.run.dir= has no value."),
    ("hydra.run.dir=null", "hydra.run.dir=null is not the kind of value there."),
    ("hydra.run.dir=${nope}", "hydra.run.dir has no value: Interpolation key 'nope' not found."),
    ("model.hidden={a:1}", "model.hidden={a:1} is not the kind of value there."),
]


@pytest.mark.parametrize(("line", "sentence"), WRONG)
def test_a_wrong_request_is_told_in_one_sentence(line, sentence):
    (said,) = refused(*line.split(" "))
    assert sentence in said


def test_several_faults_of_a_kind_are_told_at_once():
    assert [s.split("'")[1] for s in refused("modle=1", "optim.lrr=2", "epoch=3")] == [
        "modle",
        "optim.lrr",
        "epoch",
    ]
    assert [s.split("'")[1] for s in refused("model=mpl", "optim=sdg")] == ["mpl", "sdg"]
    assert len(refused("optim.lr=", "+seed=1", "~optim")) == 3


def test_a_key_that_some_points_lack_names_the_points():
    (said,) = refused("-m", "model=mlp,dropout-mlp", "model.dropout=0,0.1")
    assert said == (
        "model.dropout is not a key of every point; these have none: model=mlp. To run each of "
        "these once, without it, add hydra.sweeper.skip_missing=true."
    )
    (said,) = refused("-m", "optim=adam,sgd,adamw,rmsprop", "optim.momentum=0.5")
    assert "these have none: optim=adam; optim=adamw. To run" in said


def test_by_that_advice_such_a_point_is_made_once():
    skip = "hydra.sweeper.skip_missing=true"
    found = overrides("-m", "model=mlp,dropout-mlp", "model.dropout=0,0.5", "seed=1,2", skip)
    assert found == [
        ("model=mlp", "seed=1"),
        ("model=mlp", "seed=2"),
        ("model=dropout-mlp", "model.dropout=0", "seed=1"),
        ("model=dropout-mlp", "model.dropout=0", "seed=2"),
        ("model=dropout-mlp", "model.dropout=0.5", "seed=1"),
        ("model=dropout-mlp", "model.dropout=0.5", "seed=2"),
    ]


def test_what_no_point_has_is_refused_all_the_same():
    (said,) = refused(
        "-m", "model=mlp,linreg", "model.dorpout=0,1", "hydra.sweeper.skip_missing=true"
    )
    assert said.startswith("There is no key 'model.dorpout'")


def test_the_points_a_key_lacks_are_counted_where_they_are_many():
    (said,) = refused("-m", "optim=adam,adamw,adadelta,sgd", "model=mlp,linreg", "optim.momentum=0")
    assert said.count("optim=ada") == 5
    assert " and 1 more. To run" in said


def test_several_loggers_are_one_choice():
    (point,) = ask("logger=[csv,tensorboard,mlflow]", "logger.mlflow.experiment=mine").points
    assert set(point.resolved["logger"]) == {"tensorboard", "mlflow"}
    assert point.resolved["logger"]["mlflow"]["experiment"] == "mine"
    again = ask("-m", "logger=[csv,mlflow]", "seed=1,2").points
    assert [list(point.resolved["logger"]) for point in again] == [["mlflow"]] * 2


def test_a_key_of_every_swept_choice_is_taken():
    assert len(overrides("-m", "model=mlp,dropout-mlp", "model.hidden=[8,8],[4,4]")) == 4


def test_quotes_around_a_choice_are_no_part_of_it():
    assert len(overrides("model='mlp'")) == 1


def test_a_glob_sweeps_over_the_choices_it_matches():
    assert overrides("-m", "model=glob(*mlp)") == [("model=dropout-mlp",), ("model=mlp",)]


def test_repeats_become_seeds():
    request = ask("seed=5", "optim.lr=0.2", "repeats=3")
    assert request.is_sweep
    assert [point.overrides for point in request.points] == [
        ("optim.lr=0.2", f"seed={seed}", "repeats=1") for seed in (5, 6, 7)
    ]
    configs = [check(point.resolved) for point in request.points]
    assert [(config.seed, config.repeats) for config in configs] == [(5, 1), (6, 1), (7, 1)]


def test_repeats_of_data_draw_the_data_again_too():
    request = ask("seed=5", "dataset.seed=2", "repeats=3", "repeats_of=data")
    assert [point.overrides for point in request.points] == [
        ("repeats_of=data", f"seed={5 + more}", f"dataset.seed={2 + more}", "repeats=1")
        for more in range(3)
    ]
    configs = [check(point.resolved) for point in request.points]
    assert [config.dataset["seed"] for config in configs] == [2, 3, 4]
    for point in request.points:
        (again,) = ask(*point.overrides).points
        assert again.config == point.config


def test_what_is_drawn_again_is_no_part_of_what_a_run_gives():
    signatures = {check(ask(f"repeats_of={of}").points[0].resolved).signature for of in KINDS}
    assert len(signatures) == 1


def test_repeats_of_data_repeat_the_folds_of_a_cross_validation():
    asked = overrides(
        "-m", "dataset.folds=2", "dataset.fold=0,1", "repeats=2", "repeats_of=data", "epochs=1"
    )
    assert [line[1] for line in asked] == [f"dataset.fold={fold}" for fold in (0, 0, 1, 1)]
    assert [line[-2] for line in asked] == [f"dataset.seed={seed}" for seed in (0, 1) * 2]


def test_repeats_of_a_sweep_follow_each_other_within_a_point():
    asked = overrides("-m", "optim.lr=0.1,0.2", "repeats=2")
    assert [line[:2] for line in asked] == [
        (f"optim.lr={lr}", f"seed={seed}") for lr in ("0.1", "0.2") for seed in (0, 1)
    ]


def test_the_overrides_of_a_job_give_the_same_job_again():
    for point in ask("-m", "optim.lr=0.1,0.2", "repeats=2", "name='a, b'").points:
        (again,) = ask(*point.overrides).points
        assert again.config == point.config


def test_one_repeat_is_one_run_and_goes_with_swept_seeds():
    assert not ask("repeats=1").is_sweep
    assert len(overrides("-m", "seed=1,2", "repeats=1")) == 2


@pytest.mark.parametrize("value", ["0", "x", "2.0", "true", "null"])
def test_repeats_that_are_no_number_are_left_to_the_check_of_the_config(value):
    (point,) = ask(f"repeats={value}").points
    with pytest.raises(RequestError, match=r"repeats=.* it takes a whole number ≥ 1"):
        check(point.resolved)


@pytest.mark.parametrize(
    ("argv", "width"),
    [
        ([], "auto"),
        (["hydra.launcher.width=auto"], "auto"),
        (["hydra.launcher.width=7"], 7),
        (["hydra/launcher=basic"], 1),
        (["hydra.run.dir=else"], "auto"),
        (["hydra.sweep.dir=else", "-m"], "auto"),
        (["hydra.job.num=3"], "auto"),
        (["+hydra.job.env_set.SOME=1"], "auto"),
    ],
)
def test_hydras_own_keys_keep_their_meaning(argv, width):
    request = ask(*argv)
    assert request.launching.width == width
    assert [point.overrides for point in request.points] == [()]


def test_a_sweep_of_one_run_is_a_sweep_if_asked_for():
    assert ask("-m").is_sweep
    assert ask("hydra.mode=MULTIRUN", "seed=1").is_sweep
    assert not ask("seed=1").is_sweep
