import pytest
import torch

from runner import device as devices
from runner.errors import RequestError
from runner.registry import find, names


def build(name, **changes):
    keys = {"precision": "float32", "compile": "none", "threads": "auto", "deterministic": False}
    keys |= changes
    return find("device", name)(**keys)


@pytest.fixture
def present(monkeypatch):
    """Pretends which kinds of devices there are."""
    return lambda *kinds: monkeypatch.setattr(devices, "_present", lambda kind: kind in kinds)


def test_the_cpu_is_always_there():
    assert build("cpu").resolve() == torch.device("cpu")


@pytest.mark.parametrize(
    ("kinds", "chosen"),
    [(("cpu",), "cpu"), (("cpu", "mps"), "mps"), (("cpu", "mps", "cuda"), "cuda")],
)
def test_auto_takes_the_first_that_is_present(present, kinds, chosen):
    present(*kinds)
    assert build("auto").resolve().type == chosen


@pytest.mark.parametrize("name", ["cuda", "mps"])
def test_a_device_that_is_absent_is_refused_with_those_present(present, name):
    present("cpu")
    with pytest.raises(RequestError, match=f"device={name} is not present here.*auto, cpu"):
        build(name).resolve()


@pytest.mark.parametrize("name", ["auto", "mps"])
def test_mps_has_no_float64(present, name):
    present("cpu", "mps")
    with pytest.raises(
        RequestError, match=r"float64 does not exist on mps\. Allowed there: float32\."
    ):
        build(name, precision="float64").resolve()


def test_a_gpu_alone_has_cuda_graphs(present):
    present("cpu", "cuda")
    assert build("cuda", compile="cuda-graphs").resolve().type == "cuda"
    with pytest.raises(
        RequestError, match=r"cuda-graphs does not exist on cpu\. .* none, inductor"
    ):
        build("cpu", compile="cuda-graphs").resolve()


def test_to_compile_needs_a_compiler(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "clang++").touch(mode=0o755)  # Inductor would not take it
    with pytest.raises(RequestError, match=r"needs the C\+\+ compiler g\+\+.*device\.compile=none"):
        build("cpu", compile="inductor").resolve()
    compiler = tmp_path / "my-compiler"
    compiler.touch(mode=0o755)
    monkeypatch.setenv("CXX", f"{compiler} -v")
    build("cpu", compile="inductor").resolve()


@pytest.mark.parametrize("name", names("device"))
def test_every_device_takes_the_same_keys(name):
    device = build(name, precision="float64", threads=3, deterministic=True)
    assert (device.dtype, device.threads, device.deterministic) == (torch.float64, 3, True)


def test_what_is_absent_is_no_fault_where_others_train_on_it(present):
    present("cpu")
    with devices.trained_elsewhere(on_gpus=True):
        assert build("cuda", precision="tf32").resolve() == torch.device("cpu")
        assert build("auto", precision="tf32").resolve() == torch.device("cpu")
    with devices.trained_elsewhere(on_gpus=False), pytest.raises(RequestError, match="not present"):
        build("cuda").resolve()
    with pytest.raises(RequestError, match="not present"):
        build("cuda").resolve()
