"""Where a component's keys come from: the fields of a dataclass, or a constructor's arguments."""

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from runner.component_keys import keys, per_member_keys, sweepable
from runner.config import _no_key
from runner.errors import RequestError
from runner.hyper import Positive

Share = Annotated[float, Field(ge=0, lt=1)]
Size = Annotated[int, Field(ge=1)]


class Plain:
    def __init__(self, first, *, share: Share, lambda_: Positive) -> None:
        self.share, self.lambda_ = share, lambda_


@dataclass(kw_only=True)
class Base:
    kind: ClassVar[str] = "none"
    share: Share
    size: int | None

    def __post_init__(self) -> None:
        self.derived = 1


@dataclass(kw_only=True)
class Fields(Base):
    lambda_: Positive
    size: Size


class Inherits(Fields):
    """Writes nothing anew."""


def test_a_constructor_has_its_keyword_arguments_for_keys():
    assert keys(Plain) == {"share": Share, "lambda": Positive}


@pytest.mark.parametrize("component", [Fields, Inherits])
def test_a_dataclass_has_its_fields_for_keys_the_inherited_ones_first(component):
    expected = {"share": Share, "size": Size, "lambda": Positive}
    assert list(keys(component).items()) == list(expected.items())


def test_a_constructor_below_a_dataclass_is_read_as_it_is_written():
    class Written(Fields):
        def __init__(self, *, rate: Share) -> None:
            super().__init__(share=rate, size=1, lambda_=rate)

    assert keys(Written) == {"rate": Share}


def test_an_annotation_that_is_text_means_what_it_says_where_the_field_is_written(
    tmp_path, monkeypatch
):
    (tmp_path / "far_base.py").write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from typing import Annotated\n"
        "from pydantic import Field\n"
        "Size = Annotated[int, Field(ge=3)]\n"
        "@dataclass(kw_only=True)\n"
        "class FarBase:\n"
        "    size: Size | None\n"
    )
    (tmp_path / "far.py").write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from far_base import FarBase\n"
        "Size = str\n"
        "@dataclass(kw_only=True)\n"
        "class Far(FarBase):\n"
        "    name: Size\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    far, far_base = import_module("far"), import_module("far_base")
    found = keys(far.Far)
    for module in (far, far_base):
        monkeypatch.delitem(sys.modules, module.__name__)
    assert found == {"size": far_base.Size | None, "name": str}


def test_marks_arrive_through_inherited_fields():
    assert "momentum" in per_member_keys("optim", "momentum")
    assert "lr" in per_member_keys("optim", "adamw")
    assert sweepable("optim", "newton") == {"lr", "clip_norm"}
    assert sweepable("dataset", "linear") == frozenset()


def test_a_key_without_a_type_is_refused():
    class Untyped:
        def __init__(self, *, size) -> None:
            self.size = size

    with pytest.raises(RequestError, match=r"Untyped does not say what its key size takes"):
        keys(Untyped)


def test_a_dataclass_of_positional_fields_is_told_what_it_needs():
    @dataclass
    class Positional:
        size: int

    assert keys(Positional) == {}
    said = _no_key(Positional, "size", "dataset", [])
    assert said == "dataset.size is no key: Positional needs @dataclass(kw_only=True)."
