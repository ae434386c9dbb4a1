from runner.results.text_tables import (
    MOST_ROWS,
    WIDTH,
    Section,
    TextTable,
    as_markdown,
    as_text,
    wrapped,
)


def test_words_stand_left_and_numbers_right() -> None:
    table = TextTable(["metric", "A", "B"], [["loss", "1", "20.5"], ["accuracy", "100", "3"]])
    assert as_text([Section("t", ["Before:"], table, ["After."])]) == [
        "Before:",
        "metric      A     B",
        "loss        1  20.5",
        "accuracy  100     3",
        "After.",
    ]


def test_words_are_cut_before_numbers() -> None:
    table = TextTable(["key", "A"], [["k" * 100, "0.123456789"]])
    head, row = as_text([Section("t", (), table)])
    assert len(row) == WIDTH
    assert row.endswith("…  0.123456789")
    assert head.endswith("A")


def test_many_rows_are_counted_in_text_and_whole_in_markdown() -> None:
    section = Section("t", (), TextTable(["n"], [[str(n)] for n in range(MOST_ROWS + 5)]))
    assert as_text([section])[-1] == "and 5 more rows"
    assert f"| {MOST_ROWS + 4} |" in as_markdown("T", [section])


def test_paragraphs_are_wrapped_and_never_lost() -> None:
    text = " ".join(["word"] * 60)
    lines = wrapped(text)
    assert max(map(len, lines)) <= WIDTH
    assert " ".join(" ".join(lines).split()) == text


def test_markdown_means_what_it_says() -> None:
    text = as_markdown("T", [Section("s", ["a_b"], TextTable(["x|y"], [["<b>*1*"]]))])
    assert "| x\\|y |" in text
    assert "| \\<b>\\*1\\* |" in text
    assert "a\\_b" in text
