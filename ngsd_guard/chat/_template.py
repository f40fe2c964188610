"""What a base's chat template says about answers, and the grammars compiled for its tokenizer."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from functools import cached_property
from typing import Any, Final

from ngsd_guard.protocols import LanguageModel
from ngsd_guard.tool_calling import ToolFormat, find_reasoning_markers, find_tool_format

_MAX_GRAMMARS: Final = 64


class AnswerFormat:
    """How a base writes tool calls and reasoning, and how its answers can be constrained.

    Args:
        base: the model that answers.
    """

    def __init__(self, base: LanguageModel) -> None:
        self._base: Any = base
        self._grammars: OrderedDict[Hashable, Any] = OrderedDict()
        self._compiling = threading.Lock()

    @cached_property
    def tool_format(self) -> ToolFormat | None:
        """How the base writes tool calls; None where its template takes no tools."""
        return find_tool_format(getattr(self._base, "tool_template", self._chat_template))

    @cached_property
    def reasoning_markers(self) -> tuple[str, str] | None:
        """What opens and closes the base's reasoning; None where it writes none."""
        return find_reasoning_markers(self._chat_template)

    @cached_property
    def opens_with_reasoning(self) -> bool:
        """Whether the prompt already opens the reasoning that an answer begins with."""
        markers = self.reasoning_markers
        return markers is not None and getattr(self._base, "opens_with", "") == markers[0]

    @property
    def can_constrain(self) -> bool:
        """Whether a grammar can be compiled for the base, as it can for Hugging Face models."""
        return hasattr(self._base, "tokenizer")

    def literal(self, text: str) -> str | None:
        """Return the grammar's name of a marker that is one special token of the base."""
        token_ids: dict[str, int] = getattr(self._base, "marker_token_ids", {})
        return f"<[{token_ids[text]}]>" if text in token_ids else None

    def grammar(self, **source: str) -> Any:
        """Return a compiled grammar; the ones used last are kept.

        Raises:
            ConfigurationError: the grammar engine refuses it.
            MissingDependencyError: the grammar engine is not installed.
        """
        from ngsd_guard.grammar import compile_grammar  # an extra: only where one is needed

        key = tuple(source.items())
        with self._compiling:
            if key not in self._grammars:
                self._grammars[key] = compile_grammar(self._base, **source)
            self._grammars.move_to_end(key)
            if len(self._grammars) > _MAX_GRAMMARS:
                self._grammars.popitem(last=False)
            return self._grammars[key]

    @property
    def _chat_template(self) -> str:
        return getattr(self._base, "chat_template", "")
