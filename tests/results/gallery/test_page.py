import json
from io import BytesIO

import pytest
from PIL import Image

from runner.errors import RequestError
from runner.results.gallery.checks import parse_check
from runner.results.gallery.headers import Header
from runner.results.gallery.page import (
    MISSED,
    WIDEST,
    Outcome,
    copy_plot,
    escape,
    is_finished,
    read_outcome,
    render,
    write_note,
)

POINTS = [{"optim.lr": rate, "seed": seed} for rate in (0.1, 0.2) for seed in (0, 1)]


def header(*checks, name="mine", group="Optimisation"):
    return Header(
        name=name,
        question="Is a<b or a*b?",
        source="a book",
        run=f"python -m runner experiment={name}",
        data=None,
        cost="Seconds.",
        expected="it | holds.",
        checks=tuple(map(parse_check, checks)),
        plot="curves",
        quick=False,
        group=group,
        order=1,
    )


@pytest.fixture
def sweep(folders):
    folder = folders.sweep("mine", POINTS)
    (folder / "sweep.csv").write_text("")
    (folder / "plots").mkdir()
    Image.new("RGB", (30, 20)).save(folder / "plots" / "curves.png")
    return folder


def test_finished_is_a_study_whose_runs_all_came_to_an_end(sweep, folders, make_curve):
    assert is_finished(sweep)
    folders.run("mine/4", {"optim.lr": 0.3}, make_curve(1), status="diverged")
    assert is_finished(sweep)
    folders.run("mine/5", {"optim.lr": 0.3}, make_curve(1), status="interrupted")
    assert not is_finished(sweep)


def test_half_runs_are_not_finished(sweep, folders, make_curve, tmp_path):
    (sweep / "2" / "summary.json").unlink()
    assert not is_finished(sweep)
    folders.sweep("other", POINTS)
    assert not is_finished(tmp_path / "other"), "its tables were never written"
    (tmp_path / "empty").mkdir()
    assert not is_finished(tmp_path / "empty")
    assert not is_finished(tmp_path / "nowhere")
    assert is_finished(folders.run("run", {}, make_curve(1)))


def test_gallery_shows_what_was_found(sweep):
    checks = ["test/loss at optim.lr=0.1: 0.4 to 0.6", "test/loss: below 0.1", "status: ok"]
    write_note(sweep, 12.34, "a machine, 2 cores")
    outcome = read_outcome(header(*checks), sweep)
    page = render([outcome], "images")
    assert "| `test/loss` at `optim.lr=0.1` | 0.4 to 0.6 | 0.505 ± 0.0071 (n = 2 seeds) |" in page
    assert (
        f"| `test/loss` | below 0.1 | 0.515 ± 0.013 (n = 4 runs over optim.lr, seeds) {MISSED} |"
        in page
    )
    assert "| `status` | ok | ok (n = 4) |" in page
    assert page.count(MISSED) == 1
    assert outcome.missed == [
        "test/loss: below 0.1 | obtained: 0.515 ± 0.013 (n = 4 runs over optim.lr, seeds)"
    ]
    assert "Obtained on: a machine, 2 cores." in page
    assert "Cost: Seconds. Took 12 s here." in page
    assert "```\npython -m runner experiment=mine\n```" in page
    assert r"**Is a\<b or a\*b?**" in page
    assert r"](images/mine.png)" in page


@pytest.mark.parametrize("note", ["{", "[]", '{"seconds": "x", "machine": ""}', '{"seconds": 1}'])
def test_a_note_that_is_none_is_told_by_its_name(note, sweep):
    (sweep / "gallery.json").write_text(note)
    with pytest.raises(RequestError, match=r"gallery.json' can't be read"):
        read_outcome(header("status: ok"), sweep)


def test_a_note_of_others_is_one_line_of_plain_text(sweep):
    (sweep / "gallery.json").write_text(
        json.dumps({"seconds": 1, "machine": "\x1b[2J a\n\n# b <b>"})
    )
    page = render([read_outcome(header("status: ok"), sweep)], "images")
    assert r"Obtained on: \\x1b[2J a # b \<b>" in page and "\x1b" not in page


