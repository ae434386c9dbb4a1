"""Where configs are found besides runner's own: studies, and the components of other packages."""

from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin


class RunnerSearchPath(SearchPathPlugin):
    """Adds runner's studies, those of the current folder, and the ``conf/`` of components."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append the folders that exist; a plugin's package is found without importing it."""
        from runner.paths import components_folder, studies_folders

        for folder in studies_folders():
            search_path.append("runner-studies", f"studies://{folder}")
        if (own := components_folder()) and (own / "conf").is_dir():
            search_path.append("components", f"file://{own / 'conf'}")
        for entry_point in entry_points(group="runner.components"):
            spec = find_spec(entry_point.value.partition(":")[0].partition(".")[0])
            for location in (spec.submodule_search_locations or []) if spec else []:
                if (conf := Path(location) / "conf").is_dir():
                    search_path.append(entry_point.name, f"file://{conf}")
