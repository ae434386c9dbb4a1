"""What a search is asked for: the grammar of its values, its settings, and what is refused."""

import pytest

from runner.errors import RequestError
from runner.request.command_line import read
from runner.request.dimensions import Dimension
from runner.request.space import OF_INPUTS
from runner.request.validate import check_request

SEARCH = ["-m", "hydra/sweeper=search"]


def asked(*words):
    return check_request(read([*SEARCH, *words])).search


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("optim.lr=interval(0.1,1)", Dimension("optim.lr", low=0.1, high=1.0)),
        (
            "optim.lr=tag(log,interval(1e-4,1))",
            Dimension("optim.lr", low=1e-4, high=1.0, log=True),
        ),
        ("batch_size=int(interval(16,64))", Dimension("batch_size", low=16, high=64, whole=True)),
        ("optim.lr=int(interval(1,3))", Dimension("optim.lr", low=1, high=3, whole=True)),
        (
            "batch_size=int(tag(log,interval(16,64)))",
            Dimension("batch_size", low=16, high=64, log=True, whole=True),
        ),
        ("batch_size=range(10,40,10)", Dimension("batch_size", low=10, high=30, step=10)),
        ("batch_size=16,32,64", Dimension("batch_size", values=("16", "32", "64"))),
        ("batch_size=choice(16,32)", Dimension("batch_size", values=("16", "32"))),
        ("model.hidden=[16],[32,16]", Dimension("model.hidden", values=("[16]", "[32,16]"))),
        ("optim=sgd,adam", Dimension("optim", values=("sgd", "adam"))),
        ("optim=glob([s*,adam])", Dimension("optim", values=("adam", "sgd"))),
        ("batch_size=range(16,17)", Dimension("batch_size", values=("16",))),
        ("optim.lr=range(1,2)", Dimension("optim.lr", values=("1",))),
    ],
)
def test_hydra_s_grammar_says_which_values_there_are(word, expected):
    (dimension,) = asked(word).dimensions
    assert dimension == expected


@pytest.mark.parametrize("key", OF_INPUTS)
def test_what_is_done_to_the_inputs_can_be_searched(key):
    values = {"augment": "[],[flip]", "channels": "1,3", "size": "16,32"}
    word = f"{key}={values.get(key.partition('.')[2], 'false,true')}"
    (dimension,) = asked("dataset=image-folder", word).dimensions
    assert dimension.key == key and len(dimension.values) == 2


def test_groups_come_first_and_a_key_is_searched_where_it_exists():
    search = asked("optim.momentum=interval(0,0.9)", "optim=sgd,adam,momentum", "seed=3")
    assert [dimension.key for dimension in search.dimensions] == ["optim", "optim.momentum"]
    assert not search.has("optim.momentum", {"optim": "adam"})
    assert search.has("optim.momentum", {"optim": "momentum"})
    values = {"optim": "adam", "optim.momentum": "0.5"}
    assert search.overrides(values) == ("seed=3", "optim=adam")


def test_the_samples_have_every_choice_and_both_ends():
    search = asked("optim=sgd,adam", "optim.lr=interval(0.1,1)", "batch_size=16,32,64")
    samples = search.samples()
    assert {sample["optim"] for sample in samples} == {"sgd", "adam"}
    assert {sample["batch_size"] for sample in samples} == {"16", "32", "64"}
    assert {sample["optim.lr"] for sample in samples} == {"0.1", "1"}


