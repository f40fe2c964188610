"""Grammars that say which tokens may come next; the only module that imports llguidance."""

import json
import threading
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from ngsd_guard.errors import ConfigurationError, DecodingError, MissingDependencyError
from ngsd_guard.grammar._completion import LONGEST_ZONE, CompletionFinder, Steering
from ngsd_guard.grammar._json_size import longest_remainder
from ngsd_guard.grammar._token_texts import TokenTexts
from ngsd_guard.models import HFCausalLM
from ngsd_guard.protocols import LanguageModel

try:
    from llguidance import LLMatcher, LLParserLimits, LLTokenizer
    from llguidance.hf import from_tokenizer
except ImportError as error:
    raise MissingDependencyError(
        "a grammar needs llguidance; install it with: pip install 'ngsd-guard[grammar]'"
    ) from error

_LONGEST_REASON: Final = 400
_ZONE_MARGIN: Final = 64
_SHORTEST_ZONE: Final = 128
_FARTHEST_SEARCH: Final = 512


@dataclass(frozen=True)
class _Vocabulary:
    """What a grammar must know of a model's tokens."""

    tokenizer: LLTokenizer
    size: int
    """Width of the masks."""
    end_token_ids: list[int]
    """End an answer of the model."""
    never_token_ids: list[int]
    """Control tokens of the model that end no answer."""

    @cached_property
    def texts(self) -> TokenTexts:
        """What the tokens say; read when an answer is steered for the first time."""
        size = min(self.size, self.tokenizer.vocab_size)
        return TokenTexts(
            [self.tokenizer.decode_bytes([token_id]) for token_id in range(size)],
            left_out={*self.end_token_ids, *self.never_token_ids},
        )

    @cached_property
    def finder(self) -> CompletionFinder:
        """Finds completions in these tokens."""
        return CompletionFinder(self.texts, self.tokenizer.eos_token)


_vocabularies: WeakKeyDictionary[HFCausalLM, _Vocabulary] = WeakKeyDictionary()
_vocabularies_lock = threading.Lock()


class GrammarConstraint:
    """Follows one answer through a grammar; belongs to one request. `Grammar.start` makes it."""

    def __init__(
        self, matcher: LLMatcher, vocabulary: _Vocabulary, lengths: "_Lengths | None" = None
    ) -> None:
        self._matcher = matcher
        self._vocabulary = vocabulary
        self._lengths = lengths
        self._steering: Steering | None = None
        self._read: list[int] = []

    def mask(self, num_left: int | None = None) -> Tensor:
        """Return the tokens allowed next: [vocab], bool, on the CPU.

        The tokens that end an answer are among them where the grammar is complete, and only they
        where nothing else may follow. Where few tokens are left, those are forbidden behind which
        the answer could no longer be completed.

        Args:
            num_left: tokens the answer may still have, the one asked for included; None for any
                number.

        Raises:
            DecodingError: the grammar exceeds the engine's limits here, or no answer to it is as
                short as it would have to be.
        """
        allowed = self._allowed()
        lengths = self._lengths
        if num_left is None or lengths is None or num_left > lengths.zone:
            return allowed
        if not self._read and lengths.shortest is not None and num_left < lengths.shortest:
            raise DecodingError(
                f"the grammar's shortest answer takes {lengths.shortest} tokens, and {num_left} "
                "are left; raise max_new_tokens, or shorten the prompt where it fills the context"
            )
        if self._steering is None:
            vocabulary = self._vocabulary
            self._steering = Steering(
                vocabulary.finder, vocabulary.texts, lengths.zone, vocabulary.end_token_ids
            )
        return self._steering.restrict(self._matcher, self._read, num_left, allowed)

    def _allowed(self) -> Tensor:
        bias = bytearray(self._matcher.compute_logit_bias())  # a byte for each token
        # Where the engine fails, its mask would end the answer as if it were complete.
        if self._matcher.is_error():
            raise DecodingError(
                "the grammar engine gave up in the middle of an answer "
                f"({self._matcher.stop_reason()}); simplify the grammar"
            )
        vocabulary = self._vocabulary
        known = torch.frombuffer(bias, dtype=torch.uint8)[: vocabulary.size] != 0
        allowed = torch.zeros(vocabulary.size, dtype=torch.bool)
        allowed[: len(known)] = known
        allowed[vocabulary.never_token_ids] = False
        # The engine knows one token that ends an answer; models have several, some beyond the
        # tokenizer and some that are text.
        allowed[vocabulary.end_token_ids] = self._matcher.is_accepting()
        return allowed

    def advance(self, token_id: int) -> None:
        """Read a token that the mask allows and that does not end the answer.

        Raises:
            DecodingError: the grammar does not allow it.
        """
        if self._matcher.try_consume_tokens([token_id]) != 1:
            raise DecodingError(
                f"token {token_id} does not fit the grammar; advance only over tokens that the "
                "mask allows"
            )
        self._read.append(token_id)

    def roll_back(self, num_tokens: int) -> None:
        """Take back the last tokens read.

        Raises:
            DecodingError: fewer were read.
        """
        if not self._matcher.rollback(num_tokens):
            raise DecodingError(
                f"cannot take back {num_tokens} tokens of a grammar; take back at most those read"
            )
        if num_tokens > 0:
            del self._read[-num_tokens:]


