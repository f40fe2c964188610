"""The composition root: models, reflection, gate, decoder and audit log, put together."""

import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ngsd_guard.audit import AuditLog
from ngsd_guard.config import NGSDConfig, SamplingParams
from ngsd_guard.decoding import TokenConstraint
from ngsd_guard.engine._session import (
    PreparedRequest,
    Runtime,
    Session,
    TokenStream,
    answer_together,
)
from ngsd_guard.errors import (
    ConfigurationError,
    ContextOverflowError,
    InvalidRequestError,
    NGSDError,
    as_ngsd_error,
)
from ngsd_guard.messages import map_json_text, map_text, validate_messages
from ngsd_guard.pairs import Calibration, Pair
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.types import Generation, Message, RiskScores

if TYPE_CHECKING:
    pass


class Engine:
    """A guarded pair that answers conversations.

    Safe to share between threads: what a request changes lives in its own stream.

    Args:
        pair: base and expert, with the options in force; guards may share it.
        audit: where every request is recorded; None records nothing.
    """

    def __init__(self, pair: Pair, *, audit: AuditLog | None = None) -> None:
        self._runtime = Runtime(pair, audit)
        if audit is not None:
            audit.declare_pair(pair.identity)

    @property
    def pair(self) -> Pair:
        """Both models, with the options in force."""
        return self._runtime.pair

    @property
    def base(self) -> LanguageModel:
        """The model being protected."""
        return self.pair.base

    @property
    def expert(self) -> LanguageModel:
        """The safety expert."""
        return self.pair.expert

    @property
    def config(self) -> NGSDConfig:
        """The options in force."""
        return self.pair.config

    @property
    def audit(self) -> AuditLog | None:
        """Where every request is recorded."""
        return self._runtime.audit

    @property
    def calibration(self) -> Calibration | None:
        """What the gate and reflection options were taken from; None without a calibration."""
        return self.pair.calibration

    def reflect(self, messages: Sequence[Mapping[str, Any]]) -> RiskScores:
        """Let the base model rate a request.

        Raises:
            InvalidRequestError: the messages are wrong.
        """
        return self.pair.risk_reader.reflect(validate_messages(messages))

    def count_tokens(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] = ()
    ) -> int:
        """Return the length of the prompt that a conversation makes, in the base's tokens.

        Raises:
            InvalidRequestError: the messages are wrong.
        """
        return len(self.base.encode_chat(self._turns(messages), self._tools(tools)))

    def generate(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_new_tokens: int | None = None,
        temperature: float = 0.0,
        top_k: int | None = None,
        top_p: float = 1.0,
        seed: int | None = None,
        stop: str | Sequence[str] | None = None,
        guarded: bool = True,
        speculative: bool | None = None,
        trace: bool = False,
        tools: Sequence[Mapping[str, Any]] = (),
        constraint: TokenConstraint | None = None,
        num_logprobs: int | None = None,
    ) -> Generation:
        """Answer a conversation.

        Takes the arguments of `stream`, and raises what it raises.
        """
        return self.stream(
            messages,
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            seed=seed,
            stop=stop,
            guarded=guarded,
            speculative=speculative,
            trace=trace,
            tools=tools,
            constraint=constraint,
            num_logprobs=num_logprobs,
        ).finish()

    def generate_batch(
        self,
        conversations: Sequence[Sequence[Mapping[str, Any]]],
        *,
        each: Sequence[Mapping[str, Any]] | None = None,
        return_exceptions: bool = False,
        **options: Any,
    ) -> list[Any]:
        """Answer several conversations side by side; every answer is the one `generate` gives.

        Args:
            conversations: as `generate` takes them.
            each: options of each conversation, over those of all; `is_cancelled`, asked before
                every token, ends that answer when it says yes.
            return_exceptions: return an error in the place of an answer that failed; otherwise
                the first is raised, once all are finished and recorded.
            options: those of `stream`, for all.

        Returns:
            A `Generation` for each conversation, in their order.

        Raises:
            ConfigurationError: `each` is not one for each, or an option is wrong.
            NGSDError: what `stream` raises; of wrong requests, before any is worked on.
        """
        if options.get("constraint") is not None:
            raise ConfigurationError(
                "a constraint belongs to one request; give each its own: each=[{'constraint': ...}]"
            )
        overrides = [{}] * len(conversations) if each is None else list(each)
        if len(overrides) != len(conversations):
            raise ConfigurationError(
                f"each has {len(overrides)} entries for {len(conversations)} conversations; "
                "give one for each"
            )
        outcomes: list[Any] = [None] * len(conversations)
        kinds: dict[tuple[bool, bool], list[tuple[int, Session]]] = defaultdict(list)
        for index, (messages, own) in enumerate(zip(conversations, overrides, strict=True)):
            try:
                session = self._session(messages, **{**options, **own})
            except NGSDError as error:
                if not return_exceptions:
                    raise
                outcomes[index] = error
                continue
            kinds[session.request.guarded, session.request.speculative].append((index, session))
        for sessions in kinds.values():
            size = self.config.decoding.max_batch_size
            for start in range(0, len(sessions), size):
                chunk = sessions[start : start + size]
                answers = answer_together([session for _, session in chunk])
                for (index, _), answer in zip(chunk, answers, strict=True):
                    outcomes[index] = answer
        failures = [outcome for outcome in outcomes if isinstance(outcome, NGSDError)]
        if failures and not return_exceptions:
            raise failures[0]
        return outcomes

    def stream(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_new_tokens: int | None = None,
        temperature: float = 0.0,
        top_k: int | None = None,
        top_p: float = 1.0,
        seed: int | None = None,
        stop: str | Sequence[str] | None = None,
        guarded: bool = True,
        speculative: bool | None = None,
        trace: bool = False,
        tools: Sequence[Mapping[str, Any]] = (),
        constraint: TokenConstraint | None = None,
        num_logprobs: int | None = None,
    ) -> TokenStream:
        """Answer a conversation token by token.

        The request is checked when this is called and worked on when the stream is read.

        Args:
            messages: turns of `role` and `content`; a last turn by the assistant is continued. An
                assistant turn may have `tool_calls`, and a tool turn a `tool_call_id`.
            max_new_tokens: longest answer; None for the configured length, cut to the context.
            temperature: 0 is greedy.
            top_k: keep this many of the likeliest tokens; None keeps all.
            top_p: keep the fewest tokens whose probability reaches this; 1 keeps all.
            seed: of the sampling noise; None draws one.
            stop: strings that end the answer and are not part of it.
            guarded: False lets the base speak alone.
            speculative: whether the expert may draft, which changes no token; None for the
                configured choice. `Generation.speculation` says what came of it.
            trace: keep every `DecodeStep` on the finished `Generation`.
            tools: what the model is told it may call, in OpenAI's form; a call comes as text, to
                be read with `ngsd_guard.tool_calling`.
            constraint: says which tokens may come next; used up by this request.
            num_logprobs: tell each token's log-probability, and this many likelier or next likely
                ones; None tells none.

        Returns:
            An iterator of `DecodeStep`; its `generation` is there once it is exhausted.

        Raises:
            InvalidRequestError: the messages are wrong.
            ConfigurationError: an option is wrong.
            ContextOverflowError: prompt and answer do not fit the context.
            NonFiniteLogitsError: while reading; a model's logits are NaN or infinite.
        """
        return TokenStream(
            self._session(
                messages,
                max_new_tokens=max_new_tokens,
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                seed=seed,
                stop=stop,
                guarded=guarded,
                speculative=speculative,
                trace=trace,
                tools=tools,
                constraint=constraint,
                num_logprobs=num_logprobs,
            )
        )

    def _session(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        max_new_tokens: int | None = None,
        guarded: bool = True,
        speculative: bool | None = None,
        trace: bool = False,
        tools: Sequence[Mapping[str, Any]] = (),
        constraint: TokenConstraint | None = None,
        is_cancelled: Callable[[], bool] = lambda: False,
        **sampling_options: Any,
    ) -> Session:
        """Check and encode a request; one that is wrong is recorded as failed."""
        started_s, request_id = time.perf_counter(), uuid4().hex
        decoding = self.config.decoding
        try:
            sampling = SamplingParams(
                max_new_tokens=decoding.max_new_tokens
                if max_new_tokens is None
                else max_new_tokens,
                **sampling_options,
            )
            turns, tools = self._turns(messages), self._tools(tools)
            base_ids = tuple(self.base.encode_chat(turns, tools))
            expert_ids = tuple(self.expert.encode_chat(turns, tools)) if guarded else ()
            num_wanted = 1 if max_new_tokens is None else max_new_tokens
            room = self._room(base_ids, expert_ids, num_wanted, guarded=guarded)
        except Exception as error:
            failure = as_ngsd_error(error)
            self._runtime.record_failure(request_id, messages, failure)
            if failure is error:
                raise
            raise failure from error
        request = PreparedRequest(
            messages=turns,
            base_prompt_ids=base_ids,
            expert_prompt_ids=expert_ids,
            sampling=sampling.replace(
                max_new_tokens=min(sampling.max_new_tokens, room),
                seed=_resolve_seed(sampling),
            ),
            guarded=guarded,
            speculative=decoding.speculative if speculative is None else speculative,
            trace=trace,
            started_s=started_s,
            constraint=constraint,
            is_cancelled=is_cancelled,
        )
        return Session(self._runtime, request_id, request)

    def _room(
        self,
        base_ids: Sequence[int],
        expert_ids: Sequence[int],
        num_wanted: int,
        *,
        guarded: bool,
    ) -> int:
        """Return how many tokens the answer may have; at least `num_wanted`."""
        readers = [(self.base, base_ids)] + [(self.expert, expert_ids)] * guarded
        model, prompt_ids = min(readers, key=lambda r: r[0].context_length - len(r[1]))
        room = model.context_length - len(prompt_ids)
        if room < num_wanted:
            raise ContextOverflowError(
                len(prompt_ids) + num_wanted, model.context_length, what="prompt and answer"
            )
        return room

    def _turns(self, messages: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
        return tuple(
            map_text(message, self._neutraliser(f"messages[{index}]"))
            for index, message in enumerate(validate_messages(messages))
        )

    def _tools(self, tools: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
        return tuple(
            map_json_text(tool, self._neutraliser(f"tools[{index}]"))
            for index, tool in enumerate(tools)
        )

    def _neutraliser(self, where: str) -> Callable[[str], str]:
        return lambda text: self._neutralise(text, where)

    def _neutralise(self, text: str, where: str) -> str:
        neutral = self.expert.neutralise(self.base.neutralise(text))
        if neutral != text and self.config.decoding.special_tokens == "reject":
            raise InvalidRequestError(
                f"{where} holds a control token of the model and could forge a turn; "
                "remove it, or pass it on as text with DecodingConfig(special_tokens='neutralise')"
            )
        return neutral


def _resolve_seed(sampling: SamplingParams) -> int | None:
    if sampling.temperature == 0.0:
        return None
    return secrets.randbits(63) if sampling.seed is None else sampling.seed
