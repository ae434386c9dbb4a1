"""The page: what it says, that it is whole, safe and small, whatever lies in the folder."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

NASTY = "<script>alert('x')</script>\"&é漢</script>"


class Page(HTMLParser):
    """Every element with its attributes, and the text by the element it stands in."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.inside, self.stack = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.stack.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        self.inside.append((*(self.stack[-1] if self.stack else ("", {})), data))

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]

    def texts(self, *tags):
        return [data for tag, _, data in self.inside if tag in tags]

    @property
    def scripts(self):
        return [d for tag, attrs, d in self.inside if tag == "script" and "type" not in attrs]

    @property
    def data(self):
        return [json.loads(d) for t, attrs, d in self.inside if t == "script" and "type" in attrs]


@pytest.fixture
def sweep(folders, grid):
    points = grid(optim__lr=[0.01, 0.1, 1.0], model__width=[8, 16], seed=[0, 1])
    return folders.sweep("s", points, best={"epoch": 2, "val/loss": 0.5})


def policy(page):
    (found,) = (a["content"] for a in page.all("meta") if "http-equiv" in a)
    return dict(part.strip().split(" ", 1) for part in found.split(";"))


def test_policy_lets_nothing_in_but_the_pages_own_scripts(sweep, report):
    page = Page(report(sweep))
    rules = policy(page)
    assert (rules["default-src"], rules["img-src"]) == ("'none'", "data:")
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
        for s in page.scripts
    ]
    assert len(hashes) == 3
    assert rules["script-src"].split() == hashes
    (style,) = page.all("style")
    assert rules["style-src"] == f"'nonce-{style['nonce']}'"
    assert not [attrs for _, attrs in page.elements if "style" in attrs]


def test_nothing_is_fetched(sweep, report):
    page = Page(report(sweep))
    places = [a[k] for _, a in page.elements for k in ("src", "href", "srcset", "action") if k in a]
    assert all(place.startswith(("#", "data:image/png;base64,")) for place in places)
    assert not page.all("link") + page.all("iframe")
    assert "url(" not in "".join(page.texts("style"))
    assert "@import" not in "".join(page.texts("style"))


def test_what_was_run_is_said_with_the_command_and_the_configuration(folders, grid, report):
    folder = folders.sweep("s", grid(optim__lr=[0.1, 0.2], epochs=[3]))
    (folder / "multirun.yaml").write_text(
        "hydra:\n  overrides:\n    hydra: [hydra.mode=MULTIRUN, hydra.sweep.dir=x]\n"
        "    task: ['optim.lr=0.1,0.2', epochs=3, 'name=a b']\n"
    )
    page = Page(report(folder))
    assert "python -m runner -m optim.lr=0.1,0.2 epochs=3 'name=a b'" in page.texts("code")
    assert page.texts("h1") == ["digits, mlp by optim.lr"]
    cells = page.texts("td", "code")
    assert cells[cells.index("optim.lr") :][:3] == ["optim.lr", "0.1, 0.2", "swept"]
    assert cells[cells.index("epochs") :][:3] == ["epochs", "3", "override"]
    assert "default" in cells


def test_points_are_ranked_on_the_validation_split_alone(folders, make_curve, report):
    (folders.root / "s").mkdir()
    for job, (rate, loss) in enumerate([(0.1, 0.9), (0.2, 0.3), (0.3, 0.6)]):
        rows = [row | {"val/loss": loss} for row in make_curve(2)]
        folders.run(f"s/{job}", {"optim.lr": rate}, rows)
    text = report(folders.root / "s")
    assert "best by val/loss first" in text
    body = text[text.index('id="points"') :]
    order = [body.index(f"{rate}</td>") for rate in ("0.2", "0.3", "0.1")]
    assert order == sorted(order)
    assert body.index('<span class="best">best</span> 0.2</td>') < order[1]


def test_without_a_validation_split_none_is_best(sweep, folders, grid, report):
    assert "without a validation split none is called best" in report(sweep)
    page = report(folders.sweep("t", grid(optim__lr=[0.1, 0.2])))
    assert "No epoch is called best: that takes a validation split." in page


def test_summary_begins_with_what_decides(folders, make_curve, report):
    (folders.root / "s").mkdir()
    for job in range(2):
        rows = [row | {"val/loss": 0.3} for row in make_curve(2)]
        folders.run(f"s/{job}", {"optim.lr": job}, rows)
    text = report(folders.root / "s")
    heads = re.findall(r"<th [^>]*>([^<]+)</th>", text[text.index('id="points"') :])
    assert heads[:4] == ["optim.lr", "n", "failed", "val/loss"]
    assert heads.count("val/loss") == 1


def test_columns_of_a_runs_settings_are_told_from_its_metrics(sweep, report):
    text = report(sweep)
    found = re.findall(r"data-key><button type=\"button\">([^<]*)<", text)
    assert found == ["seed", "optim.lr", "model.width"]


