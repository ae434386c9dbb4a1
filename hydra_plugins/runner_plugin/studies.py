"""Studies as a config group: ``experiment=NAME`` is the file ``NAME.yaml`` in a studies folder."""

from pathlib import Path

from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigLoadError, ConfigResult, ConfigSource

GROUP = "experiment"


class StudiesSource(ConfigSource):
    """A folder of YAML files, shown to Hydra as the choices of one group."""

    @staticmethod
    def scheme() -> str:
        """Return the scheme of this source's addresses."""
        return "studies"

    def load_config(self, config_path: str) -> ConfigResult:
        """Load a study, refused if Hydra would run code that it names."""
        from runner.config_files import read_config
        from runner.studies import check_study

        if not self.is_config(config_path):
            raise ConfigLoadError(f"There is no study {self._file(config_path)}.")
        study = read_config(self._file(config_path))
        header = self._get_header_dict(self._file(config_path).read_text(encoding="utf-8"))
        check_study(config_path, study, header)
        return ConfigResult(self.provider, f"{self.scheme()}://{self.path}", study, header)

    def available(self) -> bool:
        """Whether there is such a folder."""
        return Path(self.path).is_dir()

    def is_group(self, config_path: str) -> bool:
        """Whether this is the root or the group of studies."""
        return config_path.strip("/") in ("", GROUP) and self.available()

    def is_config(self, config_path: str) -> bool:
        """Whether a study of this name exists."""
        return config_path.startswith(f"{GROUP}/") and self._file(config_path).is_file()

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """List the group, or the studies in it."""
        if config_path.strip("/") == GROUP and results_filter != ObjectType.GROUP:
            return sorted(file.stem for file in Path(self.path).glob("*.yaml"))
        at_root = not config_path.strip("/") and results_filter != ObjectType.CONFIG
        return [GROUP] if at_root else []

    def _file(self, config_path: str) -> Path:
        name = self._normalize_file_name(config_path.removeprefix(f"{GROUP}/"))
        return Path(self.path, name)
