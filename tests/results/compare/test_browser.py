"""The page in a real browser: drawn, nothing blocked or fetched, and it can be used."""

import importlib.util
from pathlib import Path

import pytest

from runner.results.compare.comparison import compare
from runner.results.compare.load import read_side
from runner.results.compare.write import render

place = Path(__file__).parents[1] / "report" / "browser.py"
spec = importlib.util.spec_from_file_location("browser", place)
browser_module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(browser_module)

pytestmark = [
    pytest.mark.commands,
    pytest.mark.skipif(browser_module.FOUND is None, reason="there is no Chromium here"),
]
GLYPHS = "Bokeh.documents.flatMap(d => [...d.all_models]).filter(m => m.glyph"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = browser_module.Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture
def page(browser, sweep_over, tmp_path):
    """Three sweeps of one key, with a name to be escaped: every figure there is."""
    names = ["a" * 60, "<b>&$$x$$", "c"]
    levels = [{"0": 0.1, "<i>": 0.05, "0.5": 0.2}, {"0": 0.1, "<i>": 0.12}, {"0": 0.3, "0.5": 0.2}]
    folders = [sweep_over(f"f{i}", "model.dropout", at, epochs=12) for i, at in enumerate(levels)]
    for folder, name in zip(folders, names, strict=True):
        (tmp_path / name).symlink_to(folder)
    sides = [read_side(str(tmp_path / name)) for name in names]
    browser.faults.clear()
    browser.requests.clear()
    path = tmp_path / "comparison.html"
    path.write_text(render(compare(sides)), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_is_drawn_without_a_fault_and_nothing_is_fetched(browser, page, width, scheme):
    browser.open(page, width, scheme)
    assert browser.evaluate("document.querySelectorAll('.plot').length") == 3 + 1 + 3
    browser.wait(f"{GLYPHS}).length > 20")
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.faults == []
    assert [url for url in browser.requests if not url.startswith(("file:", "data:"))] == []
    assert len({url for url in browser.requests if url.startswith("file:")}) == 1


def hover(browser, plot, model):
    """Move the pointer to the last place of a glyph that has a tooltip; give the tooltip's text."""
    place = browser.evaluate(f"""
    (async () => {{
      const place = document.getElementById({plot!r});
      place.scrollIntoView({{ block: "center" }});
      await new Promise(done => setTimeout(done, 300));
      const view = [...Bokeh.index].find(v => place.contains(v.el));
      const glyph = view.model.renderers.find(r => r.glyph.type === {model!r});
      const [xs, ys] = [glyph.glyph.x.field, glyph.glyph.y.field].map(f => glyph.data_source.data[f]);
      const i = xs.length - 1;
      const box = view.frame.bbox, host = view.el.getBoundingClientRect();
      const scale = (range, from, to, v) => from + (v - range.start) / (range.end - range.start) * (to - from);
      return [host.left + scale(view.model.x_range, box.left, box.right, xs[i]),
              host.top + scale(view.model.y_range, box.bottom, box.top, ys[i])];
    }})()
    """)  # noqa: E501
    for shift in (3, 0):
        browser.do("Input.dispatchMouseEvent", type="mouseMoved", x=place[0] - shift, y=place[1])
    tip = f"""
    (() => {{
      const find = root => [...root.querySelectorAll('*')].flatMap(e =>
        [...(e.matches('.bk-Tooltip') && e.shadowRoot ? [e.shadowRoot.textContent] : []),
         ...(e.shadowRoot ? find(e.shadowRoot) : [])]);
      return find(document).join(' ');
    }})()
    """  # noqa: F541
    browser.wait(f"{tip}.includes('side')")
    return browser.evaluate(tip)


def test_hovering_tells_the_difference_and_its_interval(browser, page):
    browser.open(page)
    told = hover(browser, "figure-0-2", "Scatter")
    assert "95 % interval" in told
    assert "test/accuracy" in told
    assert browser.faults == []


def test_hovering_over_a_curve_tells_side_and_value(browser, page):
    browser.open(page)
    told = hover(browser, "figure-2-1", "Line")
    assert "model.dropout=" in told
    assert "epoch" in told
    assert browser.faults == []


def test_click_on_a_side_hides_it_in_every_figure(browser, page):
    browser.open(page)
    browser.wait("Bokeh.documents.length >= 7")
    visible = f"[...new Set({GLYPHS} && m.name === 'g1').map(m => m.visible))]"
    assert browser.evaluate(visible) == [True]
    browser.evaluate("document.querySelector('.legend .g1').click()")
    assert browser.evaluate(visible) == [False]
    assert set(browser.evaluate(visible.replace("g1", "g2"))) == {True}
    pressed = "[...document.querySelectorAll('.legend .g1')].map(b => b.ariaPressed)"
    assert browser.evaluate(pressed) == ["false"] * 3
    browser.evaluate("document.querySelectorAll('.legend .g1')[2].click()")
    assert browser.evaluate(visible) == [True]


def test_sides_keep_their_colour_and_the_scheme_changes_it(browser, page):
    colours = f"[...new Set({GLYPHS} && m.name === 'g1').map(m => m.glyph.line_color?.value))]"
    found = []
    for scheme in ("light", "dark"):
        browser.open(page, scheme=scheme)
        browser.wait("Bokeh.documents.length >= 7")
        found.append([c for c in browser.evaluate(colours) if c])
    assert [len(colours) for colours in found] == [1, 1]
    assert found[0] != found[1]


def test_paper_is_white_and_wide_enough(browser, page):
    browser.open(page, 760, "dark")
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.do("Emulation.setEmulatedMedia", media="print", features=dark)
    browser.evaluate("dispatchEvent(new Event('beforeprint'))")
    paper = "getComputedStyle(document.body).backgroundColor"
    assert browser.evaluate(paper) == "rgb(255, 255, 255)"
    assert browser.evaluate("document.documentElement.scrollWidth") <= 760
    browser.do("Emulation.setEmulatedMedia", media="")
