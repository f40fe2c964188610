"""The server in one replica."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ngsd_guard import AuditLog, load_engine
from ngsd_guard.server import ServerSettings, create_app
from ray_ngsd._options import ServeOptions

NODE = "{node}"
"""Stands for the id of the node in a path."""


class ReplicaApp:
    """The server's application, which closes its audit log when it is stopped.

    Args:
        options: of the application.
        api_key_hashes: SHA-256 of each accepted API key, hexadecimal.
        node_id: id of the node that it runs on.

    Raises:
        ConfigurationError: an option is wrong.
        AuditError: the audit log cannot be opened.
    """

    def __init__(self, options: ServeOptions, api_key_hashes: Sequence[str], node_id: str) -> None:
        settings = ServerSettings(
            model_name=options.model_name or Path(options.pair).name,
            api_key_hashes=tuple(api_key_hashes),
            max_concurrency=options.max_ongoing_requests,
            timeout_s=options.timeout_s,
        )
        self.audit = audit_log(options.audit, node_id)
        engine = load_engine(
            options.pair,
            options.expert,
            device=options.device,
            audit=self.audit,
            calibration=options.calibration,
        )
        self._app = create_app(engine, settings=settings, policy=options.policy)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle one connection, or the start and the end of the replica."""
        await self._app(scope, receive, send)
        if scope["type"] == "lifespan" and self.audit is not None:
            self.audit.close()


def audit_log(path: str | None, node_id: str, **options: Any) -> AuditLog | None:
    """Open the audit log of a process; each one writes a chain of its own.

    Args:
        path: the log's, with `{node}` for the id of the node; None for no log.
        node_id: Ray's id of the node.
        **options: of `AuditLog`.

    Raises:
        AuditError: it cannot be opened.
    """
    return None if path is None else AuditLog(path.replace(NODE, node_id), **options)
