"""The suite of benchmarks: its rows, its page, and that its peers do the same work as ours."""

import importlib.util
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

import benchmarks.__main__ as command
from benchmarks.__main__ import main
from benchmarks.catalogue import CATALOGUE, Benchmark
from benchmarks.page import (
    BETWEEN,
    PAGE,
    README,
    TEMPLATE,
    page_of,
    readme_of,
    write_page,
    write_readme,
)  # fmt: skip
from benchmarks.peers.told import Asked, Clock, Told
from benchmarks.rows import OURS, Results, Row, Spread, read_results, replace_rows
from benchmarks.suite.compare import Comparison, Peer
from benchmarks.suite.training import PEERS, SCIKIT

SIX = Spread(6.0, 5.0, 8.0, 3)
OURS_ROW = Row(
    workload="an epoch",
    seconds=Spread(2.0, 1.9, 2.2, 3),
    command="python -m benchmarks mlp",
    date="2026-11-22",
    benchmark="mlp",
)
PEER_ROW = replace(
    OURS_ROW,
    implementation="a peer",
    seconds=SIX,
    ratio=Spread(3.0, 2.5, 3.6, 3),
    parts={"import": 1.5, "train": 4.0, "other": 0.5},
    quality=("accuracy", 0.8123),
    aim="at least 2",
    versions={"torch": "2.15.0"},
)


def test_the_page_is_what_the_suite_makes_of_its_words_and_files():
    assert PAGE.read_text(encoding="utf-8") == page_of(read_results())


def test_the_table_of_the_readme_is_what_the_suite_makes_of_its_files():
    words = README.read_text(encoding="utf-8")
    assert BETWEEN.search(words)
    assert words == readme_of(read_results(), words)


def test_peers_become_rows_of_the_readme():
    words = "# Title\n<!-- figures: python -m benchmarks -->\nold\n<!-- end -->\nrest"
    missing = replace(PEER_ROW, implementation="gone", seconds=None, ratio=None, missing="no")
    made = readme_of([Results("two cores", (OURS_ROW, PEER_ROW, missing))], words)
    assert "| an epoch | a peer | 6 s | 2 s | 3 |" in made
    assert "two cores" in made and "gone" not in made and "old" not in made
    assert readme_of([Results("two cores", ())], made).count("|") == 0


def test_every_benchmark_has_its_place_on_the_page():
    places = re.findall(r"\{\{([\w-]+)\}\}", TEMPLATE.read_text(encoding="utf-8"))
    assert sorted(places) == sorted(CATALOGUE)
    assert {row.benchmark for one in read_results() for row in one.rows} <= {*CATALOGUE}


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_benchmark_can_be_called(name):
    one = CATALOGUE[name]
    module = importlib.import_module(f"benchmarks.suite.{one.module}")
    assert one.about and one.minutes and callable(module.measure)
    iter(module.measure(*one.arguments))  # a generator: nothing is measured yet


def test_rows_become_a_page():
    page = page_of([Results("two cores", (OURS_ROW, PEER_ROW))], "# Title\n\n{{mlp}}\n\n{{digits}}")
    assert "| an epoch | ours | 2 s (1.9 to 2.2, 3) | 1 |  |  |" in page
    row = "|  | a peer | 6 s (5 to 8, 3) | 3 (2.5 to 3.6, 3) | at least 2 | accuracy 0.812 |"
    assert row in page
    assert "| an epoch | a peer | 1.50 | 4.00 | 0.50 |" in page
    assert "`python -m benchmarks mlp`; 2026-11-22; two cores; torch 2.15.0." in page
    assert "| 1 |" not in page_of([Results("two cores", (OURS_ROW,))], "{{mlp}}")  # of nothing
    assert page.endswith("`python -m benchmarks digits`: not measured yet.")


