"""Which runs a report shows: its filter, legend and brush; pointing at a line, marking a run."""

import importlib.util
import json
from pathlib import Path

import pytest

from runner.results.report import write_report
from runner.results.sweep import read_sweep

spec = importlib.util.spec_from_file_location("browser", Path(__file__).with_name("browser.py"))
browser_module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(browser_module)

pytestmark = pytest.mark.commands
VISIBLE, column = browser_module.VISIBLE, browser_module.column


def ask(browser, words):
    """Type into the filter, and wait until the figures have followed."""
    browser.evaluate(
        f"(f => {{ f.value = {json.dumps(words)}; f.dispatchEvent(new Event('input')) }})"
        "(document.getElementById('filter'))"
    )
    browser.evaluate("new Promise(done => setTimeout(done, 150))")


def asked(browser):
    browser.evaluate("new Promise(done => setTimeout(done, 150))")
    return browser.evaluate("document.getElementById('filter').value")


def left(browser):
    return [int(job) for job in column(browser, "job")]


DATA = """
Bokeh.documents.flatMap(d => [...d.all_models]).filter(m => m.glyph).map(m => ({
  name: m.name, tag: m.tags[0] ?? null, group: m.tags[1] ?? null, visible: m.visible,
  data: Object.fromEntries(m.data_source.columns().map(c => [c, Array.from(
    m.data_source.get_column(c), v => ArrayBuffer.isView(v) ? [...v] : v)])),
}))
"""


def drawn(browser, tag=None):
    """The data of all that is drawn of runs, or of what has a tag."""
    parts = [part for part in browser.evaluate(DATA) if part["visible"]]
    if tag:
        return [part["data"] for part in parts if part["tag"] == tag]
    return [part["data"] for part in parts if part["data"].get("job")]


def test_filter_leaves_its_runs_in_every_figure_and_gives_all_back(browser, page):
    browser.open(page)
    before = browser.evaluate(DATA)
    ask(browser, "optim.lr=0.1 seed=1")
    wanted = left(browser)
    assert len(wanted) == 4
    assert {job for data in drawn(browser) for job in data["job"]} == set(wanted)
    assert len(drawn(browser)) == 4 + 3 + 1  # the entry of one rate, in all but the heat maps
    words = browser.evaluate("document.getElementById('shown').innerText")
    assert words.startswith("4 of 24 runs shown: optim.lr=0.1 seed=1")
    ask(browser, "nowhere")
    assert drawn(browser) == []
    browser.evaluate("document.querySelector('#shown button').click()")
    assert asked(browser) == ""
    assert browser.evaluate(DATA) == before
    assert browser.evaluate("document.getElementById('shown').hidden")
    assert browser.faults == []


def test_means_are_those_of_the_dots_that_are_seen(browser, page):
    browser.open(page)
    for step in ("", "filter", "legend", "all"):
        if step == "legend":
            browser.evaluate("document.querySelector('.legend .g0').click()")
        elif step:
            ask(browser, "seed=1" if step == "filter" else "")
        for dots, means in by_value(browser):
            sums = {}
            for x, y in dots:
                sums.setdefault(x, []).append(y)
            assert means["x"] == sorted(sums), step
            wanted = [sum(sums[x]) / len(sums[x]) for x in means["x"]]
            # Only the order in which they are added up differs.
            assert means["y"] == pytest.approx(wanted, rel=1e-12), step
    assert browser.faults == []


def by_value(browser):
    """The dots that are seen and the means of each figure by a swept value."""
    models = "Bokeh.documents.flatMap(d => [...d.all_models])"
    figures = browser.evaluate(
        "Bokeh.documents.map(d => d.roots()[0].renderers)"
        f".map(renderers => {DATA.strip().replace(models, 'renderers')})"
    )
    found = []
    for parts in (f for f in figures if any(p["tag"] == "mean" for p in f)):
        dots = [p["data"] for p in parts if p["visible"] and "job" in p["data"]]
        rows = [r for d in dots for r in zip(d["place"], d["y"], d["group"], strict=True)]
        for mean in (part for part in parts if part["tag"] == "mean"):
            mine = [(place, y) for place, y, group in rows if group == mean["group"]]
            found.append((mine, mean["data"]))
    # A mean for each combination of the other keys' 3, 2 and 2 values.
    assert len(found) == 2 * 2 + 3 * 2 + 3 * 2
    return found


@pytest.mark.parametrize("state", ["alone", "nothing to draw", "one epoch"])
def test_any_report_opens_without_a_fault(browser, folders, make_curve, state):
    (folders.root / "t").mkdir()
    if state == "alone":
        folders.run("t/0", {"optim.lr": 0.1}, make_curve(3))
    for job in range(4) if state != "alone" else ():
        rows = make_curve(1) if state == "one epoch" else []
        folders.run(f"t/{job}", {"optim.lr": 0.1 * job, "seed": 0}, rows)
    browser.faults.clear()
    browser.open(write_report(read_sweep(folders.root / "t" / ("0" if state == "alone" else ""))))
    if state != "alone":
        ask(browser, "job=1|2")
        assert left(browser) == [1, 2]
        browser.evaluate("document.querySelector('#all-runs td').click()")
    assert browser.faults == []


