"""A chat model's options, and the engine that they choose."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables.config import run_in_executor
from pydantic import AfterValidator, ConfigDict, Field, PrivateAttr, SecretStr

from langchain_ngsd._options import SAMPLING_OPTIONS
from langchain_ngsd._refusals import OnRefusal, check_on_refusal
from ngsd_guard import AuditLog, ConfigurationError, Engine, NGSDConfig, NGSDError
from ngsd_guard.chat import ChatEngine, EngineChoice, shared_chat_engine
from ngsd_guard.pairs import Backend
from ngsd_guard.validation import explaining_validation_errors

_NOT_WRITTEN: Final = ("api_key", "config", "shared")
"""Left out of a serialised model, or written in a form of their own."""
_FROM_ENVIRONMENT: Final = ("model", "expert", "device")


class PairChatModel(BaseChatModel):
    """Options, engine, identity and serialisation of `ChatNGSD`."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    model: str = Field(default_factory=lambda: os.environ.get("NGSD_MODEL", "ngsd-mini"))
    """A known pair such as `ngsd-mini`, a Hugging Face folder or hub id; else `NGSD_MODEL`."""
    expert: str | None = Field(default_factory=lambda: os.environ.get("NGSD_EXPERT"))
    """The safety expert, likewise; None only with a known pair; else `NGSD_EXPERT`."""
    temperature: float = Field(default=0.0, ge=0)
    """0 is greedy."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Longest answer, in tokens; None for the configured length, cut to the context."""
    top_k: int | None = Field(default=None, ge=1)
    """Keep this many of the likeliest tokens; None keeps all."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Keep the fewest tokens whose probability reaches this; 1 keeps all."""
    stop: list[str] | None = None
    """Strings that end the answer and are not part of it."""
    seed: int | None = Field(default=None, ge=0)
    """Seed of the sampling noise; None draws one for each answer."""
    timeout: float | None = Field(default=None, gt=0)
    """Seconds an answer may take, the wait for its turn included; None waits."""
    max_retries: int = Field(default=0, ge=0)
    """Accepted as other chat models have it; a local answer is never retried."""
    streaming: bool = False
    """Whether `invoke` reports every token to callbacks as well."""
    chat_template_kwargs: dict[str, Any] | None = None
    """Variables of the chat template, such as `{"enable_thinking": False}`; JSON values."""
    max_concurrency: int | None = Field(default=None, ge=1)
    """Requests decoded at once; None for the pair's `max_batch_size`."""
    max_queue: int = Field(default=64, ge=0)
    """Requests that may wait beyond those; one more is refused."""
    config: NGSDConfig | None = None
    """Options of the guard; None for the pair's calibration, or the preset `default`."""
    audit: AuditLog | str | Path | None = None
    """An audit log, or the path of one; None records nothing."""
    device: str | None = Field(default_factory=lambda: os.environ.get("NGSD_DEVICE"))
    """Where both models run; None for the CPU; else `NGSD_DEVICE`."""
    backend: Backend | None = None
    """What runs the weights: `transformers` or `llama.cpp`; None for transformers."""
    on_refusal: Annotated[OnRefusal, AfterValidator(check_on_refusal)] = "message"
    """What a refusal that the guard brought about becomes: a message, or a `ModelRefusalError`."""
    api_key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    """Accepted as hosted chat models have it; nothing here needs one."""
    shared: ChatEngine | None = Field(default=None, exclude=True, repr=False)
    """The engine of `from_engine`; copies of this model keep it."""

    _loaded: tuple[EngineChoice, ChatEngine] | None = PrivateAttr(default=None)

    if not TYPE_CHECKING:  # type checkers keep the signature made from the fields

        def __init__(self, **options: Any) -> None:
            with explaining_validation_errors(type(self)):
                super().__init__(**options)

    @classmethod
    def from_engine(cls, engine: Engine, **options: Any) -> Self:
        """Return a chat model over an engine that is already loaded, and shared with others.

        Raises:
            ConfigurationError: an option is wrong, or is one that the engine has already decided.
        """
        own: dict[str, Any] = {
            "model": engine.base.name,
            "expert": engine.expert.name,
            "config": engine.config,
            "audit": engine.audit,
            "device": None,
            "backend": None,
            "chat_template_kwargs": None,
        }
        decided = sorted(own.keys() & options.keys())
        if decided:
            raise ConfigurationError(
                f"{', '.join(decided)} cannot be chosen for an engine that is already loaded; "
                f"pass it to load_engine, or use {cls.__name__}(...)"
            )
        model = cls(**own, **options)
        model.shared = ChatEngine(
            engine, max_concurrency=model.max_concurrency, max_queue=model.max_queue
        )
        return model

    @property
    def engine(self) -> Engine:
        """The engine that decodes; loads the weights when first asked for."""
        return self.chat.engine

    @property
    def chat(self) -> ChatEngine:
        """The engine with its line and chat format; loads the weights when first asked for."""
        if self.shared is not None:
            self._check_shared(self.shared)
            return self.shared
        choice = self._choice
        if self._loaded is None or self._loaded[0] != choice:
            self._loaded = choice, shared_chat_engine(choice)
        return self._loaded[1]

    @property
    def _choice(self) -> EngineChoice:
        return EngineChoice(
            self.model,
            self.expert,
            self.config,
            self.device,
            self.audit,
            self.max_concurrency,
            self.max_queue,
            self.backend,
            _as_json(self.chat_template_kwargs),
        )

    def _check_shared(self, shared: ChatEngine) -> None:
        """Refuse a copy whose options are not those of its engine."""
        engine, line = shared.engine, shared.admission
        changed = {
            "model": self.model != engine.base.name,
            "expert": self.expert != engine.expert.name,
            "config": self.config not in (None, engine.config),
            "audit": self.audit is not engine.audit,
            "device": self.device is not None,
            "backend": self.backend is not None,
            "chat_template_kwargs": self.chat_template_kwargs is not None,
            "max_concurrency": self.max_concurrency not in (None, line.max_active),
            "max_queue": self.max_queue != line.max_waiting,
        }
        if names := [name for name, is_other in changed.items() if is_other]:
            raise ConfigurationError(
                f"{', '.join(names)} of a model made by from_engine cannot be changed; "
                f"make another with {type(self).__name__}(...) or from_engine"
            )

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        private = state.get("__pydantic_private__") or {}
        return {**state, "__pydantic_private__": {**private, "_loaded": None}}

    @property
    def _llm_type(self) -> str:
        return "ngsd"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        """What tells this model's answers from another's, by digest.

        LangChain asks when a call begins, for traces, and the cache before it looks for an answer;
        the digests in force are only known once the weights are loaded, so that this loads them.
        On an event loop it does not, and where loading fails the call itself will say why.
        """
        known: dict[str, Any] = {
            "model": self.model,
            "expert": self.expert,
            "device": self.device,
        }
        if self.backend is not None:
            known["backend"] = self.backend
        if self.on_refusal != "message":
            known["on_refusal"] = self.on_refusal
        if self.chat_template_kwargs:
            known["chat_template_kwargs"] = self.chat_template_kwargs
        return {**known, **self._identity(), "stop": self.stop, **self._sampling({})}

    def _identity(self) -> dict[str, Any]:
        is_loaded = self._loaded is not None and self._loaded[0] == self._choice
        if self.shared is None and not is_loaded and _is_on_event_loop():
            return {}
        try:
            identity = self.engine.pair.identity
        except NGSDError:
            return {}
        names = ("base", "expert", "tokenizer", "config", "calibration")
        return {f"{name}_digest": identity[f"{name}_digest"] for name in names}

    def _get_llm_string(self, stop: list[str] | None = None, **kwargs: Any) -> str:
        """Return the part of a cache key that stands for the model and the call's options."""
        params = {**self._identifying_params, **kwargs}
        params["stop"] = self.stop if stop is None else stop
        return json.dumps(params, sort_keys=True, default=repr)

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """Whether LangChain may write its options down: yes."""
        return True

    @classmethod
    def get_lc_namespace(cls) -> list[str]:
        """Return where LangChain finds the class again."""
        return ["langchain_ngsd"]

    def to_json(self) -> Any:
        """Return its options for LangChain; no weights, no keys, an audit log by its path."""
        described: Any = super().to_json()
        options = described["kwargs"]
        for name in _NOT_WRITTEN:
            options.pop(name, None)
        for name in _FROM_ENVIRONMENT:  # also where it is None, or the reader's would count
            options[name] = getattr(self, name)
        if self.config is not None:
            options["config"] = self.config.model_dump(mode="json", exclude_defaults=True)
        if self.audit is not None:
            log = self.audit
            options["audit"] = str(log.path if isinstance(log, AuditLog) else log)
        return described

    async def _load(self) -> None:
        """Load the weights in a thread; where that fails, the call itself will say why."""
        await run_in_executor(None, self._identity)

    def _sampling(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return how tokens are chosen: this model's options, unless the call has its own."""
        return {
            name: options[name] if name in options else getattr(self, name)
            for name in SAMPLING_OPTIONS
        }


def _as_json(kwargs: Mapping[str, Any] | None) -> str | None:
    """Return the variables of a chat template in the form of an engine's choice."""
    if not kwargs:
        return None
    try:
        return json.dumps(dict(kwargs), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"chat_template_kwargs is not JSON ({error}); use texts, numbers, booleans, lists and "
            "mappings"
        ) from error


def _is_on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
