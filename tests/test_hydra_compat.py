"""What is used of Hydra and OmegaConf without their promise is still there."""

import yaml
from hydra.core.global_hydra import GlobalHydra
from hydra.initialize import initialize_config_dir
from hydra.plugins.launcher import Launcher
from omegaconf import OmegaConf

from runner.hydra_compat import (
    args_parser,
    basic_launcher,
    default_choices,
    string_representer,
)
from runner.paths import conf_folder


def test_the_parser_knows_hydras_flags():
    known = args_parser().parse_args(["-m", "--cfg", "job", "seed=1"])
    assert (known.multirun, known.cfg, known.overrides) == (True, "job", ["seed=1"])


def test_the_basic_launcher_is_a_launcher():
    assert isinstance(basic_launcher(), Launcher)


def test_the_default_of_each_group_is_known():
    with initialize_config_dir(str(conf_folder()), version_base="1.3"):
        found = default_choices(GlobalHydra.instance().config_loader(), "config")
    assert found["model"] == "mlp"
    assert found["dataset"] == "digits"


def test_text_is_written_as_omegaconf_writes_it():
    class Dumper(yaml.Dumper):
        pass

    Dumper.add_representer(str, string_representer())
    content = {"a": "null", "b": "1e3", "c": "plain", "d": "a: b"}
    written = yaml.dump(content, Dumper=Dumper, sort_keys=False, allow_unicode=True)
    assert written == OmegaConf.to_yaml(OmegaConf.create(content))