def test_rows_of_one_benchmark_are_replaced_and_others_kept(tmp_path):
    other = replace(PEER_ROW, benchmark="digits", implementation=OURS)
    replace_rows("mlp", [OURS_ROW, PEER_ROW], "Two cores, Linux", tmp_path)
    replace_rows("digits", [other], "Two cores, Linux", tmp_path)
    replace_rows("mlp", [PEER_ROW], "Two cores, Linux", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["two-cores-linux.json"]
    assert read_results(tmp_path) == [Results("Two cores, Linux", (other, PEER_ROW))]


def told(**more: object) -> Told:
    return Told(**{"quality": 0.8, "parameters": 10, "steps": 5, "seconds": 2.0, **more})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"quality": 0.7}, "reached 0.7 where ours has 0.8: another result"),
        ({"quality": float("nan")}, "another result"),
        ({"parameters": 11}, "11 parameters where ours has 10: another task"),
        ({"steps": 4}, "4 steps where ours has 5: another task"),
    ],
)
def test_a_fast_wrong_loop_has_no_figure(wrong, said):
    row = Comparison("w", "accuracy", 0.05).row(Peer("p", "bare"), [told(**wrong)], [told()])
    assert said in row.missing
    assert row.seconds is row.ratio is None


def test_a_peer_that_does_the_same_has_one():
    fine = told(quality=0.83, seconds=3.0)
    row = Comparison("w", "accuracy", 0.05).row(Peer("p", "bare"), [fine] * 2, [told()] * 2)
    assert row.missing == ""
    assert row.ratio == Spread(1.5, 1.5, 1.5, 2)


def test_a_peer_without_its_package_says_so():
    peer = Peer("a peer", "bare", ("torch", "no_such_package"))
    row = Comparison("w", "accuracy", 0.05).row(peer, [], [told()])
    assert row.missing == "no_such_package not installed"


def test_a_name_that_is_none_is_told_with_the_nearest(capsys):
    assert main(["mpl"]) == 2
    assert "did you mean mlp?" in capsys.readouterr().err
    assert main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [*CATALOGUE]


@dataclass(frozen=True)
class Made(Benchmark):
    """A benchmark whose figures are made up; or one that fails."""

    fails: bool = False

    def measure(self) -> Iterator[Row]:
        yield Row(workload="w", seconds=SIX)
        if self.fails:
            raise RuntimeError("the peer crashed")


def test_the_command_keeps_rows_and_leaves_those_of_what_fails(tmp_path, monkeypatch, capsys):
    made = {name: Made(name, "made", 1, "none", fails=name == "bad") for name in ("good", "bad")}
    monkeypatch.setattr(command, "CATALOGUE", made)
    monkeypatch.setattr(command, "replace_rows", partial(replace_rows, folder=tmp_path))
    monkeypatch.setattr(command, "write_page", lambda: write_page(tmp_path, tmp_path / "page.md"))
    (tmp_path / "README.md").write_text("# Title\n")
    monkeypatch.setattr(
        command, "write_readme", lambda: write_readme(tmp_path, tmp_path / "README.md")
    )
    assert main([]) == 1
    (kept,) = read_results(tmp_path)
    assert [(row.benchmark, row.command) for row in kept.rows] == [
        ("good", "python -m benchmarks good")
    ]
    assert kept.rows[0].date and {"python", "torch"} <= kept.rows[0].versions.keys()
    told = capsys.readouterr()
    assert "w: ours: 6 s (5 to 8, 3)" in told.out
    assert "failed: bad; their rows are as they were." in told.err


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fashion-MNIST's folder with 300 images of noise, whose classes show in their brightness."""
    root = tmp_path_factory.mktemp("images")
    raw = root / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for name in ("train", "t10k"):
        classes = bytes(i % 10 for i in range(300))
        pixels = b"".join(bytes([20 * c]) * 784 for c in classes)
        head = struct.pack(">IIII", 2051, 300, 28, 28)
        (raw / f"{name}-images-idx3-ubyte").write_bytes(head + pixels)
        (raw / f"{name}-labels-idx1-ubyte").write_bytes(struct.pack(">II", 2049, 300) + classes)
    return root