FRONT = ["hydra.sweeper.goals=[val/loss,val/accuracy]", "hydra.sweeper.prune=none"]
REFUSED = [
    ([], "A search needs a key to choose values for"),
    (["optim.lr=0.1"], "A search needs a key to choose values for"),
    (["optim.lr=interval(1,0.1)"], "optim.lr=interval(1,0.1) is empty"),
    (["optim.lr=interval(1,1)"], "optim.lr=interval(1,1) is empty"),
    (["optim.lr=tag(log,interval(0,1))"], "a logarithmic interval begins above 0"),
    (["optim.lr=tag(lg,interval(0.1,1))"], "a search knows no tag but log"),
    (["optim.lr=tag(log,choice(0.1,1))"], "tag(log, …) belongs to an interval"),
    (["optim.lr=0.1,0.1"], "names a value twice"),
    (["batch_size=range(5,5)"], "holds no value at all"),
    (["seed=0,1"], "seed can't be searched over"),
    (["epochs=interval(1,9)"], "epochs can't be searched over"),
    (["dataset=digits,linear"], "dataset can't be searched over"),
    (["dataset.val_fraction=0.1,0.3"], "dataset.val_fraction can't be searched over"),
    (["dataset.train_size=60,90"], "dataset.train_size can't be searched over: points must be"),
    (["dataset.class_subset=[0,1],null"], "dataset.class_subset can't be searched over"),
    (["dataset=linear", "dataset.noise=interval(0.1,1)"], "dataset.noise can't be searched over"),
    (
        ["dataset=airfoil", "dataset.standardize_target=true,false"],
        "dataset.standardize_target can't",
    ),
    (["patience=3,9"], "patience can't be searched over: it says how each point is to be tried"),
    (["name=a,b"], "name can't be searched over: it changes no result"),
    (["optim.lrr=interval(0.1,1)"], "did you mean 'optim.lr'?"),
    (["optim.lr=0.1,1", "hydra.sweeper.trials=0"], "hydra.sweeper.trials=0 is not allowed"),
    (["optim.lr=0.1,1", "hydra.sweeper.eta=1"], "hydra.sweeper.eta=1 is not allowed"),
    (["optim.lr=0.1,1", "hydra.sweeper.sampler=tpf"], "it takes tpe, random, sobol, cmaes or gp"),
    (["optim.lr=0.1,1", "hydra.sweeper.confirm.seeds=0"], "hydra.sweeper.confirm.seeds=0 is not"),
    (["optim.lr=0.1,1", "hydra.sweeper.trails=3"], "did you mean 'hydra.sweeper.trials'?"),
    (["optim.lr=0.1,1", "hydra.sweeper.confirm=0"], "it has the keys hydra.sweeper.confirm.points"),
    (["optim.lr=0.1,1", "hydra.sweeper=search"], "hydra/sweeper=NAME chooses one"),
    (["optim.lr=0.1,interval(0.2,1)"], "stands alone, not in a list of values"),
    (["optim.lr=range(1,3),5"], "stands alone, not in a list of values"),
    (["optim.lr=glob(*)"], "holds no value at all"),
    (["optim.lr=0.1,1", *FRONT, "hydra.sweeper.sampler=cmaes"], "cmaes knows one goal alone"),
    (["optim.lr=0.1,1", "hydra.sweeper.metric=train/loss"], "hydra.sweeper.metric=train/loss is"),
    (
        ["optim.lr=0.1,1", "hydra.sweeper.goals=[val/loss,test/loss]", FRONT[1]],
        "hydra.sweeper.goals is not allowed: it chooses, so it must be a metric of the validation",
    ),
    (["optim.lr=0.1,1", "hydra/launcher=basic"], "hydra/launcher=basic can't train a search"),
]


@pytest.mark.parametrize(("words", "told"), REFUSED, ids=[" ".join(words) for words, _ in REFUSED])
def test_a_wrong_search_is_told_in_one_sentence(words, told):
    with pytest.raises(RequestError) as refused:
        asked(*words)
    assert told in " ".join(refused.value.sentences)


def test_a_search_needs_m():
    with pytest.raises(RequestError, match="add -m"):
        check_request(read(["hydra/sweeper=search", "optim.lr=interval(0.1,1)"]))


def test_an_interval_in_a_sweep_names_the_search():
    with pytest.raises(RequestError, match="add hydra/sweeper=search"):
        check_request(read(["-m", "optim.lr=interval(0.1,1)"]))
