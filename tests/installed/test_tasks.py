"""The tasks of docs/tasks.md, typed as they stand there, each section in an empty folder."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.commands

PAGE = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", PAGE, re.MULTILINE))
BLOCK = re.compile(r"```(?P<kind>\w*) ?(?P<file>\S*)\n(?P<text>.*?)```", re.DOTALL)


class Typist:
    """Types a section's blocks into a shell of the environment that has the program."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder

    def type(self, kind: str, file: str, text: str) -> None:
        if file:
            (self.folder / file).parent.mkdir(exist_ok=True)
            (self.folder / file).write_text(text, encoding="utf-8")
        elif kind == "python":
            self.ends_well(shlex.join(["python", "-c", self.newest(text)]))
        elif kind == "console":
            for typed, told in re.findall(r"^\$ (.+)\n((?:(?!\$ ).+\n)*)", text, re.MULTILINE):
                self.is_refused(typed, told)
        else:
            for line in text.splitlines():
                self.ends_well(self.newest(line))

    def ends_well(self, line: str) -> None:
        done = self.shell(line)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"

    def is_refused(self, line: str, told: str) -> None:
        before = sorted(self.folder.rglob("*"))
        done = self.shell(line)
        assert (done.returncode, done.stderr) == (2, told), line
        left = [path for path in self.folder.rglob("*") if "__pycache__" not in path.parts]
        assert sorted(left) == before, f"{line} leaves something behind"

    def shell(self, line: str) -> "subprocess.CompletedProcess[str]":
        path = f"{self.program.parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env={**os.environ, "PATH": path, "PYTHONPATH": "", "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    def newest(self, text: str) -> str:
        for kind in ("runs", "sweeps"):
            found = sorted((self.folder / "outputs" / kind).glob("*/*"))
            place = str(found[-1].relative_to(self.folder)) if found else "there is none"
            text = text.replace(f"outputs/{kind}/…", place)
        return text


def test_the_list_at_the_top_names_every_section():
    listed = re.findall(r"^- \[(.+)\]\(#(.+)\)$", PAGE, re.MULTILINE)
    assert [name for name, _ in listed] == [*SECTIONS]
    for name, anchor in listed:
        assert anchor == re.sub(r"[^\w -]", "", name.lower()).replace(" ", "-")


@pytest.mark.parametrize("section", SECTIONS)
def test_a_task_is_done_by_what_the_page_says(section, runner, tmp_path):
    typist = Typist(runner, tmp_path)
    for block in BLOCK.finditer(SECTIONS[section]):
        typist.type(**block.groupdict())


def test_the_shell_completes_after_that_line(runner, tmp_path):
    line = next(line for line in PAGE.splitlines() if line.startswith("eval "))
    done = Typist(runner, tmp_path).shell(f"{line}; complete -p runner")
    assert done.returncode == 0 and done.stdout.endswith(" runner\n"), done.stderr
