"""``--again RUN_DIR``: whether a result is the same, and what differs where it is not."""

import json
import shutil

import pytest

from runner import build

pytestmark = pytest.mark.commands

LINREG = ["model=linreg", "epochs=2", "batch_size=10", "device=cpu"]
SMALL = ["dataset.train_size=200", "epochs=2", "device=cpu"]


@pytest.fixture
def table(tmp_path):
    rows = [f"{i},{i % 7},{2 * i + 1}" for i in range(40)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["a,b,y", *rows]) + "\n")
    return path


@pytest.fixture
def trained(command, table, tmp_path):
    """The folder of a run on the table, called ``before``."""
    build._load.cache_clear()
    asked = ["dataset=csv", "dataset.path=table.csv", *LINREG, "optim.lr=0.02", "name='a b'"]
    code, said = command(*asked, "hydra.run.dir=before")
    assert code == 0, said
    return tmp_path / "before"


@pytest.fixture
def again(command):
    """Runs a folder again, into ``after``."""

    def again(folder, *more):
        build._load.cache_clear()  # a command of its own would read the file
        return command("--again", folder, "hydra.run.dir=after", *more)

    return again


def edit_record(run, **fields):
    path = run / "summary.json"
    told = json.loads(path.read_text())
    for name, value in fields.items():
        old = told.get(name)
        told[name] = old | value if isinstance(old, dict) and isinstance(value, dict) else value
    path.write_text(json.dumps(told))


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_run_is_the_same_to_the_bit(again, trained, tmp_path):
    before = content(trained)
    code, said = again("before")
    assert code == 0, said
    assert "The same result as 'before', to the bit (2 rows of metrics.csv)." in said
    assert "What differs" not in said
    assert content(trained) == before  # it is only read
    first, second = (
        json.loads((tmp_path / d / "summary.json").read_text()) for d in ("before", "after")
    )
    assert first["signature"] == second["signature"]
    assert second["name"] == "a b"
    assert second["command"] == "python -m runner --again before hydra.run.dir=after"


@pytest.mark.attack
def test_other_data_are_told(again, trained, table):
    table.write_text(table.read_text().replace("\n3,3,7\n", "\n3,3,8\n"))
    code, said = again("before")
    assert code == 1
    assert "Not the same result as 'before' (largest relative difference" in said
    assert "- The data of dataset=csv have other content: their checksum was" in said
    assert said.count("- ") == 1  # nothing else differs


def test_the_same_data_may_lie_elsewhere(again, trained, table, tmp_path):
    table.rename(tmp_path / "moved.csv")
    code, said = again("before")
    assert code == 2 and "there is no such file" in said
    assert again("before", "dataset.path=moved.csv")[0] == 0


def test_everything_on_record_is_compared(again, trained):
    metrics = trained / "metrics.csv"
    header, first, last = metrics.read_text().splitlines()
    metrics.write_text("\n".join([header, first, last.replace("2,", "3,", 1), ""]))
    code, said = again("before")
    assert code == 1
    assert "- Nothing on record: such training does not give the same bits twice" in said
    shutil.rmtree(trained.parent / "after")
    edit_record(
        trained,
        versions={"torch": "1.0"},
        git={"revision": "1" * 40, "dirty": True},
        code="0" * 16,
        machine="An abacus",
        threads=9999,
        config={"optim.gone": 3, "optim.lr": 0.02},
    )
    code, said = again("before")
    assert code == 1
    for told in (
        "- The version of torch was 1.0 and is",
        "- What git has where one stands was 111111111111 with changes and is no repository.",
        "- The program's own files have changed",
        "- The machine was An abacus and is",
        "- The number of threads was 9999 and is 1.",
        "- The key optim.gone was 3, and exists no more.",
    ):
        assert told in said


def test_a_default_that_the_record_lacks_is_told(again, trained):
    edit_record(trained, config={"dataset.standardize_target": False})
    told = json.loads((trained / "summary.json").read_text())
    del told["config"]["dataset.standardize_target"], told["config"]["data_checksum"]
    (trained / "summary.json").write_text(json.dumps(told))
    metrics = trained / "metrics.csv"
    metrics.write_text(metrics.read_text().replace("\n2,", "\n3,"))
    code, said = again("before")
    assert code == 1
    assert "- The key dataset.standardize_target is not in the record, and is true." in said
    assert "- The data of dataset=csv have no checksum in the record." in said


