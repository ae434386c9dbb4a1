"""A user's own table: what is read, and the sentence for each fault."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

from runner.datasets.csv_table import CsvTable
from runner.datasets.encoding import encode_new, features_of
from runner.datasets.table_file import of_frame, read_table
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


CITIES = "city,area,y\nOslo,50,1\nBern,80,2\n,30,3\nOslo,,4\n"


def test_text_becomes_a_feature_for_each_of_its_values(table: Table) -> None:
    data = table(CITIES, missing="drop").load()
    assert data.encoding is not None and data.mean is not None and data.std is not None
    assert features_of(data.encoding["columns"]) == ["city=Bern", "city=Oslo", "area"]
    assert data.train.inputs.tolist() == [[0, 1, 50], [1, 0, 80]]
    # 0 and 1 stay as they are; numbers are standardised.
    assert data.prepare(data.train.inputs, torch.float32).tolist() == [[0, 1, -1], [1, 0, 1]]


def test_a_mean_is_taken_over_the_training_rows_alone(table: Table) -> None:
    rows = "".join(
        f"{'' if i % 5 == 0 else i},{'' if i % 7 == 0 else 'ab'[i % 2]},{i}\n" for i in range(80)
    )
    changes = {"missing": "mean", "test_fraction": 0.5, "standardize_target": False}
    data = table("n,t,y\n" + rows, **changes).load()
    assert data.test is not None and data.encoding is not None
    fill = data.encoding["fill"]
    assert fill is not None
    of_train = [int(y) for y in data.train.targets[:, 0]]
    known = [i for i in of_train if i % 5]
    assert fill[0].item() == pytest.approx(sum(known) / len(known))
    texts = [i % 2 for i in of_train if i % 7]
    assert fill[2].item() == pytest.approx(sum(texts) / len(texts))  # the share of b
    for split in (data.train, data.test):
        for features, (y,) in zip(split.inputs, split.targets.tolist(), strict=True):
            expected = fill[0] if y % 5 == 0 else torch.tensor(y)
            assert features[0].item() == pytest.approx(expected.item(), rel=1e-6)
            if y % 7 == 0:
                torch.testing.assert_close(features[1:], fill[1:].float())


def test_columns_are_chosen_and_dropped_by_name(table: Table) -> None:
    content = "id,a,b,y\nx1,1,2,3\nx2,4,5,6\n"
    chosen = table(content, columns=["b"]).load()
    assert chosen.train.inputs.tolist() == [[2], [5]]
    dropped = table(content, drop=["id", "b"]).load()
    assert dropped.train.inputs.tolist() == [[1], [4]]
    target = table(content, target="a", drop=["id"]).load()
    assert target.train.inputs.tolist() == [[2, 3], [5, 6]]


def test_new_rows_are_encoded_by_name_as_those_that_were_trained_on(
    table: Table, tmp_path: Path
) -> None:
    encoding = table(CITIES, missing="mean").load().encoding
    assert encoding is not None and encoding["fill"] is not None

    def encoded(content: str) -> list[list[float]]:
        (tmp_path / "new.csv").write_text(content)
        return encode_new(read_table(tmp_path / "new.csv"), encoding).tolist()

    share, mean = 1 / 3, 160 / 3
    assert encoded("more,area,city\nx,1,Oslo\ny,NA,\n") == [
        [0, 1, 1],
        [pytest.approx(share), pytest.approx(1 - share), pytest.approx(mean)],
    ]
    with pytest.raises(
        RequestError, match=r"new.csv has no column 'city', which the model takes; it has area"
    ):
        encoded("area\n1\n")
    with pytest.raises(RequestError, match="line 3, column 'city': 'Rome' is none of the values"):
        encoded("area,city\n1,Bern\n1,Rome\n")
    with pytest.raises(RequestError, match="has no rows"):
        encoded("area,city\n")
    strict = {**encoding, "fill": None}
    frame = pd.DataFrame({"area": [1.0, float("nan")], "city": ["Bern", None]})
    with pytest.raises(
        RequestError, match=r"the frame has missing values: 1 in 'city', 1 in 'area'"
    ):
        encode_new(of_frame(frame), strict)  # type: ignore[arg-type]
    assert encode_new(of_frame(frame[:1]), strict).tolist() == [[1, 0, 1]]  # type: ignore[arg-type]


def test_parquet_is_read_as_the_same_csv(table: Table, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"city": ["Oslo", "Bern", None], "area": [50.5, 80, 0.1], "n": [1, 2, 3], "y": [1.5, 2, 3]}
    )
    frame.to_parquet(tmp_path / "table.parquet")
    frame.to_csv(tmp_path / "same.csv", index=False)
    found = [
        table("", path=str(tmp_path / name), missing="mean").load().train
        for name in ("table.parquet", "same.csv")
    ]
    assert torch.equal(found[0].inputs, found[1].inputs)
    assert torch.equal(found[0].targets, found[1].targets)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(RequestError, match=r"broken.parquet can't be read as Parquet"):
        table("", path=str(tmp_path / "broken.parquet")).load()


def test_parquet_without_its_package_is_told(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "table.pq").write_bytes(b"PAR1")
    for name in ("pyarrow", "fastparquet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(RequestError, match=r"Parquet needs the package pyarrow \(pip install"):
        table("", path=str(tmp_path / "table.pq")).load()


def test_the_task_is_known_before_the_file_is_read(values: Callable) -> None:
    assert CsvTable.task_of(values("csv")) == "numbers"
    assert CsvTable.task_of({**values("csv"), "classes": True}) == "classes"


FAULTS = [
    ("a,y\n1,2\nlots,3\n", {}, "line 3, column 'a': 'lots' is not a number"),
    ("a,y\n1,2\n3,many\n", {}, "line 3, column 'y': 'many' is not a number; with"),
    ("a,y\n1,2\n\n\nnan,3\n", {}, "missing values: 1 in 'a', of 2 rows, the first in line 5;"),
    ("a,y\n1,2\ninf,3\n", {}, "line 3, column 'a': 'inf' is not a finite number"),
    ("a,y\n1,2\n,3\n2,NA\n", {"missing": "mean"}, "missing values: 1 in 'y', of 3 rows"),
    ("a,y\n,2\n1,\n", {"missing": "drop"}, "has no row without a missing value"),
    ("a,y\nx,2\n,3\n?,1\n", {}, "missing values: 1 in 'a', of 3 rows, the first in line 3"),
    ("a,b,y\n,1,2\nNA,2,3\n", {"missing": "mean"}, "column 'a' has no values; dataset.drop=[a]"),
    ("a,b,y\n1,2,3\n", {"columns": ["a", "c"]}, "dataset.columns: there is no column 'c'"),
    ("a,b,y\n1,2,3\n", {"drop": ["bb"]}, "no column 'bb'; did you mean 'b'?"),
    ("a,b,y\n1,2,3\n", {"drop": ["a", "b"]}, "leaves no column to predict 'y' from"),
    ("name,y\n" + "".join(f"n{i},1\n" for i in range(50)), {}, "50 distinct values in 50 rows"),
    (
        "a,y\n" + "".join(f"n{i % 600},1\n" for i in range(1200)),
        {},
        "it has 600 distinct texts, and one column becomes 500 features at most",
    ),
    ("a,y\n1,2\n1e39,3\n", {}, "line 3, column 'a': '1e39' is not a finite number"),
    ("a,y\n1,2\n ,3\n", {}, "missing values: 1 in 'a', of 2 rows, the first in line 3"),
    ("a,y\n1,2\n3,\n", {"classes": True}, "missing values: 1 in 'y', of 2 rows"),
    ('a,y\n"1\n",2\nx,3\n', {}, "line 4, column 'a': 'x'"),
    ("a,y\n1,2\n1,2,3\n", {}, "line 3: the row has 3 cells, and the header 2"),
    ("a,y\n1,2\n1\n", {}, "line 3: the row has 1 cell, and the header 2"),
    ("a,a,y\n1,2,3\n", {}, "line 1: 2 columns are called 'a'"),
    (",a,y\n0,2,3\n", {}, "line 1: column 1 has no name"),
    ("a\n1\n", {}, "leaves no column to predict 'a' from: it has a"),
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
