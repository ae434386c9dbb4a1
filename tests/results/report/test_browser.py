"""The report in a real browser: it is drawn, nothing is blocked or fetched, and it can be used."""

import importlib.util
from pathlib import Path

import pytest

from runner.results.plots.draw import draw_sweep
from runner.results.report.index import write_index
from runner.results.sweep import read_sweep

spec = importlib.util.spec_from_file_location("browser", Path(__file__).with_name("browser.py"))
browser_module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(browser_module)

pytestmark = pytest.mark.commands
VISIBLE, column = browser_module.VISIBLE, browser_module.column


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_is_drawn_without_a_fault_and_nothing_is_fetched(browser, page, width, scheme):
    browser.open(page, width, scheme)
    browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for more in ("more-0", "more-0"):  # a metric that is chosen; a second time changes nothing
        choose(browser, "more", more)
    browser.wait("[...document.querySelectorAll('.plot')].every(p => p.childElementCount > 0)")
    assert browser.evaluate("document.querySelectorAll('.plot').length") == 4 + 1 + 3 + 1 + 3
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.faults == []
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []
    assert len({url for url in browser.requests if url.startswith("file:")}) == 1


def choose(browser, name, value):
    """Set one of the controls of the curves, as a person would."""
    browser.evaluate(
        f"(e => {{ e.value = {value!r}; e.dispatchEvent(new Event('input', {{bubbles: true}})) }})"
        f"(document.querySelector('#controls [name={name}]'))"
    )


def curve(browser):
    """What the first curve shows, and its axes."""
    return browser.evaluate("""(() => {
      const view = [...Bokeh.index].find(v => v.el.closest('.plot')?.id === 'curve-0'
        || v.el.getRootNode().host?.closest('.plot')?.id === 'curve-0');
      const plot = view?.model;
      const line = plot?.renderers.find(r => r.data_source.columns().includes('step'));
      if (!line) return null;
      const [x, y] = ['x', 'y'].map(name => [...line.data_source.get_column(name)].slice(0, 5));
      return { x, y, log: plot.y_scale.type === 'LogScale', label: plot.below[0].axis_label,
        within: plot.x_range.start < Math.min(...x) && plot.x_range.end > Math.max(...x)
          && plot.y_range.start < Math.min(...y) && plot.y_range.end > Math.max(...y) };
    })()""")


def test_curves_are_smoothed_and_shown_by_step_and_on_either_scale(browser, page):
    browser.open(page)
    before = curve(browser)
    assert (before["label"], before["log"], before["x"]) == ("epoch", False, [1, 2, 3, 4, 5])
    choose(browser, "across", "step")
    assert curve(browser)["x"] == [10, 20, 30, 40, 50]
    assert curve(browser)["within"]
    choose(browser, "smoothing", "0.5")
    y, smooth = before["y"], curve(browser)["y"]
    assert smooth[0] == pytest.approx(y[0])
    # The weights of the last two are 1/2 and 1/4 of what they are together.
    assert smooth[1] == pytest.approx((y[1] / 2 + y[0] / 4) / (3 / 4))
    choose(browser, "scale", "log")
    browser.wait("document.getElementById('curve-0').childElementCount > 0")
    after = curve(browser)
    assert (after["log"], after["label"], after["within"]) == (True, "step", True)
    assert after["y"] == smooth
    choose(browser, "smoothing", "0")
    choose(browser, "across", "epoch")
    choose(browser, "scale", "")
    assert curve(browser) == before
    assert browser.faults == []


def press(browser, name):
    browser.evaluate(
        "[...document.querySelectorAll('#all-runs th button')]"
        f".find(b => b.textContent === {name!r}).click()"
    )


def test_runs_are_sorted_by_size_there_and_back(browser, page):
    browser.open(page)
    press(browser, "test/loss")
    up = [float(text) for text in column(browser, "test/loss")]
    assert up == sorted(up)
    press(browser, "test/loss")
    assert [float(text) for text in column(browser, "test/loss")] == up[::-1]
    press(browser, "a.b")
    assert column(browser, "a.b") == ["<b>"] * 12 + ["x"] * 12
    assert browser.evaluate("document.querySelectorAll('#all-runs [aria-sort]').length") == 1


@pytest.mark.parametrize(
    ("words", "left"), [("", 24), ("diverged", 1), ("optim.lr=0.1 seed=1", 4), ("nowhere", 0)]
)
def test_runs_are_filtered(browser, page, words, left):
    browser.open(page)
    browser.evaluate(
        f"(f => {{ f.value = {words!r}; f.dispatchEvent(new Event('input')) }})"
        "(document.getElementById('filter'))"
    )
    assert len(column(browser, "job")) == left
    assert browser.evaluate("document.getElementById('count').textContent") == f"{left} of 24 runs"


def test_click_on_the_legend_hides_lines_in_every_figure(browser, page):
    browser.open(page)
    browser.wait("Bokeh.documents.length >= 9")
    assert set(browser.evaluate(VISIBLE)) == {True}
    browser.evaluate("document.querySelector('.legend .g0').click()")
    assert set(browser.evaluate(VISIBLE)) == {False}
    pressed = "[...document.querySelectorAll('.legend .g0')].map(b => b.ariaPressed)"
    assert browser.evaluate(pressed) == ["false", "false"]
    browser.evaluate("document.querySelector('.legend .all').click()")
    assert set(browser.evaluate(VISIBLE)) == {True}


def test_colours_follow_the_scheme(browser, page):
    ink = """
    [...new Set(Bokeh.documents.flatMap(d => [...d.all_models])
      .filter(m => m.type === 'LinearAxis').map(m => m.axis_label_text_color))]
    """
    found = []
    for scheme in ("light", "dark"):
        browser.open(page, scheme=scheme)
        (colour,) = browser.evaluate(ink)
        found.append((colour, browser.evaluate("getComputedStyle(document.body).color")))
    assert len(set(found)) == 2


def test_index_shows_its_plots_without_a_fault(browser, page):
    draw_sweep(read_sweep(page.parent))
    browser.open(write_index(page.parents[1]), 390)
    wide = "[...document.images].map(image => image.naturalWidth)"
    browser.evaluate("document.images[0].loading = 'eager'")
    browser.wait(f"{wide}.every(width => width > 100)")
    assert len(browser.evaluate(wide)) == 1
    assert browser.evaluate("document.documentElement.scrollWidth") <= 390
    assert browser.faults == []


def test_paper_is_white_and_wide_enough(browser, page):
    browser.open(page, 760, "dark")
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.do("Emulation.setEmulatedMedia", media="print", features=dark)
    browser.evaluate("dispatchEvent(new Event('beforeprint'))")
    paper = "getComputedStyle(document.body).backgroundColor"
    assert browser.evaluate(paper) == "rgb(255, 255, 255)"
    assert browser.evaluate("document.documentElement.scrollWidth") <= 760
    browser.do("Emulation.setEmulatedMedia", media="")