def test_legend_and_filter_hide_together(browser, page):
    browser.open(page)
    browser.evaluate("document.querySelector('.legend .g0').click()")
    ask(browser, "seed=1")
    assert set(browser.evaluate(VISIBLE)) == {False}
    ask(browser, "")
    assert set(browser.evaluate(VISIBLE)) == {False}
    browser.evaluate("document.querySelector('.legend .g0').click()")
    assert set(browser.evaluate(VISIBLE)) == {True}


TIPS = """
(() => {
  const inside = node => [...(node.shadowRoot ?? node).querySelectorAll('*')]
    .flatMap(child => child.shadowRoot ? [child, ...inside(child)] : [child]);
  return inside(document).filter(e => e.matches('.bk-Tooltip') && e.checkVisibility())
    .map(e => [...e.shadowRoot.children].map(c => c.innerText).join(' ')).join(' ');
})()
"""


def test_pointing_at_a_line_tells_its_run_and_not_one_that_is_hidden(browser, page):
    browser.open(page)
    (data, *_) = drawn(browser)
    x, y, run = data["x"][2], data["y"][2], data["run"][2]
    assert run == f"{data['job'][2]}: seed=0, optim.lr=0.01, model.width=8, a.b=x"
    place = browser.place("curve-0", x, y)
    browser.mouse("Moved", place[0] - 9, place[1] - 9)
    browser.mouse("Moved", *place)
    browser.wait(f"{TIPS}.includes('seed=')")
    assert "epoch" in browser.evaluate(TIPS)
    ask(browser, "seed=7")
    browser.mouse("Moved", place[0] - 9, place[1] - 9)
    browser.mouse("Moved", *place)
    browser.wait(f"!{TIPS}.includes('seed=')")
    assert browser.faults == []


def test_drag_along_an_axis_asks_for_the_runs_that_pass_there(browser, page):
    browser.open(page)

    def brush(axis, low, high):
        places = [browser.place("parallel", axis, height) for height in (low, high)]
        browser.drag(*places)
        return asked(browser)

    assert brush(0, -0.05, 0.7) == "optim.lr>=0.01 optim.lr<=0.1"
    assert len(left(browser)) == 16
    assert brush(1, 1.04, 0.8) == "optim.lr>=0.01 optim.lr<=0.1 model.width=16"
    assert {job for data in drawn(browser) for job in data["job"]} <= set(left(browser))
    assert len(left(browser)) == 8
    (bands,) = drawn(browser, "brush")
    assert bands["x"] == [0, 1]
    assert brush(2, -0.05, 1.05) == "optim.lr>=0.01 optim.lr<=0.1 model.width=16 a.b=<b>|x"
    assert brush(0, 0.9, 0.9) == "model.width=16 a.b=<b>|x"
    ask(browser, "")
    assert drawn(browser, "brush") == [{"x": [], "bottom": [], "top": []}]
    assert drawn(browser, "ghost") == [{"xs": [], "ys": []}]
    assert browser.faults == []


def test_clicked_row_is_marked_in_the_figures(browser, page):
    browser.open(page)
    row = "document.querySelectorAll('#all-runs tbody tr')[3]"
    browser.evaluate(f"{row}.cells[1].click()")
    # four curves, three values, parallel coordinates
    assert sum(bool(next(iter(data.values()))) for data in drawn(browser, "picked")) == 8
    assert browser.evaluate(f"{row}.ariaCurrent") == "true"
    ask(browser, "seed=0")
    assert not any(map(any, (data.values() for data in drawn(browser, "picked"))))
    browser.evaluate(f"{row}.cells[1].click()")
    assert browser.evaluate(f"{row}.ariaCurrent") is None
    assert browser.faults == []


def test_filter_understands_values_ranges_and_alternatives(browser, page):
    browser.open(page)
    for words, count in (
        ("optim.lr>=0.1", 16), ("OPTIM.LR>0.1", 8), ("lr<0.1 width=8", 4), ("lr=0.01|1", 16),
        ('"a.b=<b>"', 12), ('"a.b=x', 12), ("a.b>x", 0), ("optim.lr>", 0), ("nokey=1", 0),
        ("status=diverged|ok", 24), ("test/loss<=0.35", 6), ("  ", 24),
    ):  # fmt: skip
        ask(browser, words)
        assert len(left(browser)) == count, words


