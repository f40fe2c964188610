"""The page's own files, under a policy that allows no others."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response

_FOLDER: Final = Path(__file__).parent / "page"
_FILES: Final = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/playground/page.css": ("page.css", "text/css; charset=utf-8"),
    "/playground/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/playground/answers.js": ("answers.js", "text/javascript; charset=utf-8"),
    "/playground/plot.js": ("plot.js", "text/javascript; charset=utf-8"),
    "/playground/server.js": ("server.js", "text/javascript; charset=utf-8"),
    "/playground/icon.svg": ("icon.svg", "image/svg+xml"),
}
PAGE_PATHS: Final = frozenset(_FILES)
"""Paths of the page's files, which contain nothing of this server."""
_HEADERS: Final = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def router() -> APIRouter:
    """Return the page's files, read once."""
    routes = APIRouter(include_in_schema=False)
    for path, (name, media_type) in _FILES.items():
        _add(routes, path, (_FOLDER / name).read_bytes(), media_type)
    return routes


def _add(routes: APIRouter, path: str, content: bytes, media_type: str) -> None:
    @routes.get(path, response_class=Response)
    async def file() -> Response:
        return Response(content, media_type=media_type, headers=_HEADERS)