class _Lengths:
    """How long the answers of a grammar are at the least; measured when it is first asked for.

    Args:
        matcher: has read nothing, and never does.
        vocabulary: of the model.
        longest_remainder: bounds what completes an answer, wherever it stands; None for unknown.
    """

    def __init__(
        self, matcher: LLMatcher, vocabulary: _Vocabulary, longest_remainder: int | None
    ) -> None:
        self._matcher = matcher
        self._vocabulary = vocabulary
        self._longest_remainder = longest_remainder
        self._lock = threading.Lock()
        self._shortest: int | None = None
        self._is_measured = False

    @property
    def shortest(self) -> int | None:
        """Tokens of the shortest answer that is found; None where none is."""
        with self._lock:  # so that it is measured once
            if not self._is_measured:
                plan = self._vocabulary.finder.shortest(self._matcher.deep_copy(), _FARTHEST_SEARCH)
                self._shortest = None if plan is None else len(plan)
                self._is_measured = True
            return self._shortest

    @cached_property
    def zone(self) -> int:
        """Tokens before the end of the budget from which on an answer is steered."""
        if self._longest_remainder is not None:
            return min(self._longest_remainder + _ZONE_MARGIN, LONGEST_ZONE)
        return min(max(2 * (self.shortest or 0), _SHORTEST_ZONE), LONGEST_ZONE)


class Grammar:
    """A grammar compiled for one model's vocabulary; `compile_grammar` makes it.

    Safe to share between threads.
    """

    def __init__(
        self, matcher: LLMatcher, vocabulary: _Vocabulary, longest_remainder: int | None = None
    ) -> None:
        self._matcher = matcher  # never reads a token
        self._vocabulary = vocabulary
        self._lengths = _Lengths(matcher, vocabulary, longest_remainder)

    def start(self) -> GrammarConstraint:
        """Return a constraint that has read nothing, for one request."""
        return GrammarConstraint(self._matcher.deep_copy(), self._vocabulary, self._lengths)


def compile_grammar(
    model: LanguageModel,
    *,
    json_schema: dict[str, Any] | str | None = None,
    regex: str | None = None,
    lark: str | None = None,
) -> Grammar:
    r"""Compile a grammar that whole answers of a model follow.

    Exactly one of the three is given. The tokens that end an answer are allowed wherever the
    grammar is complete; a grammar does not name them. The model's control tokens are never
    allowed, not even where a grammar spells one out. JSON may have a space between its parts and
    no line break, unless the schema says so: `"x-guidance": {"whitespace_pattern": "[ \n]+"}`.

    Args:
        model: whose vocabulary to compile for, such as `engine.base`; a Hugging Face model with a
            fast tokenizer.
        json_schema: a JSON schema, as a dictionary or as JSON.
        regex: in the syntax of Rust's `regex`, without look-around and back-references; matched
            against the whole answer.
        lark: in llguidance's dialect of Lark, with a rule `start`.

    Raises:
        ConfigurationError: not exactly one of the three is given, the engine refuses it, no answer
            can satisfy it, or the model has no fast tokenizer or no token that ends an answer.

    Source: llguidance, an Earley parser over lazily built automata.
    """
    source = _only_one(json_schema=json_schema, regex=regex, lark=lark)
    vocabulary = _vocabulary(model)
    matcher = LLMatcher(
        vocabulary.tokenizer,
        _engine_grammar(source, json_schema=json_schema, regex=regex, lark=lark),
        log_level=0,  # it would write tokens of the answer to stderr
        limits=LLParserLimits(verbose_errors=False),
    )
    if matcher.is_error():
        raise _refusal(source, matcher.get_error())
    try:
        # On the matcher itself, since its copies begin with the automata this builds.
        is_possible = bool(GrammarConstraint(matcher, vocabulary).mask().any())
    except DecodingError as error:
        raise _refusal(source, "no answer can satisfy it, or it is too complex") from error
    if not is_possible:
        raise _refusal(source, "no answer can satisfy it")
    return Grammar(matcher, vocabulary, _remainder(json_schema))