def test_a_run_of_a_sweep_is_equal_to_rounding(command, again):
    # Batch normalisation takes sums in another order where there are several members.
    asked = ["-m", *SMALL, "model=lenet-bn", "seed=0,1,2", "optim.lr=0.1,0.2"]
    assert command(*asked, "hydra.sweep.dir=sweep", "hydra.launcher.width=6")[0] == 0
    code, said = again("sweep/3")
    assert code == 0, said
    assert "The same result as 'sweep/3', equal to rounding (largest relative difference" in said
    assert "- It was trained beside 5 other runs in a group and now alone" in said


def test_what_diverged_does_so_again(command, again):
    small = ["dataset=linear", "dataset.train_size=20", *LINREG, "optim.lr=1e30"]
    assert command(*small, "hydra.run.dir=before")[0] == 1
    code, said = again("before")
    assert code == 0, said
    assert "to the bit" in said


@pytest.mark.attack
def test_own_components_are_run_from_where_one_stands_alone(command, again, trained, tmp_path):
    edit_record(trained, components=["no mapping"])
    assert again("before")[0] == 0
    shutil.rmtree(tmp_path / "after")
    edit_record(trained, components=None)
    edit_record(trained, config={"model": "theirs"})
    told = json.loads((trained / "summary.json").read_text())
    told["components"] = {"components/theirs.py": "0"}
    (trained / "summary.json").write_text(json.dumps(told))
    theirs = trained / ".runner" / "components"
    theirs.mkdir()
    (theirs / "theirs.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w')  # register(")
    code, said = again("before")
    assert code == 2
    assert "it uses components/theirs.py, which is not at hand" in said
    assert not (tmp_path / "mark").exists()


@pytest.mark.attack
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": "interrupted"}, "it has not ended (interrupted)"),
        ({"status": "failed"}, "it has not ended (failed)"),
        ({"status": "pruned"}, "a trial that its search let go"),
        ({"config": {"population": "ab"}}, "it was a member of a population"),
        ({"config": {"name": "${oc.env:HOME}"}}, "name='${oc.env:HOME}', which would be looked up"),
        (
            {"config": {"model": "../../theirs"}},
            "The record has model=../../theirs. There is no model",
        ),
        ({"config": {"model": "mpl"}}, "mlp"),
        ({"config": {"model": 3}}, "it has lost its summary.json"),
        ({"config": {"optim.lr": {"a": [1]}}}, "optim.lr"),
        ({"config": {"epochs": "many"}}, "epochs"),
    ],
)
def test_a_record_that_can_not_be_run_is_refused_in_a_sentence(again, trained, change, told):
    edit_record(trained, **change)
    code, said = again("before")
    assert code == 2, said
    assert told in said
    assert not (trained.parent / "after").exists()


@pytest.mark.attack
def test_what_is_no_run_is_refused(command, again, trained, tmp_path):
    assert "There is no folder 'nowhere'" in again("nowhere")[1]
    (tmp_path / "empty").mkdir()
    assert "is neither a run" in again("empty")[1]
    (tmp_path / "sweep").mkdir()
    shutil.copytree(trained, tmp_path / "sweep" / "0")
    code, said = again("sweep")
    assert code == 2
    assert said == "'sweep' is a sweep: name one of its runs, such as 'sweep/0'."
    (trained / "metrics.csv").unlink()
    assert again("before") == (2, "'before' can't be run again: it has lost its metrics.csv.")
    (trained / "summary.json").unlink()
    assert "it has lost its summary.json" in again("before")[1]


def test_what_does_not_go_with_it_is_refused(command, trained):
    for more in (["-m"], ["--dry-run"], ["--resume", "before"], ["--cfg", "job"]):
        code, said = command("--again", "before", *more)
        assert (code, "has no meaning with --again RUN_DIR" in said) == (2, True)
    code, said = command("--again", "before", "optim.lr=1")
    assert code == 2
    assert "There is no key that --again takes 'optim.lr'" in said
