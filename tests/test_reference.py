"""What the program says of its own keys: all of them, once, and as the page has it."""

from pathlib import Path

import pytest

from runner.component_keys import keys
from runner.config import FILLED_IN, Config
from runner.docstrings import entries, meaning, summary
from runner.errors import RequestError
from runner.main import main
from runner.reference import WIDTH, choices, groups, page, told, top_level
from runner.registry import SINGLE_CHOICE_GROUPS, find, names

ROOT = Path(__file__).parents[1]
CHOICES = [choice for group in groups() for choice in choices(group)]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.typed)
def test_every_key_of_a_choice_has_a_meaning(choice):
    group, _, name = choice.typed.partition("=")
    assert choice.summary
    assert [key.name.rpartition(".")[2] for key in choice.keys] == list(keys(find(group, name)))
    missing = [key.name for key in choice.keys if not key.meaning]
    assert not missing, f"to be said in the docstring of {find(group, name).__name__}: {missing}"


def test_every_top_level_key_has_a_meaning():
    asked = {*Config.model_fields} - FILLED_IN
    assert {key.name for key in top_level()} == asked - {*groups()}
    missing = [key.name for key in top_level() if not key.meaning]
    assert not missing, f"to be said in a comment of conf/config.yaml: {missing}"


def test_every_group_and_choice_is_there():
    assert {*SINGLE_CHOICE_GROUPS} <= {*groups()}
    for group in groups():
        assert [choice.typed for choice in choices(group)] == [
            f"{group}={name}"
            for name in names(group)
            if (ROOT / "conf" / group / f"{name}.yaml").is_file()
        ]


def test_the_page_says_the_same():
    written = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    assert written == page(), "write it again: python -m runner.reference > docs/keys.md"


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        (
            "model=resnet",
            ["model=resnet: Blocks", "  model.widths=[64,128,256,512]\n", "number > 0"],
        ),
        ("model", ["model=mlp: ", "model=resnet: ", "  model.hidden="]),
        ("optim.momentum", ["optim.momentum=0.9\n", "a number ≥ 0 and < 1", "with optim=momentum"]),
        ("optim.momentum=0.5", ["optim.momentum=0.9\n"]),
        ("seed", ["seed=0\n", "initial weights"]),
        ("regularizer.lambda", ["The coefficient λ"]),
        ("logger=mlflow", ["  logger.mlflow.store="]),
    ],
)
def test_groups_choices_and_keys_are_told(asked, parts):
    text = told(asked)
    assert all(part in text for part in parts)
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("modle", "model"),
        ("model=resnt", "model=resnet"),
        ("optim.momentm", "optim.momentum"),
        ("epoch", "epochs"),
    ],
)
def test_a_misspelt_name_gets_the_nearest(asked, meant):
    with pytest.raises(RequestError, match=f"There is no .* '{asked}'; did you mean '{meant}'"):
        told(asked)


@pytest.mark.parametrize("argv", [["--help", "seed"], ["seed", "-h"]])
def test_help_with_a_word_is_about_the_word(argv, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["runner", *argv])
    assert main() == 0
    assert capsys.readouterr().out == f"{told('seed')}\n"


class Base:
    """A base.

    Attributes:
        width: (S,) how wide it is,
            in pixels. Rarely more than 10.
        a, b: No argument's name.
    """


class Own(Base):
    """Something of its own, e.g. a test. And more.

    Source: nowhere.

    Args:
        depth: How deep it is: ``1`` or more.

    Raises:
        width: Never.
    """


def test_docstrings_are_read_by_their_sections():
    assert entries(Own.__doc__) == {"depth": "How deep it is: ``1`` or more."}
    assert meaning(Own, "depth") == "How deep it is: 1 or more"
    assert meaning(Own, "width") == "How wide it is, in pixels"
    assert (meaning(Own, "a"), meaning(Own, "height")) == ("", "")
    assert summary(Own) == "Something of its own, e.g. a test"
