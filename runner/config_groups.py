"""The groups of the configuration and their choices, as the names of the files say them.

What answers at once asks here: no file is parsed, no component imported.
"""

from pathlib import Path

from runner.paths import component_conf_folders, conf_folder, studies_folders

STUDIES = "experiment"


def config_folders() -> list[Path]:
    """Return the folders of groups: the program's, one's own, those of installed packages."""
    return [conf_folder(), *(folder for _, folder in component_conf_folders())]


def group_names() -> list[str]:
    """Return the groups of components, in order of their names; studies are none of them."""
    found = (path for folder in config_folders() for path in folder.iterdir() if path.is_dir())
    return sorted({path.name for path in found} - {"hydra"})


def choice_names(group: str) -> list[str]:
    """Return what may be chosen from a group, `STUDIES` included, in order; none of no group."""
    if group == STUDIES:
        folders = studies_folders()
    else:
        folders = [folder / group for folder in config_folders()]
    return sorted({path.stem for folder in folders for path in folder.glob("*.yaml")})