def test_torch_and_device_come_from_the_runs(sweep):
    text = '{"status": "ok", "device": "cuda", "versions": {"torch": "2.99"}}'
    (sweep / "0" / "summary.json").write_text(text)
    assert read_outcome(header("status: ok"), sweep).machine == "torch 2.99, cuda"


def test_missing_plot_is_a_fault(sweep):
    (sweep / "plots" / "curves.png").unlink()
    outcome = read_outcome(header("status: ok"), sweep)
    assert outcome.missed == ["There is no plot 'curves'."]
    assert "There is no plot 'curves'." in render([outcome], "images")


def test_failed_runs_are_a_fault_whatever_the_checks_look_at(sweep, folders):
    folders.run("mine/4", {"optim.lr": 0.3}, status="failed")
    folders.run("mine/5", {"optim.lr": 0.4}, status="diverged")
    outcome = read_outcome(header("test/loss at optim.lr=0.1: above 0"), sweep)
    assert outcome.missed == ["Runs that failed: 1."]
    assert "**Runs that failed: 1.**" in render([outcome], "images")


def test_study_without_results_is_listed(tmp_path):
    outcome = read_outcome(header("test/loss: below 0.1"), tmp_path / "nowhere")
    page = render([outcome], "images")
    assert outcome.missed == []
    assert "| `test/loss` | below 0.1 | not run yet |" in page
    assert "![" not in page
    assert "Obtained on" not in page


def test_chapters_stand_in_their_order():
    studies = [
        header("status: ok", name=name, group=group)
        for name, group in [
            ("one", "Optimisation"),
            ("two", "Linear networks"),
            ("three", "Optimisation"),
        ]
    ]
    page = render([Outcome(study) for study in studies], "images")
    assert page.index("- [two](#two): ") < page.index("- [one](#one): ")
    assert "**[Linear networks](#linear-networks)**" in page
    headings = [line for line in page.splitlines() if line.startswith("##")]
    assert headings == ["## Linear networks", "### two", "## Optimisation", "### one", "### three"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a*b", r"a\*b"),
        ("λ < 3", r"λ \< 3"),
        (r"\alpha", r"\\alpha"),
        ("`a*b` * c", r"`a*b` \* c"),
        ("‖w‖ of [0.2, 0.5]", "‖w‖ of [0.2, 0.5]"),
    ],
)
def test_text_is_shown_as_it_is(text, shown):
    assert escape(text) == shown


def test_bars_end_no_cell(sweep):
    outcome = read_outcome(header("test/loss at optim.lr=a|b: below 1"), sweep)
    assert r"| `test/loss` at `optim.lr=a\|b` | below 1 | No run" in render([outcome], "images")


@pytest.mark.parametrize(("size", "copied"), [((1800, 600), (WIDEST, 300)), ((900, 50), (900, 50))])
def test_plots_are_no_wider_than_a_page(tmp_path, size, copied):
    source, target = tmp_path / "a.png", tmp_path / "deep" / "b.png"
    Image.new("RGBA", size).save(source)
    copy_plot(source, target)
    with Image.open(BytesIO(target.read_bytes())) as image:
        assert image.size == copied
    assert size != copied or target.read_bytes() == source.read_bytes()


def test_what_is_no_plot_is_not_copied(tmp_path):
    (tmp_path / "secret.txt").write_text("hunter2")
    (tmp_path / "link.png").symlink_to(tmp_path / "secret.txt")
    vast = BytesIO()
    Image.new("1", (20_000, 20_000)).save(vast, "PNG")
    (tmp_path / "vast.png").write_bytes(vast.getvalue())
    (tmp_path / "text.png").write_text("no picture")
    no_picture = "is no picture that a page can show"
    for name, why in {"link": "symbolic link", "vast": no_picture, "text": no_picture}.items():
        with pytest.raises(RequestError, match=rf"{name}.png' .*{why}"):
            copy_plot(tmp_path / f"{name}.png", tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()
