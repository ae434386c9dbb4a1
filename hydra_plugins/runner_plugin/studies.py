"""Studies as a config group: ``experiment=NAME`` is the file ``NAME.yaml`` in a studies folder."""

from pathlib import Path

from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigResult

GROUP = "experiment"


class StudiesSource(FileConfigSource):
    """A folder of YAML files, shown to Hydra as the choices of one group."""

    @staticmethod
    def scheme() -> str:
        """Return the scheme of this source's addresses."""
        return "studies"

    def load_config(self, config_path: str) -> ConfigResult:
        """Load a study, refused if Hydra would run code that it names."""
        from yaml import YAMLError

        from runner.errors import RequestError
        from runner.studies import check_study

        try:
            result = super().load_config(_within(config_path))
        except YAMLError as error:
            raise RequestError(
                f"{config_path}.yaml is no YAML: {' '.join(str(error).split())}"
            ) from error
        check_study(config_path, result.config, result.header)
        return result

    def is_group(self, config_path: str) -> bool:
        """Whether this is the root or the group of studies."""
        return config_path.strip("/") in ("", GROUP) and super().is_group("")

    def is_config(self, config_path: str) -> bool:
        """Whether a study of this name exists."""
        return config_path.startswith(f"{GROUP}/") and super().is_config(_within(config_path))

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """List the group, or the studies in it."""
        if config_path.strip("/") == GROUP and results_filter != ObjectType.GROUP:
            return sorted(file.stem for file in Path(self.path).glob("*.yaml"))
        at_root = not config_path.strip("/") and results_filter != ObjectType.CONFIG
        return [GROUP] if at_root else []


def _within(config_path: str) -> str:
    return config_path.removeprefix(f"{GROUP}/")
