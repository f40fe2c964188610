"""Loaded engines, shared by all chat models that ask for the same one."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

from ngsd_guard import AuditLog, Engine, NGSDConfig, load_engine
from ngsd_guard.engine import Admission
from ngsd_guard.tool_calling import ToolFormat, find_reasoning_markers, find_tool_format

_MAX_GRAMMARS: Final = 64
_loaded: WeakValueDictionary[Hashable, "SharedEngine"] = WeakValueDictionary()
_loading = threading.Lock()


class SharedEngine:
    """An engine, the line before it, and what its chat template says about answers.

    Args:
        engine: loaded.
        max_concurrency: requests at work at once.
        max_queue: requests that may wait beyond those.
    """

    def __init__(self, engine: Engine, *, max_concurrency: int, max_queue: int) -> None:
        self.engine = engine
        self.admission = Admission(max_concurrency, max_queue)
        self._grammars: OrderedDict[Hashable, Any] = OrderedDict()
        self._compiling = threading.Lock()

    @cached_property
    def tool_format(self) -> ToolFormat | None:
        """How the base writes tool calls; None where its template takes no tools."""
        base = self.engine.base
        return find_tool_format(getattr(base, "tool_template", self._chat_template))

    @cached_property
    def reasoning_markers(self) -> tuple[str, str] | None:
        """What opens and closes the base's reasoning; None where it does none."""
        return find_reasoning_markers(self._chat_template)

    @cached_property
    def opens_with_reasoning(self) -> bool:
        """Whether the prompt already opens the reasoning that an answer begins with."""
        markers = self.reasoning_markers
        return markers is not None and getattr(self.engine.base, "opens_with", "") == markers[0]

    @property
    def can_constrain(self) -> bool:
        """Whether a grammar can be compiled for the base, as it can for Hugging Face models."""
        return hasattr(self.engine.base, "tokenizer")

    def literal(self, text: str) -> str | None:
        """Return the grammar's name of a marker that is one special token of the base."""
        token_ids: dict[str, int] = getattr(self.engine.base, "marker_token_ids", {})
        return f"<[{token_ids[text]}]>" if text in token_ids else None

    def grammar(self, **source: str) -> Any:
        """Return a compiled grammar, from the last ones used where it is among them.

        Raises:
            ConfigurationError: the grammar engine refuses it.
            MissingDependencyError: the grammar engine is not installed.
        """
        from ngsd_guard.grammar import compile_grammar  # an extra: only where one is needed

        key = tuple(source.items())
        with self._compiling:
            if key not in self._grammars:
                self._grammars[key] = compile_grammar(self.engine.base, **source)
            self._grammars.move_to_end(key)
            if len(self._grammars) > _MAX_GRAMMARS:
                self._grammars.popitem(last=False)
            return self._grammars[key]

    @property
    def _chat_template(self) -> str:
        return getattr(self.engine.base, "chat_template", "")


def shared_engine(
    model: str,
    expert: str | None,
    config: NGSDConfig | None,
    device: str | None,
    audit: AuditLog | str | Path | None,
    *,
    max_concurrency: int,
    max_queue: int,
) -> SharedEngine:
    """Return the engine of these options, loaded once however many ask for it.

    It is given up when no chat model holds it any more.
    """
    log = id(audit) if isinstance(audit, AuditLog) else None if audit is None else str(audit)
    digest = None if config is None else config.digest
    key = (model, expert, digest, device, log, max_concurrency, max_queue)
    with _loading:
        shared = _loaded.get(key)
        if shared is None:
            engine = load_engine(model, expert, config, device, audit=audit)
            shared = _loaded[key] = SharedEngine(
                engine, max_concurrency=max_concurrency, max_queue=max_queue
            )
        return shared