def test_what_is_brushed_is_found_again_whatever_its_name_holds(browser, folders):
    values = ["[0.1, 0.2]", "x y", '"q"', "a|b", "<b>=1", "\\", "1e-3", "", "é漢"]
    points = [{"a.b c": value, 'k"=1': value, "rate": i * 0.1} for i, value in enumerate(values)]
    page = write_report(read_sweep(folders.sweep("nasty", points)))
    browser.faults.clear()
    browser.open(page)
    lost = browser.evaluate("""
      Runs.names.slice(2).flatMap(name => [[0], [1, 2], [3, 4, 5, 6], [2, 7, 8]].map(jobs => {
        const found = Runs.passing(Runs.parse(Runs.describe(name, jobs)));
        return jobs.every(job => found.has(job)) || `${name} ${jobs} ${Runs.describe(name, jobs)}`;
      })).filter(found => found !== true)
    """)
    assert lost == []
    assert browser.faults == []


def test_a_last_part_of_two_names_stands_for_neither(browser, folders, grid):
    points = grid(schedule__patience=[1, 2], patience=[3, 4], optim__lr=[0.1, 1], model__lr=[1, 2])
    browser.open(write_report(read_sweep(folders.sweep("twice", points))))
    for words, count in (
        ("patience=3", 8), ("schedule.patience=1", 8), ("patience=1", 0), ("model.lr=1", 8),
        ("lr=1", 0),
    ):  # fmt: skip
        ask(browser, words)
        assert len(left(browser)) == count, words


def test_filter_forgives_blanks_and_ways_to_write_a_number(browser, page):
    browser.open(page)
    for words, count in (
        ("seed = 0", 12), ("seed==0", 12), ("seed == 0 model.width=8", 6), ("lr=.1|1e0", 16),
        ("optim.lr >= .1", 16), ("a.b = x", 12), ("seed=00", 12), ("model.width= 8 seed =1", 6),
        ('"a.b=<b>" seed = 0', 6), ("model.width<=8.0", 12),
    ):  # fmt: skip
        ask(browser, words)
        assert len(left(browser)) == count, words
        assert browser.evaluate("document.getElementById('count').textContent") == (
            f"{count} of 24 runs"
        )


def test_filter_says_what_it_does_not_understand(browser, page):
    browser.open(page)
    for words, wanted in (
        ("sede=0", "no column 'sede'; did you mean 'seed'?"),
        ("optim.rl>0.1", "no column 'optim.rl'; did you mean 'optim.lr'?"),
        ("something=0", "no column 'something'"),
        ("test/accuracy>=abc", "no number after >=: 'abc'"),
        ("test/loss <", "no number after <"),
    ):
        ask(browser, words)
        assert left(browser) == []
        said = browser.evaluate("document.getElementById('count').textContent")
        assert said == f"0 of 24 runs; {wanted}"
        bar = browser.evaluate("document.getElementById('shown').innerText")
        assert wanted in bar


def test_cross_of_a_diverged_run_follows_the_filter(browser, page):
    browser.open(page)

    def crosses():
        return [data["lost"] for data in drawn(browser, "lost")]

    assert crosses() == [[10]] * 3
    ask(browser, "ok")
    assert crosses() == [[]] * 3
    ask(browser, "diverged")
    assert crosses() == [[10]] * 3
    assert drawn(browser, "lost")[0]["run"][0].startswith("10: seed=0")
    assert browser.faults == []


def test_ticks_of_a_log_axis_follow_the_zoom(browser, folders, make_curve):
    (folders.root / "z").mkdir()
    for job in range(2):
        folders.run(f"z/{job}", {"optim.lr": job}, make_curve(30), task="numbers")
    browser.faults.clear()
    browser.open(write_report(read_sweep(folders.root / "z")))
    kinds = """(([low, high]) => {
      const plot = Bokeh.documents[0].roots()[0];
      plot.y_range.setv({ start: low, end: high });
      return plot.left.find(axis => axis.ticker).ticker.type;
    })"""
    assert browser.evaluate(f"{kinds}([0.03, 1])") == "FixedTicker"
    assert browser.evaluate(f"{kinds}([0.1, 0.2])") == "LogTicker"
    assert browser.evaluate(f"{kinds}([0.03, 1])") == "FixedTicker"
    assert browser.faults == []


def test_runs_that_a_search_let_go_are_marked_filtered_and_brushed_with_the_others(
    browser, folders
):
    folder = folders.search("s", confirmed=0)
    browser.faults.clear()
    browser.open(write_report(read_sweep(folder)))
    ask(browser, "status=pruned")
    let_go = left(browser)
    assert len(let_go) == 48
    jobs = {job for data in drawn(browser) for job in data["job"]}
    assert jobs == set(let_go)
    ask(browser, "")
    browser.drag(browser.place("parallel", 0, -0.05), browser.place("parallel", 0, 0.3))
    assert asked(browser) in ("optim=adam", "optim=sgd")
    assert any(job in let_go for job in left(browser))
    ask(browser, "")
    browser.evaluate("document.querySelectorAll('#all-runs tbody tr')[4].cells[1].click()")
    assert any(next(iter(data.values())) for data in drawn(browser, "picked"))
    assert browser.faults == []
