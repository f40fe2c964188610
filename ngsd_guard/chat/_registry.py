"""Loaded engines, shared by all who ask for the same one."""

import json
import threading
from collections.abc import Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from ngsd_guard.audit import AuditLog
from ngsd_guard.chat._engine import DEFAULT_MAX_QUEUE, ChatEngine
from ngsd_guard.config import NGSDConfig
from ngsd_guard.engine import Engine, load_engine
from ngsd_guard.pairs import DEFAULT_PAIR, Backend

_engines: Final[WeakValueDictionary[Hashable, Engine]] = WeakValueDictionary()
_chats: Final[WeakValueDictionary["EngineChoice", ChatEngine]] = WeakValueDictionary()
_loading: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """Which engine is wanted, and how many requests it takes.

    Two choices that are equal share one `ChatEngine`; those that differ in the limits or the
    chat template's variables alone share the weights.
    """

    base: str = DEFAULT_PAIR
    expert: str | None = None
    config: NGSDConfig | None = None
    """None for the pair's calibration, or the preset `default`."""
    device: str | None = None
    audit: AuditLog | str | Path | None = None
    max_concurrency: int | None = None
    """None for the pair's `max_batch_size`."""
    max_queue: int = DEFAULT_MAX_QUEUE
    backend: Backend | None = None
    """What runs the weights; None for transformers."""
    chat_template_kwargs: str | None = None
    """Variables of the chat templates, as a JSON object with sorted keys."""


def shared_chat_engine(choice: EngineChoice) -> ChatEngine:
    """Return the engine of a choice, loaded once however many ask for it.

    It is unloaded when nobody holds it any more.

    Raises:
        NGSDError: whatever `load_engine` raises.
    """
    if isinstance(choice.audit, Path):
        choice = replace(choice, audit=str(choice.audit))
    with _loading:
        chat = _chats.get(choice)
        if chat is None:
            chat = ChatEngine(
                _shared_engine(choice),
                max_concurrency=choice.max_concurrency,
                max_queue=choice.max_queue,
            )
            _chats[choice] = chat
        return chat


def _shared_engine(choice: EngineChoice) -> Engine:
    key = replace(choice, max_concurrency=None, max_queue=DEFAULT_MAX_QUEUE)
    engine = _engines.get(key)
    if engine is None and choice.chat_template_kwargs is not None:
        plain = _shared_engine(replace(key, chat_template_kwargs=None))
        engine = plain.with_chat_template_kwargs(json.loads(choice.chat_template_kwargs))
        _engines[key] = engine
    elif engine is None:
        engine = load_engine(
            choice.base,
            choice.expert,
            choice.config,
            choice.device,
            audit=choice.audit,
            backend=choice.backend,
        )
        _engines[key] = engine
    return engine
