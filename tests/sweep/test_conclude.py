"""The end of a command: what can't be written is said, with what to type then."""

from pathlib import Path

TINY = ["dataset.train_size=40", "model.hidden=[8]", "epochs=1", "plots=false", "optim.lr=0.1,0.2"]


def test_tables_that_cannot_be_written_are_said_with_the_way_to_get_them(command):
    (Path("sweep") / "curves.csv").mkdir(parents=True)
    assert command("-m", *TINY, "hydra.sweep.dir=sweep")[0] == 2  # a folder with something in it
    (Path("sweep") / "curves.csv").rmdir()
    assert command("-m", *TINY, "hydra.sweep.dir=sweep")[0] == 0
    Path("sweep/curves.csv").unlink()
    Path("sweep/curves.csv").mkdir()
    code, said = command("--resume", "sweep")
    assert code == 1 and "The tables could not be written: [Errno" in said
    assert "To train what is left, and write them: python -m runner --resume" in said
    Path("sweep/curves.csv").rmdir()
    code, said = command("--resume", "sweep")
    assert code == 0 and Path("sweep/curves.csv").is_file(), said
