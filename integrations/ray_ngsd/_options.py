"""Options of the Ray Serve application."""

from typing import Self

from pydantic import Field, model_validator

from ngsd_guard.config import Options


class ServeOptions(Options):
    """Options of the Ray Serve application; `serve run ray_ngsd:application NAME=VALUE ...`.

    Raises:
        ConfigurationError: an option is unknown or out of range.
    """

    pair: str = "ngsd-mini"
    """A known pair, or the folder of a base; it must exist on each node."""
    expert: str | None = None
    """A folder or hub id; None for a known pair's first."""
    calibration: str | None = None
    """The path of one; None for the one next to the expert."""
    device: str | None = None
    """Where both models run; None for the CPU."""
    policy: str | None = None
    """Path of a policy file; None for the built-in policy."""
    audit: str | None = None
    """Path of an audit log, in which each replica writes a chain of its own; `{node}` stands for
    Ray's id of the replica's node. None records nothing."""
    api_key_file: str | None = None
    """File of accepted API keys, read where the application is built; None accepts any request."""
    model_name: str | None = None
    """Id of the pair in requests and answers; None for the pair's name."""
    num_replicas: int = Field(default=1, ge=1)
    """Number of replicas; the least number with `max_replicas`."""
    max_replicas: int | None = Field(default=None, ge=1)
    """Maximum number of replicas under load; None keeps `num_replicas`."""
    target_ongoing_requests: float = Field(default=8.0, gt=0)
    """Requests at work per replica that autoscaling aims at."""
    max_ongoing_requests: int = Field(default=64, ge=1)
    """Maximum number of requests at work in a replica."""
    max_queued_requests: int = Field(default=256, ge=-1)
    """Maximum number of requests that wait in each proxy; further ones get status 503. -1 sets no
    limit."""
    num_cpus: float = Field(default=1.0, ge=0)
    """Processor cores of a replica, which is also its number of threads for matrix products."""
    num_gpus: float = Field(default=0.0, ge=0)
    """GPUs of a replica."""
    timeout_s: float = Field(default=120.0, gt=0)
    """Time limit of a request, and of the requests at work when a replica is stopped, in
    seconds."""

    @model_validator(mode="after")
    def _check_replicas(self) -> Self:
        if self.max_replicas is not None and self.max_replicas < self.num_replicas:
            raise ValueError(
                f"max_replicas={self.max_replicas} is less than num_replicas={self.num_replicas}"
            )
        return self
