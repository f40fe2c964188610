"""LangChain integration of ngsd-guard."""

import typing

from langchain_ngsd._chat_model import ChatNGSD
from langchain_ngsd._documents import NGSDDocumentGuard
from langchain_ngsd._rails import GuardRunnable, guard_runnable
from langchain_ngsd._screening import ScreenedChatModel

if typing.TYPE_CHECKING:
    from langchain_ngsd._decisions import NGSDDecisionModel
    from langchain_ngsd._middleware import NGSDMiddleware, guard_node

__all__ = [
    "ChatNGSD",
    "GuardRunnable",
    "NGSDDecisionModel",
    "NGSDDocumentGuard",
    "NGSDMiddleware",
    "ScreenedChatModel",
    "guard_node",
    "guard_runnable",
]


def __getattr__(name: str) -> typing.Any:
    if name in ("NGSDMiddleware", "guard_node"):  # imported lazily; they need langchain, an extra
        from langchain_ngsd import _middleware

        return getattr(_middleware, name)
    if name == "NGSDDecisionModel":  # needs langchain-core 1.8
        from langchain_ngsd._decisions import NGSDDecisionModel

        return NGSDDecisionModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