@pytest.mark.parametrize("network", ["mlp", "dropout-mlp", "lenet-bn"])
@pytest.mark.parametrize("peer", [*PEERS, SCIKIT], ids=lambda peer: peer.name)
def test_a_peer_trains_as_many_parameters_in_as_many_steps(
    peer, network, images, make_config, tmp_path, monkeypatch
):
    from runner.build import build_network

    if why := peer.missing():
        pytest.skip(why)
    if peer is SCIKIT and network != "mlp":
        pytest.skip("it has neither dropout nor convolutions")
    monkeypatch.chdir(tmp_path)  # Lightning keeps its files where one stands
    module = importlib.import_module(f"benchmarks.peers.{peer.module}")
    quiet = "quiet=true" in peer.words
    clock = Clock()
    found = module.run(Asked(network, epochs=2, data=images, quiet=quiet), clock)
    ours = build_network(make_config(f"model={network}"), (1, 28, 28), 10)
    assert found.parameters == sum(tensor.numel() for tensor in ours.parameters())
    assert found.steps == 2 * 2  # 300 images in batches of 256
    assert len(found.epochs) == 2 and 0 <= found.quality <= 1
    assert {"load", "compile", "train", "test"} <= clock.parts.keys()


def test_peers_read_the_images_that_ours_reads(make_config, tmp_path):
    import torch

    from benchmarks.peers.bare import fashion as as_peers_do
    from benchmarks.suite.data import fashion
    from runner.build import load_data

    config = make_config("dataset=fashion-mnist")
    system = Path("/usr/share/datasets/fashion-mnist")
    if not any(path.is_dir() for path in (Path(config.dataset["root"]), system)):
        pytest.skip("Fashion-MNIST is neither in the data root nor in a system package")
    ours, theirs = load_data(config), as_peers_do(fashion(tmp_path))
    for name in ("train", "test"):
        split = ours.splits[name]
        mine = ours.prepare(split.inputs, torch.float32)  # times 1/255, where peers divide by 255
        torch.testing.assert_close(mine, theirs[name][0], rtol=0, atol=2**-24)
        assert torch.equal(split.targets, theirs[name][1])


def test_figures_of_a_gpu_are_blank_where_there_is_none(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    for name in ("gpu", "speedrun"):
        rows = [*CATALOGUE[name].measure()]
        assert len(rows) > 1 and any(row.aim for row in rows)
        assert {(row.seconds, row.ratio, row.missing) for row in rows} == {
            (None, None, "no GPU at hand")
        }
        assert "| no GPU at hand |" in page_of(
            [Results("m", tuple(replace(row, benchmark=name) for row in rows))], f"{{{{{name}}}}}"
        )


def test_epochs_of_a_gpu_are_measured_as_on_a_cpu(monkeypatch):
    from benchmarks.suite import gpu

    beside = (gpu.EAGER, gpu.loop("digits", 2, "at least 1"))
    monkeypatch.setattr(gpu, "WORKS", [gpu.Work("some", ("repeats=3",), beside)])
    typed = ("dataset=digits", "dataset.train_size=300", "epochs=2")
    mine, *others = gpu.measure("cpu", "none", 1, typed)
    assert [row.implementation for row in others] == [
        "ours, one operation after another",
        "the loop of tutorials, 2 runs",
    ]
    assert mine.seconds and mine.seconds.median > 0 and mine.ratio is None
    for row in others:
        assert row.seconds and row.ratio and not row.missing
        assert row.ratio.median == pytest.approx(row.seconds.median / mine.seconds.median)


def test_the_speedrun_tells_training_apart_from_the_command():
    from benchmarks.suite import speedrun
    from benchmarks.suite.here import configs

    (asked,) = configs(*(word for word in speedrun.WORDS if not word.startswith("device")))
    assert asked.dataset["name"] == "fashion-mnist"
    training, whole = speedrun.measure(("epochs=1", "dataset.train_size=64"), seeds=1)
    assert training.seconds and whole.seconds
    assert 0 < training.seconds.median < whole.seconds.median
    assert training.quality and training.quality == whole.quality
