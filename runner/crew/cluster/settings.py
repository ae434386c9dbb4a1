"""How a cluster is asked to train: the keys of the launchers ``ray`` and ``slurm``, checked."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Width = Literal["auto"] | Annotated[int, Field(ge=1)]
Cores = Literal["auto"] | Annotated[int, Field(ge=1)]
Text = Annotated[str, Field(min_length=1)]
Least0 = Annotated[int, Field(ge=0)]
Least1 = Annotated[int, Field(ge=1)]


class ClusterSettings(BaseModel, ABC):
    """What both launchers have.

    Attributes:
        engine: Which it is.
        width: The largest group, or ``"auto"``.
        retries: How often a group is begun again whose worker, job or node was lost, each time
            without a new save.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: ClassVar[str]

    width: Width
    retries: Least0

    @property
    @abstractmethod
    def on_gpus(self) -> bool:
        """Whether groups train on GPUs, which the machine of the command need not have."""

    def record(self) -> dict[str, Any]:
        """Return the same as plain values, for the sweep's folder."""
        return {"engine": self.engine, **self.model_dump()}


class RaySettings(ClusterSettings):
    """The keys of ``hydra/launcher=ray``; ``conf/hydra/launcher/ray.yaml`` says what they mean."""

    engine: ClassVar[str] = "ray"

    address: Text | None
    cpus: Cores
    gpus: Annotated[float, Field(ge=0)]
    timeout_min: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None
    shared: bool
    runtime_env: dict[str, Any] | None

    @property
    def on_gpus(self) -> bool:
        """See `ClusterSettings`."""
        return self.gpus > 0


class SlurmSettings(ClusterSettings):
    """The keys of ``hydra/launcher=slurm``; see ``conf/hydra/launcher/slurm.yaml``."""

    engine: ClassVar[str] = "slurm"

    partition: Text | None
    timeout_min: Least1
    cpus_per_task: Cores
    gpus_per_node: Least0
    mem_gb: Annotated[float, Field(gt=0)] | None
    account: Text | None
    qos: Text | None
    constraint: Text | None
    exclude: Text | None
    array_parallelism: Least1
    setup: list[str]
    signal_delay_s: Least1
    additional_parameters: dict[str, Any] | None

    @property
    def on_gpus(self) -> bool:
        """See `ClusterSettings`."""
        return self.gpus_per_node > 0


SETTINGS: dict[str, type[ClusterSettings]] = {"ray": RaySettings, "slurm": SlurmSettings}


def from_record(record: Mapping[str, Any] | None) -> ClusterSettings | None:
    """Return the settings that a sweep's folder has; None where no cluster trains it."""
    if record is None:
        return None
    return SETTINGS[record["engine"]](**{k: v for k, v in record.items() if k != "engine"})
