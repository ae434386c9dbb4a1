"""What the report of a search begins with."""

import re

import pytest

from runner.results.report import write_report
from runner.results.sweep import read_sweep


def text_of(html, section):
    """A section of a page as words."""
    found = re.search(rf'<section id="{section}">(.*?)</section>', html, re.DOTALL)
    assert found is not None
    words = re.sub(r"<script.*?</script>|<[^>]*>", " ", found[1], flags=re.DOTALL)
    return re.sub(r"\s+", " ", words)


@pytest.fixture
def report():
    def report(folder):
        return write_report(read_sweep(folder)).read_text(encoding="utf-8")

    return report


def test_what_was_confirmed_stands_above_what_the_search_saw(folders, report):
    text = text_of(report(folders.search("s")), "search")
    again, seen = text.index("The best points, confirmed"), text.index("What the search saw")
    assert again < seen
    assert "95 % interval" in text[again:seen] and "5 seeds that the search had not seen" in text
    assert "flatters itself" in text[seen:]
    assert "60 points in 6 rounds: 48 let go early, 6 trained to the end, 6 diverged." in text


def test_a_report_of_a_search_begins_with_it(folders, report):
    page = report(folders.search("s"))
    assert page.index('<section id="search">') < page.index('<section id="points">')
    assert "digits, mlp, a search over optim, optim.lr" in page
    assert "Not among them: 48 points let go early (pruned)." in text_of(page, "points")
    assert "6 points trained to the end: too few" in text_of(page, "importance")


def test_the_report_of_the_runs_that_confirm_is_named_where_it_is(folders, report):
    folder = folders.search("s")
    assert 'href="confirm-60/report.html"' not in report(folder)
    write_report(read_sweep(folder / "confirm-60"))
    assert 'href="confirm-60/report.html"' in report(folder)


def test_without_any_the_search_tells_what_it_saw(folders, report):
    text = text_of(report(folders.search("s", confirmed=0)), "search")
    assert "confirmed" not in text.partition("What the search saw")[0]


def test_where_no_point_came_to_the_end_it_says_so(folders, report):
    folder = folders.search("s", 20, 0, endings=lambda trial: (1, "pruned"))
    assert "No point was trained to the end." in text_of(report(folder), "search")


def test_other_sweeps_have_no_such_section(folders, grid, report):
    page = report(folders.sweep("s", grid(a__b=[1, 2])))
    assert 'id="search"' not in page


def test_colours_of_its_figures_are_its_own(folders, report):
    """They go on behind those of the runs, which the rest of the page is coloured by."""
    page = report(folders.search("s"))
    numbers = {int(n) for n in re.findall(r'data-group="g(\d+)"', text_with_tags(page))}
    others = {int(n) for n in re.findall(r'data-group="g(\d+)"', page)} - numbers
    assert len(numbers) == 4 and max(others) < min(numbers)
    assert f".g{max(numbers)} {{" in page


def text_with_tags(page):
    found = re.search(r'<section id="search">(.*?)</section>', page, re.DOTALL)
    assert found is not None
    return found[1]
