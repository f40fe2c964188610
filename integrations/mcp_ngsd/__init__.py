"""MCP integration of ngsd-guard: a guard around any MCP server, over stdio or HTTP."""

import typing

from mcp_ngsd._guard import Blocked, McpGuard

if typing.TYPE_CHECKING:
    from mcp_ngsd._proxy import guarded, serve

__all__ = ["Blocked", "McpGuard", "guarded", "serve"]


def __getattr__(name: str) -> typing.Any:
    if name in ("guarded", "serve"):  # imported lazily; they need mcp, an extra
        from mcp_ngsd import _proxy

        return getattr(_proxy, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