def _remainder(json_schema: dict[str, Any] | str | None) -> int | None:
    if json_schema is None:
        return None
    schema = json.loads(json_schema) if isinstance(json_schema, str) else json_schema
    return longest_remainder(schema)


def _only_one(**sources: object) -> str:
    given = [name for name, value in sources.items() if value is not None]
    if len(given) != 1:
        raise ConfigurationError(
            f"{' and '.join(given) or 'no grammar'} given; give exactly one of {', '.join(sources)}"
        )
    return given[0]


def _engine_grammar(
    source: str, *, json_schema: dict[str, Any] | str | None, regex: str | None, lark: str | None
) -> str:
    if json_schema is not None:
        try:
            text = json_schema if isinstance(json_schema, str) else json.dumps(json_schema)
            schema = json.loads(text)
        except (TypeError, ValueError, RecursionError) as error:
            raise _refusal(source, f"it is not JSON: {error}") from error
        if not isinstance(schema, dict):
            raise _refusal(source, f"it is a {type(schema).__name__}, not an object")
        try:
            # Small models fill every gap with as much whitespace as they may.
            return LLMatcher.grammar_from_json_schema(text, {"whitespace_pattern": " "})
        except ValueError as error:
            raise _refusal(source, str(error)) from error
    for given in (regex, lark):
        if given is not None and not isinstance(given, str):
            raise _refusal(source, f"it is of type {type(given).__name__}, not text")
    if regex is not None:
        return LLMatcher.grammar_from_regex(regex)
    return LLMatcher.grammar_from_lark(lark or "")


def _refusal(source: str, reason: str) -> ConfigurationError:
    return ConfigurationError(f"cannot compile {source}: {_shortened(reason)}; change it")


def _shortened(reason: str) -> str:
    reason = " ".join(reason.split())
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}..."


def _vocabulary(model: LanguageModel) -> _Vocabulary:
    """Return the vocabulary of a model, read once.

    Raises:
        ConfigurationError: the engine cannot read it, or no token in it ends an answer.
    """
    if not isinstance(model, HFCausalLM):
        raise ConfigurationError(
            f"cannot compile a grammar for {type(model).__name__}; pass a Hugging Face model, such "
            "as the base of load_engine()"
        )
    with _vocabularies_lock:  # a large one takes a second
        vocabulary = _vocabularies.get(model)
        if vocabulary is None:
            vocabulary = _vocabularies[model] = _read_vocabulary(model)
    return vocabulary


def _read_vocabulary(model: HFCausalLM) -> _Vocabulary:
    end_token_ids = sorted(i for i in model.eos_token_ids if i < model.vocab_size)
    if not end_token_ids:
        raise ConfigurationError(
            f"{model.name!r} has no token that ends an answer, so no grammar could ever be "
            "complete; set eos_token_id in its generation_config.json"
        )
    known = [i for i in end_token_ids if i < len(model.tokenizer)]
    try:
        tokenizer = from_tokenizer(model.tokenizer, eos_token=min(known, default=None))
    except (TypeError, ValueError) as error:
        reason = _shortened(str(error))
        raise ConfigurationError(
            f"the grammar engine cannot read the tokenizer of {model.name!r}: {reason}; use a "
            "model with a fast tokenizer"
        ) from error
    # Where only one text may follow, the engine reads it as the tokenizer does: as control tokens
    # too. And what it takes for the end need not be one of the model's.
    control = model.tokenizer.convert_tokens_to_ids(sorted(model.special_tokens))
    never_token_ids = {tokenizer.eos_token, *control}.difference(end_token_ids)
    return _Vocabulary(
        tokenizer,
        size=model.vocab_size,
        end_token_ids=end_token_ids,
        never_token_ids=sorted(i for i in never_token_ids if i < model.vocab_size),
    )
