"""A user's own table: what is read, and the sentence for each fault."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from runner.datasets.csv_table import CsvTable
from runner.errors import RequestError

Table = Callable[..., CsvTable]


@pytest.fixture
def table(tmp_path: Path, values: Callable[[str], dict[str, Any]]) -> Table:
    """The dataset over a file of the given content, without a test split."""

    def table(content: str | bytes, **changes: Any) -> CsvTable:
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return CsvTable(**{**values("csv"), "path": str(path), "test_fraction": 0.0, **changes})

    return table


HOUSES = "area,rooms,price\n50,2,100\n80,3,180\n30,1,70\n"


def test_the_last_column_is_the_target_unless_another_is_named(table: Table) -> None:
    last = table(HOUSES, standardize_target=False).load().train
    assert last.inputs.tolist() == [[50, 2], [80, 3], [30, 1]]
    assert last.targets.tolist() == [[100], [180], [70]]
    named = table(HOUSES, standardize_target=False, target="area").load().train
    assert named.inputs.tolist() == [[2, 100], [3, 180], [1, 70]]
    assert named.targets.tolist() == [[50], [80], [30]]


@pytest.mark.parametrize(
    "content",
    [
        HOUSES.replace(",", "\t"),
        HOUSES.replace(",", ";"),
        HOUSES.replace(",", " , "),
        HOUSES.replace("\n", "\r\n"),
        HOUSES.replace("\n", "\n\n"),
        "\ufeff" + HOUSES,
        HOUSES.rstrip("\n"),
        HOUSES.replace("area", '"area"').replace("50", '"50"'),
        HOUSES.replace("50", "5e1"),
    ],
    ids=["tab", "semicolon", "spaces", "crlf", "blank", "bom", "no end", "quotes", "exponent"],
)
def test_the_same_table_written_otherwise(content: str, table: Table) -> None:
    one, other = table(HOUSES).load().train, table(content).load().train
    assert torch.equal(one.inputs, other.inputs) and torch.equal(one.targets, other.targets)


def test_a_target_is_standardised_over_the_file(table: Table) -> None:
    targets = table(HOUSES).load().train.targets
    torch.testing.assert_close(targets.mean(), torch.tensor(0.0), atol=1e-6, rtol=0)
    torch.testing.assert_close(targets.std(correction=0), torch.tensor(1.0))


def test_a_standardised_target_comes_back_in_its_own_units(table: Table) -> None:
    # A mean of a million standard deviations would leave nothing of a float32.
    rows = "".join(f"{i},{1e9 + i}\n" for i in range(1000))
    data = table("a,y\n" + rows).load()
    expected = 1e9 + torch.arange(1000, dtype=torch.float64)
    # What float32 keeps of the deviations, which are up to 1.7.
    torch.testing.assert_close(data.in_units(data.train.targets)[:, 0], expected, rtol=0, atol=1e-4)
    plain = table("a,y\n" + rows, standardize_target=False).load()
    assert plain.in_units(plain.train.targets) is plain.train.targets


def test_features_are_standardised_by_the_training_rows(table: Table) -> None:
    rows = "".join(f"{i},{i * i},{i}\n" for i in range(40))
    data = table("a,b,y\n" + rows, test_fraction=0.5).load()
    assert data.mean is not None and data.std is not None and data.test is not None
    torch.testing.assert_close(data.mean, data.train.inputs.mean(0))
    torch.testing.assert_close(data.std, data.train.inputs.std(0, correction=0))
    assert not torch.allclose(data.mean, data.test.inputs.mean(0))


def test_a_constant_column_is_left_undivided(table: Table) -> None:
    # The mean of many 0.1 is not 0.1, so that its deviation comes out above 0.
    data = table("a,b,y\n" + "".join(f"{i},0.1,{i}\n" for i in range(11))).load()
    prepared = data.prepare(data.train.inputs, torch.float32)
    assert data.std is not None and data.std[1] == 1
    assert not prepared[:, 1].any()


def test_text_values_are_classes_in_alphabetical_order(table: Table) -> None:
    data = table("x,kind\n1,dog\n2,cat\n3,dog\n4,ant\n", classes=True).load()
    assert data.classes == ("ant", "cat", "dog")
    assert data.train.targets.tolist() == [2, 1, 2, 0]
    assert (data.task, data.outputs) == ("classes", 3)


def test_numbers_are_classes_in_the_order_of_numbers(table: Table) -> None:
    data = table("x,kind\n1,10\n2,9\n3,-1\n4,9\n", classes=True).load()
    assert data.classes == ("-1", "9", "10")
    assert data.train.targets.tolist() == [2, 1, 0, 1]


def test_the_order_of_classes_does_not_depend_on_the_order_of_rows(table: Table) -> None:
    rows = ["1,nan", "2,3", "3,-1", "4,10"]
    orders = [table("x,y\n" + "\n".join(r), classes=True).load() for r in (rows, rows[::-1])]
    assert orders[0].classes == orders[1].classes


def test_the_task_is_known_before_the_file_is_read(values: Callable) -> None:
    assert CsvTable.task_of(values("csv")) == "numbers"
    assert CsvTable.task_of({**values("csv"), "classes": True}) == "classes"


FAULTS = [
    ("a,y\n1,2\nlots,3\n", {}, "line 3, column 'a': 'lots' is not a finite number"),
    ("a,y\n1,2\n3,many\n", {}, "line 3, column 'y': 'many' is not a finite number; with"),
    ("a,y\n1,2\n\n\nnan,3\n", {}, "line 5, column 'a': 'nan' is not a finite number"),
    ("a,y\n1,2\n1e39,3\n", {}, "line 3, column 'a': '1e39' is not a finite number"),
    ("a,y\n1,2\n ,3\n", {}, "line 3, column 'a': the cell is empty"),
    ("a,y\n1,2\n3,\n", {"classes": True}, "line 3, column 'y': the cell is empty"),
    ('a,y\n"1\n",2\nx,3\n', {}, "line 4, column 'a': 'x'"),
    ("a,y\n1,2\n1,2,3\n", {}, "line 3: the row has 3 cells, and the header 2"),
    ("a,a,y\n1,2,3\n", {}, "line 1: 2 columns are called 'a'"),
    (",a,y\n0,2,3\n", {}, "line 1: column 1 has no name"),
    ("a\n1\n", {}, "line 1: there is one column, 'a'"),
    ("a,y\n", {}, "has no rows"),
    ("", {}, "has no rows"),
    ("a,y\n1,b\n2,b\n", {"classes": True}, "all rows are of the class 'b'"),
    (
        "a,y\n" + "".join(f"{i},{i % 600}.5\n" for i in range(1000)),
        {"classes": True},
        "column 'y': it has 600 distinct values in 1,000 rows, too many for classes",
    ),
    ("a,price\n1,2\n", {"target": "prise"}, "no column 'prise'; did you mean 'price'"),
    ("a,y\n1,2\nü,3\n".encode("latin-1"), {}, "line 3: the text is not UTF-8"),
    ("a,y\n1,2\n" + "1" * 200_000 + ",3\n", {}, "line 3: this is not CSV"),
]


@pytest.mark.parametrize(("content", "changes", "why"), FAULTS)
def test_a_fault_is_one_sentence_with_file_line_and_column(
    content: str | bytes, changes: dict[str, Any], why: str, table: Table
) -> None:
    with pytest.raises(RequestError) as caught:
        table(content, **changes).load()
    (sentence,) = caught.value.sentences
    assert why in sentence
    assert "table.csv" in sentence and "\n" not in sentence


def test_a_missing_path_or_file_is_told(table: Table, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="dataset=csv needs the path of a file"):
        table(HOUSES, path=None).load()
    with pytest.raises(RequestError, match=r"none.csv: there is no such file"):
        table(HOUSES, path=str(tmp_path / "none.csv")).load()
    with pytest.raises(RequestError, match="can't be read"):
        table(HOUSES, path=str(tmp_path)).load()
