"""HTTP headers that MCP requires to repeat what a message says."""

from collections.abc import Mapping
from typing import Any

from mcp.shared.inbound import (
    MCP_METHOD_HEADER,
    MCP_NAME_HEADER,
    MCP_PROTOCOL_VERSION_HEADER,
    NAME_BEARING_METHODS,
    encode_header_value,
    find_invalid_x_mcp_header,
    mcp_param_headers,
    x_mcp_header_map,
)
from mcp_types import PROTOCOL_VERSION_META_KEY


class Headers:
    """Makes the headers of each message; learns from the server's results what they must say."""

    def __init__(self) -> None:
        self._version: str | None = None
        self._parameters: dict[str, dict[tuple[str, ...], str]] = {}

    def learn(self, method: str, result: Mapping[str, Any]) -> None:
        """Take note of a result as the server sent it."""
        if method == "initialize":
            self._version = str(result.get("protocolVersion"))
        if method == "tools/list":
            for tool in result.get("tools") or ():
                schema = tool.get("inputSchema")
                if find_invalid_x_mcp_header(schema) is None:
                    self._parameters[str(tool.get("name"))] = x_mcp_header_map(schema)

    def of(self, method: str, params: Mapping[str, Any] | None) -> dict[str, str] | None:
        """Return the headers of a request or a notification."""
        if method == "initialize":
            return None
        params = params or {}
        version = (params.get("_meta") or {}).get(PROTOCOL_VERSION_META_KEY)
        if not isinstance(version, str):
            return {MCP_PROTOCOL_VERSION_HEADER: self._version} if self._version else None
        headers = {MCP_PROTOCOL_VERSION_HEADER: version, MCP_METHOD_HEADER: method}
        name = params.get(NAME_BEARING_METHODS.get(method, ""))
        if isinstance(name, str):
            headers[MCP_NAME_HEADER] = encode_header_value(name)
            if method == "tools/call":
                known = self._parameters.get(name, {})
                headers |= mcp_param_headers(known, params.get("arguments") or {})
        return headers
