"""What ``python -m runner --help`` says: the template of ``conf/hydra/help``, without Hydra.

Hydra takes most of a second to say the same.
"""

from textwrap import TextWrapper

from runner.commands import commands
from runner.config_groups import STUDIES, choice_names, group_names
from runner.paths import conf_folder
from runner.plain_values import load_yaml

GROUPS = "$APP_CONFIG_GROUPS\n"
LINES = TextWrapper(80, subsequent_indent="  ", break_on_hyphens=False)


def help_page() -> str:
    """Return the page, its long lists of choices folded to its width."""
    file = conf_folder() / "hydra" / "help" / "runner.yaml"
    template: str = load_yaml(file.read_text("utf-8"))["template"]
    listed = f"  Commands, each with --help: runner {', runner '.join(commands())}"
    page = template.replace(GROUPS, f"{_groups()}\n").rstrip()
    return "\n".join(map(_folded, [*page.splitlines(), listed]))


def _groups() -> str:
    names = sorted([*group_names(), STUDIES])
    return "".join(f"{name}: {', '.join(choice_names(name))}\n" for name in names)


def _folded(line: str) -> str:
    return LINES.fill(line) if len(line) > LINES.width else line
