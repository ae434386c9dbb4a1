"""Tables for papers: digits that mean something, names that compile, the best point first."""

import math
import shutil
import subprocess

import pytest

from runner.report import main
from runner.results.sweep import read_sweep
from runner.results.typeset import digits, typeset


@pytest.mark.parametrize(
    ("mean", "std", "wanted"),
    [
        (0.91234, 0.00346, ("0.9123", "0.0035", 0)),
        (12.345, 2.5, ("12.3", "2.5", 0)),
        (123456.7, 345.0, ("123457", "345", 0)),
        (0.5, math.nan, ("0.5", "", 0)),
        (0.123456, 0.0, ("0.1235", "0", 0)),
        (1.234e-7, 5.6e-9, ("1.234", "0.056", -7)),
        (2.5e9, math.nan, ("2.5", "", 9)),
        (0.0, 0.0, ("0", "0", 0)),
        (-3.14159, 0.02, ("-3.142", "0.020", 0)),
    ],
)
def test_a_mean_has_the_digits_of_its_spread(mean, std, wanted):
    assert digits(mean, std) == wanted


@pytest.fixture
def sweep(folders, make_curve):
    (folders.root / "s").mkdir()
    for job, (name, loss) in enumerate([("a_b & 50%", 0.9), (r"c\d^2", 0.3)] * 3):
        rows = [row | {"val/loss": loss + 0.01 * job} for row in make_curve(2)]
        folders.run(f"s/{job}", {"model.kind": name, "seed": job // 2}, rows)
    return folders.root / "s"


def test_names_are_escaped_and_the_best_point_comes_first(sweep):
    text = typeset(read_sweep(sweep), "latex")
    assert "\\toprule\nmodel.kind & train/loss $\\downarrow$ & " in text
    first, second = (
        text.index(name) for name in (r"c\textbackslash{}d\textasciicircum{}2", r"a\_b \& 50\%")
    )
    assert first < second
    assert r"$0.330 \pm 0.020$" in text
    assert text.count(" & 3 \\\\") == 2
    assert "weight_norm" not in text


def test_markdown_has_the_same(sweep, capsys):
    text = typeset(read_sweep(sweep), "markdown")
    assert text.startswith("| model.kind | train/loss ↓ |")
    assert "| :-- | --: |" in text
    assert "0.330 ± 0.020" in text
    before = sorted(sweep.rglob("*"))
    assert main([str(sweep), "--markdown"]) == 0
    assert capsys.readouterr().out == text
    assert sorted(sweep.rglob("*")) == before, "it prints and writes nothing"


def test_the_table_compiles(sweep, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("there is no LaTeX here")
    body = typeset(read_sweep(sweep), "latex")
    page = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
    (tmp_path / "t.tex").write_text(f"{page}{body}\\end{{document}}\n")
    subprocess.run(
        ["pdflatex", "-halt-on-error", "t.tex"], cwd=tmp_path, check=True, capture_output=True
    )
