"""What calibration needs to know of a request, recorded once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from torch import Tensor

from ngsd_guard.calibration._cutting import cut_to_fit
from ngsd_guard.calibration._store import RecordingStore, recording_key
from ngsd_guard.calibration._types import Conversation, ReaderName, Recording
from ngsd_guard.config import GateConfig
from ngsd_guard.engine import Engine
from ngsd_guard.errors import ConfigurationError, NGSDError
from ngsd_guard.messages import map_text, validate_messages
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import Failure, judge_together
from ngsd_guard.risk import ExpertFeatures, ExpertReader
from ngsd_guard.types import Generation, Message, RiskScores

_OUT_OF_REACH: Final = 1e9  # a threshold no potential comes near
_NUM_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadScores(RiskScores):
    features: ExpertFeatures


class _FeatureReader(ExpertReader):
    """Passes on what a rating is made of."""

    def rating(self, base_logits: Tensor, expert_logits: Tensor) -> RiskScores:
        return _ReadScores(
            None, None, None, None, 0.0, 0.0, 1.0,
            features=self.features(base_logits, expert_logits),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A conversation that fits, and where its recording goes."""

    messages: list[Message]
    key: str
    num_tokens: int


class Recorder:
    """Lets the base answer conversations greedily while the expert looks on.

    Nothing is overridden. Up to its first spike a guarded answer is the base's own, so whether,
    and when, any gate would first fire follows from the recording alone. Several conversations
    share each forward pass.

    Args:
        engine: the pair; its signal and reflection options are used, its gate is not.
        reader: what reads the risk; `expert` leaves it 0 and keeps its features.
        max_new_tokens: length of the answers; cut to the context.
        max_prompt_tokens: longer prompts are cut, see `cut_to_fit`; None for what the context
            leaves.
        batch_size: conversations answered side by side; 1 or more.
        store: where recordings are looked up and kept; None keeps none.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        reader: ReaderName,
        max_new_tokens: int,
        max_prompt_tokens: int | None = None,
        batch_size: int = 8,
        store: RecordingStore | None = None,
    ) -> None:
        config = engine.config
        silent = config.replace(
            gate=GateConfig(signal=config.gate.signal, v_threshold=_OUT_OF_REACH),
            reflection=config.reflection.replace(reader=reader),
            decoding=config.decoding.replace(
                max_new_tokens=max_new_tokens, special_tokens="neutralise", max_repairs=0
            ),
        )
        pair = Pair(engine.base, engine.expert, silent)
        if reader == "expert":
            pair.risk_reader = _FeatureReader(
                silent.reflection, pair.base_prefixes, pair.expert_prefixes
            )
        room = min(engine.base.context_length, engine.expert.context_length) - max_new_tokens
        self._limit = max(min(room, max_prompt_tokens or room), 1)
        self._batch_size = batch_size
        self._pair = pair
        self._observer = Engine(pair)
        self._store = store or RecordingStore()
        self._identity = (
            engine.base.weights_digest, engine.expert.weights_digest,
            config.gate.signal, max_new_tokens, silent.reflection.digest,
        )  # fmt: skip
        self.num_cut = 0
        """Conversations that were cut to fit, of those recorded or found."""

    def record(
        self,
        conversations: Sequence[Conversation],
        on_progress: Callable[[int, int], None] | None = None,
    ) -> list[Recording]:
        """Record conversations, those of like length together.

        Args:
            conversations: as `Engine.generate` takes them.
            on_progress: called with the number done and the total after each conversation.

        Raises:
            InvalidRequestError: the messages of a conversation are wrong.
            ContextOverflowError: a conversation cannot be cut to fit.
        """
        waiting = [self._fitted(messages) for messages in conversations]
        missing = {entry.key: entry for entry in waiting if self._store.get(entry.key) is None}
        done = sum(entry.key not in missing for entry in waiting)
        if on_progress is not None and done:
            on_progress(done, len(waiting))
        order = sorted(missing.values(), key=lambda entry: entry.num_tokens)
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            self._store.add(self._answer(batch))
            keys = {entry.key for entry in batch}
            for _ in (entry for entry in waiting if entry.key in keys):
                done += 1
                if on_progress is not None:
                    on_progress(done, len(waiting))
        return [cast("Recording", self._store.get(entry.key)) for entry in waiting]

    def _answer(self, batch: Sequence[_Waiting]) -> dict[str, Recording]:
        answers: list[Generation] = self._observer.generate_batch(
            [entry.messages for entry in batch], trace=True
        )
        return {entry.key: _recording(answer) for entry, answer in zip(batch, answers, strict=True)}

    def _fitted(self, messages: Conversation) -> _Waiting:
        turns = [map_text(turn, self._neutralise) for turn in validate_messages(messages)]
        turns, is_cut = cut_to_fit(turns, self._num_tokens, self._limit)
        self.num_cut += is_cut
        ids = self._pair.base.encode_chat(turns)
        return _Waiting(turns, recording_key(*self._identity, ids), len(ids))

    def _num_tokens(self, turns: Sequence[Message]) -> int:
        return max(len(model.encode_chat(turns)) for model in (self._pair.base, self._pair.expert))

    def _neutralise(self, text: str) -> str:
        return self._pair.expert.neutralise(self._pair.base.neutralise(text))


def record(
    engine: Engine,
    conversations: Sequence[Conversation],
    *,
    max_new_tokens: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Recording]:
    """Record conversations with the engine's own risk reader; see `Recorder`."""
    reader = engine.config.reflection.reader
    if reader == "probe":
        raise ConfigurationError(
            "reader='probe' is fitted apart and cannot be recorded; calibrate with the reader "
            "'expert' or 'rubric'"
        )
    recorder = Recorder(engine, reader=reader, max_new_tokens=max_new_tokens)
    return recorder.record(conversations, on_progress)


def rubric_risks(
    engine: Engine, conversations: Sequence[Conversation], *, batch_size: int = 8
) -> list[float] | None:
    """Return what the base itself rates conversations with; None where it cannot be asked."""
    config = engine.config
    asked = config.replace(reflection=config.reflection.replace(reader="rubric"))
    pair = Pair(engine.base, engine.expert, asked)
    risks: list[float] = []
    for start in range(0, len(conversations), batch_size):
        batch = [validate_messages(talk) for talk in conversations[start : start + batch_size]]
        outcomes = judge_together([pair.risk_reader.judging(talk) for talk in batch])
        for outcome in outcomes:
            if isinstance(outcome, Failure):
                if isinstance(outcome.error, NGSDError):
                    return None
                raise outcome.error
            risks.append(outcome.risk)
    return risks


def _recording(answer: Generation) -> Recording:
    currents = tuple(round(step.current, _NUM_DIGITS) for step in answer.steps or ())
    found = answer.reflection
    if not isinstance(found, _ReadScores):
        return Recording(answer.risk or 0.0, currents)
    features = found.features
    rounded = replace(
        features,
        total_variation=round(features.total_variation, _NUM_DIGITS),
        refusal=round(features.refusal, _NUM_DIGITS),
        log_odds=round(features.log_odds, _NUM_DIGITS),
    )
    return Recording(0.0, currents, rounded)
