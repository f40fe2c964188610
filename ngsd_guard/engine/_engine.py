"""A guarded pair that answers conversations."""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack
from uuid import uuid4

from ngsd_guard.audit import AuditLog
from ngsd_guard.config import NGSDConfig
from ngsd_guard.decoding import Schedule, Steering
from ngsd_guard.engine._counting import count_prompt_tokens
from ngsd_guard.engine._recording import RequestRecorder
from ngsd_guard.engine._request import RequestOptions, prepare, shows_options
from ngsd_guard.engine._session import Session
from ngsd_guard.engine._stream import TokenStream
from ngsd_guard.errors import AuditError, ConfigurationError, NGSDError, as_ngsd_error
from ngsd_guard.messages import validate_messages
from ngsd_guard.pairs import Calibration, Pair
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.types import Generation, RiskScores


class Engine:
    """A guarded pair that answers conversations.

    Safe to share between threads. All that are answered at the same time, as streams, batches or
    calls from several threads, share every forward pass.

    Args:
        pair: base and expert, with the options in force; guards may share it.
        audit: where every request is recorded; None records nothing.
        steering: a decoder in place of the pair's guidance, to compare it with; None for the
            pair's own.

    Raises:
        AuditError: the log cannot be written to.
        ConfigurationError: `audit` and `steering` are both given.
    """

    def __init__(
        self, pair: Pair, *, audit: AuditLog | None = None, steering: Steering | None = None
    ) -> None:
        if audit is not None and steering is not None:
            raise ConfigurationError(
                "audit records name the pair's own options, which `steering` replaces; leave one "
                "of the two out"
            )
        self._pair = pair
        self._audit = audit
        self._steering = steering
        self._recorder = RequestRecorder(pair, audit)
        self._schedule = Schedule(pair, steering=steering)

    @property
    def pair(self) -> Pair:
        """Both models, with the options in force."""
        return self._pair

    @property
    def base(self) -> LanguageModel:
        """The model being protected."""
        return self._pair.base

    @property
    def expert(self) -> LanguageModel:
        """The safety expert."""
        return self._pair.expert

    @property
    def config(self) -> NGSDConfig:
        """The options in force."""
        return self._pair.config

    @property
    def audit(self) -> AuditLog | None:
        """Where every request is recorded."""
        return self._audit

    @property
    def calibration(self) -> Calibration | None:
        """What the gate and reflection options were taken from; None without a calibration."""
        return self._pair.calibration

    def with_chat_template_kwargs(self, kwargs: Mapping[str, Any]) -> "Engine":
        """Return an engine over the same weights, with variables of the chat templates.

        Raises:
            ConfigurationError: as for `Pair.with_chat_template_kwargs`.
        """
        pair = self._pair.with_chat_template_kwargs(kwargs)
        return Engine(pair, audit=self._audit, steering=self._steering)

    def reflect(self, messages: Sequence[Mapping[str, Any]]) -> RiskScores:
        """Let the pair's risk reader rate a request.

        Raises:
            InvalidRequestError: the messages are wrong.
        """
        return self._pair.risk_reader.reflect(validate_messages(messages))

    def count_tokens(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] = ()
    ) -> int:
        """Return the length of the prompt that messages make, in the base's tokens.

        They need not be ones that can be answered: a lone system, assistant or tool message
        counts too, and no messages are 0 tokens. Control tokens count as plain text.

        Raises:
            InvalidRequestError: a role is unknown, or a content is not text.
        """
        return count_prompt_tokens(self._pair, messages, tools)

    @shows_options
    def stream(
        self, messages: Sequence[Mapping[str, Any]], **options: Unpack[RequestOptions]
    ) -> TokenStream:
        """Answer a conversation token by token.

        The request is checked when this is called and worked on when the stream is read.

        Args:
            messages: turns of `role` and `content`, which is text or a list of text blocks; a
                last turn by the assistant is continued. An assistant turn may have `tool_calls`,
                and a tool turn a `tool_call_id`.
            **options: see `RequestOptions`.

        Returns:
            An iterator of `DecodeStep`; its `generation` is there once it is exhausted.

        Raises:
            InvalidRequestError: the messages are wrong.
            ConfigurationError: an option is unknown or wrong.
            ContextOverflowError: prompt and answer do not fit the context.
            NonFiniteLogitsError: while reading; a model's logits are NaN or infinite.
            DecodingTimeoutError: while reading; the time is up.
        """
        return TokenStream(self._session(messages, options), self._schedule)

    @shows_options
    def generate(
        self, messages: Sequence[Mapping[str, Any]], **options: Unpack[RequestOptions]
    ) -> Generation:
        """Answer a conversation; takes what `stream` takes, and raises what it raises."""
        return self.stream(messages, **options).finish()

    @shows_options
    def generate_batch(
        self,
        conversations: Sequence[Sequence[Mapping[str, Any]]],
        *,
        each: Sequence[Mapping[str, Any]] | None = None,
        return_exceptions: bool = False,
        **options: Unpack[RequestOptions],
    ) -> list[Any]:
        """Answer several conversations side by side; every answer is the one `generate` gives.

        Args:
            conversations: as `generate` takes them.
            each: options of each conversation, which override those of all.
            return_exceptions: return an error in the place of an answer that failed; otherwise
                the first is raised, once all are finished and recorded.
            **options: those of `stream`, for all.

        Returns:
            A `Generation` for each conversation, in their order.

        Raises:
            ConfigurationError: `each` has another length, or an option is wrong.
            NGSDError: what `stream` raises; for wrong requests, before any is worked on.
        """
        if options.get("constraint") is not None:
            raise ConfigurationError(
                "a constraint belongs to one request; give each its own: each=[{'constraint': ...}]"
            )
        overrides = [{}] * len(conversations) if each is None else list(each)
        if len(overrides) != len(conversations):
            raise ConfigurationError(
                f"`each` has {len(overrides)} entries for {len(conversations)} conversations; "
                "give one for each"
            )
        sessions: list[Session | NGSDError] = []
        for messages, own in zip(conversations, overrides, strict=True):
            try:
                sessions.append(self._session(messages, {**options, **own}))
            except NGSDError as error:
                if not return_exceptions:
                    raise
                sessions.append(error)
        outcomes = self._finish_all(sessions)
        failures = [outcome for outcome in outcomes if isinstance(outcome, NGSDError)]
        if failures and not return_exceptions:
            raise failures[0]
        return outcomes

    def _session(
        self, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
    ) -> Session:
        """Check and encode a request; one that is wrong is recorded as failed."""
        request_id = uuid4().hex
        try:
            request = prepare(self._pair, messages, options)
        except Exception as error:
            failure = as_ngsd_error(error)
            self._recorder.record_failure(request_id, messages, failure)
            if failure is error:
                raise
            raise failure from error
        return Session(self._recorder, request_id, request)

    def _finish_all(self, sessions: Sequence[Session | NGSDError]) -> list[Generation | NGSDError]:
        """Return the answers, or what went wrong, in order."""
        streams = [
            session if isinstance(session, NGSDError) else TokenStream(session, self._schedule)
            for session in sessions
        ]
        opened = [stream for stream in streams if isinstance(stream, TokenStream)]
        outcomes: list[Generation | NGSDError] = []
        try:
            for stream in opened:
                stream.queue()
            for each in streams:
                outcomes.append(each if isinstance(each, NGSDError) else _outcome(each))
        finally:
            for stream in opened:
                stream.close()
        return outcomes


def _outcome(stream: TokenStream) -> Generation | NGSDError:
    try:
        return stream.finish()
    except AuditError:
        raise
    except NGSDError as error:
        return error
