"""What the endpoints share."""

from dataclasses import dataclass, field

from ngsd_guard.audit import AuditLog
from ngsd_guard.chat import ChatEngine
from ngsd_guard.engine import Engine
from ngsd_guard.guard import Guard
from ngsd_guard.server._lifecycle import Lifecycle
from ngsd_guard.server._metrics import Metrics
from ngsd_guard.server._settings import ServerSettings
from ngsd_guard.server._upstream import Upstream


@dataclass(frozen=True, slots=True)
class ServerState:
    """What the endpoints share; every router is given one."""

    engine: Engine
    guard: Guard
    chat: ChatEngine
    """Answers chat requests with the engine."""
    audit: AuditLog | None
    settings: ServerSettings
    metrics: Metrics
    upstream: Upstream | None = None
    """The API in front of which the guard stands, if there is one."""
    lifecycle: Lifecycle = field(default_factory=Lifecycle)

    @property
    def model_name(self) -> str:
        """Id of the pair in requests and answers."""
        return self.settings.model_name or self.engine.base.name
