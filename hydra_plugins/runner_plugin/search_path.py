"""Where configs are found besides runner's own: studies, and the components of other packages."""

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin


class RunnerSearchPath(SearchPathPlugin):
    """Adds runner's studies, those of the current folder, and the ``conf/`` of components."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append the folders that exist; a plugin's package is found without importing it."""
        from runner.paths import component_conf_folders, studies_folders

        for folder in studies_folders():
            search_path.append("runner-studies", f"studies://{folder}")
        for name, conf in component_conf_folders():
            search_path.append(name, f"file://{conf}")
