from collections.abc import Callable

import pytest

from ngsd_guard import Engine
from ngsd_guard.chat import ChatEngine
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel

TEMPLATE = "{% if tools %}<tool_call>{% endif %}<think></think>"


@pytest.fixture
def says() -> Callable[..., ChatEngine]:
    """Return a chat whose model says one thing, in a template with tools and reasoning."""

    def make(
        reply: str, *, kind: type[ScriptedModel] = ScriptedModel, template: str = TEMPLATE,
        **options: int,
    ) -> ChatEngine:  # fmt: skip
        base = kind(reply)
        base.chat_template = template  # type: ignore[attr-defined]
        return ChatEngine(Engine(Pair(base, ScriptedModel(reply))), **options)

    return make