def test_failures_are_told_with_their_reasons(sweep, report):
    path = sweep / "3" / "summary.json"
    told = json.loads(path.read_text()) | {"status": "diverged", "reason": "The loss was <inf>."}
    path.write_text(json.dumps(told))
    page = Page(report(sweep))
    assert "1 of 12 runs did not complete." in page.texts("p")
    assert "The loss was <inf>." in page.texts("td")


def test_figures_have_words_and_tables(sweep, report):
    page = Page(report(sweep))
    figures = [attrs for attrs in page.all("div") if "data-item" in attrs]
    # train/loss, test/accuracy, test/loss, train/accuracy; to be chosen model/weight_norm; two
    # values; one pair
    assert len(figures) == len(page.data) == 4 + 1 + 2 + 1
    assert all(len(attrs["aria-label"]) > 20 for attrs in figures)
    assert page.texts("summary").count("The same as a table") == 3


def test_hostile_names_stay_text(folders, report):
    points = [{"name": NASTY, "optim.lr": rate, NASTY: "b"} for rate in (0.1, f"x{NASTY}")]
    config = {"dataset": {"name": NASTY}, "model": {"name": "mlp", NASTY: NASTY}}
    page = Page(report(folders.sweep("s", points, config=config)))
    assert len(page.scripts) == 3
    assert len(page.data) == len([a for a in page.all("div") if "data-item" in a])
    assert any(NASTY in text for text in page.texts("code"))
    assert page.texts("h1")[0].startswith(NASTY)


@pytest.mark.parametrize("state", ["alone", "torn", "empty", "nothing ended"])
def test_any_state_has_a_report(folders, make_curve, report, state):
    folder = folders.root / "s"
    if state == "alone":
        folders.run("s", {"optim.lr": 0.1}, make_curve(3))
    elif state == "torn":
        folders.run("s/0", {"optim.lr": 0.1}, make_curve(3))
        (folder / "0" / "summary.json").write_text('{"status":')
        (folder / "0" / ".hydra" / "config.yaml").write_text("a: [")
        (folder / "multirun.yaml").write_text("hydra: [")
    elif state == "empty":
        folders.run("s/0", status="failed")
    else:
        for job in range(4):
            rows = [row | {"test/accuracy": float("nan")} for row in make_curve(1)]
            folders.run(f"s/{job}", {"optim.lr": job}, rows, status="diverged")
    page = Page(report(folder))
    assert page.texts("h2")
    assert len(page.data) == len([a for a in page.all("div") if "data-item" in a])


def test_run_alone_shows_its_splits_in_one_figure(folders, make_curve, report):
    folders.run("r", {"optim.lr": 0.1}, make_curve(5))
    page = Page(report(folders.root / "r"))
    assert page.texts("button") == ["train", "test", "show or hide all"]
    assert len(page.data) == 2
    assert "python -m runner optim.lr=0.1" in page.texts("code")


def test_same_files_give_the_same_bytes(sweep, report):
    assert report(sweep) == report(sweep)


def test_hundred_runs_of_a_hundred_epochs_weigh_less_than_two_megabytes(folders, grid, report):
    points = grid(optim__lr=[0.01 * i for i in range(1, 11)], model__width=[1, 2], seed=range(5))
    text = report(folders.sweep("s", points, 100))
    assert len(text.encode()) < 2_000_000
    assert "is drawn; curves.csv has all" not in text, "no epoch is left out yet"


def test_hundred_runs_with_a_validation_split_weigh_no_more(folders, grid, make_curve, report):
    (folders.root / "s").mkdir()
    rows = [row | {"val/loss": row["test/loss"], "val/accuracy": 0.7} for row in make_curve(100)]
    keys = {f"a__{name}": [1, 2, 3] for name in "bcdefg"}
    for job, point in enumerate(grid(**keys)[::7][:100]):
        folders.run(f"s/{job}", point, rows)
    assert len(report(folders.root / "s").encode()) < 2_000_000


def test_thousand_runs_are_thinned_and_it_is_said(folders, grid, report):
    points = grid(optim__lr=[0.001 * i for i in range(1, 201)], seed=range(5))
    text = report(folders.sweep("s", points, 60))
    assert re.search(r"one in \d+ is drawn; curves.csv has all", text)
    assert len(text.encode()) < 3_000_000
    assert text.count("<tr>") > 1000


def test_plots_that_have_no_figure_are_carried_inside(sweep, report):
    (sweep / "plots").mkdir()
    for name in ("curves", "by_optim-lr", "path", "rates"):
        (sweep / "plots" / f"{name}.png").write_bytes(name.encode())
    images = Page(report(sweep)).all("img")
    contents = [base64.b64decode(image["src"].partition(",")[2]) for image in images]
    assert contents == [b"path", b"rates"]
    assert all(image["alt"] for image in images)
    (sweep / "plots" / "path.png").write_bytes(b" " * 2_000_000)
    assert len(Page(report(sweep)).all("img")) == 1
