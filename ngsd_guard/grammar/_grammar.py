"""Grammars that constrain an answer's tokens; the only module that imports llguidance."""

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
from ngsd_guard.grammar._token_texts import TokenTexts
from ngsd_guard.json_schemas import enforceable_schema, longest_remainder
from ngsd_guard.models import TokenizedModel
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
    """A model's vocabulary, as a grammar needs it."""

    tokenizer: LLTokenizer
    size: int
    """Width of the masks."""
    end_token_ids: list[int]
    """Tokens that end an answer."""
    never_token_ids: list[int]
    """Control tokens that do not end an answer; never allowed."""

    @cached_property
    def texts(self) -> TokenTexts:
        """Texts of the tokens; read when an answer is first steered."""
        size = min(self.size, self.tokenizer.vocab_size)
        return TokenTexts(
            [self.tokenizer.decode_bytes([token_id]) for token_id in range(size)],
            left_out={*self.end_token_ids, *self.never_token_ids},
        )

    @cached_property
    def finder(self) -> CompletionFinder:
        """Finder of completions in this vocabulary."""
        return CompletionFinder(self.texts, self.tokenizer.eos_token)


_vocabularies: WeakKeyDictionary[TokenizedModel, _Vocabulary] = WeakKeyDictionary()
_vocabularies_lock = threading.Lock()


class GrammarConstraint:
    """The state of one request's answer in a grammar; created by `Grammar.start`."""

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

        End-of-answer tokens are allowed when the grammar is complete. When few tokens are left,
        a token is forbidden if the answer could no longer be completed after it.

        Args:
            num_left: tokens left in the budget, including this one; None for no limit.

        Raises:
            DecodingError: the grammar exceeds the engine's limits, or its shortest answer does not
                fit the budget.
        """
        allowed = self._allowed()
        lengths = self._lengths
        if num_left is None or lengths is None or num_left > lengths.zone:
            return allowed
        if not self._read and lengths.shortest is not None and num_left < lengths.shortest:
            raise DecodingError(
                f"the grammar's shortest answer takes {lengths.shortest} tokens, but only "
                f"{num_left} are left; raise max_new_tokens, or shorten the prompt if it fills the "
                "context"
            )
        if self._steering is None:
            vocabulary = self._vocabulary
            self._steering = Steering(
                vocabulary.finder, vocabulary.texts, lengths.zone, vocabulary.end_token_ids
            )
        return self._steering.restrict(self._matcher, self._read, num_left, allowed)

    def _allowed(self) -> Tensor:
        bias = bytearray(self._matcher.compute_logit_bias())  # one byte per token
        # The mask of a failed engine would end the answer as if it were complete.
        if self._matcher.is_error():
            raise DecodingError(
                "the grammar engine failed in the middle of an answer "
                f"({self._matcher.stop_reason()}); simplify the grammar"
            )
        vocabulary = self._vocabulary
        known = torch.frombuffer(bias, dtype=torch.uint8)[: vocabulary.size] != 0
        allowed = torch.zeros(vocabulary.size, dtype=torch.bool)
        allowed[: len(known)] = known
        allowed[vocabulary.never_token_ids] = False
        # The engine knows one end-of-answer token. A model may have several, some outside the
        # tokenizer and some that are text.
        allowed[vocabulary.end_token_ids] = self._matcher.is_accepting()
        return allowed

    def advance(self, token_id: int) -> None:
        """Read a token that the mask allows and that does not end the answer.

        Raises:
            DecodingError: the grammar does not allow the token.
        """
        if self._matcher.try_consume_tokens([token_id]) != 1:
            raise DecodingError(
                f"token {token_id} does not fit the grammar; advance only with tokens that the "
                "mask allows"
            )
        self._read.append(token_id)

    def roll_back(self, num_tokens: int) -> None:
        """Remove the last tokens read.

        Raises:
            DecodingError: fewer tokens were read.
        """
        if not self._matcher.rollback(num_tokens):
            raise DecodingError(
                f"cannot roll back {num_tokens} tokens of a grammar; roll back at most as many as "
                "were read"
            )
        if num_tokens > 0:
            del self._read[-num_tokens:]


class _Lengths:
    """Minimum lengths of a grammar's answers, measured on first use.

    Args:
        matcher: the initial state; not changed.
        vocabulary: the model's vocabulary.
        longest_remainder: upper bound on the shortest completion at any point of an answer; None
            if unknown.
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
        """Length of the shortest answer found, in tokens; None if none was found."""
        with self._lock:  # measure only once
            if not self._is_measured:
                plan = self._vocabulary.finder.shortest(self._matcher.deep_copy(), _FARTHEST_SEARCH)
                self._shortest = None if plan is None else len(plan)
                self._is_measured = True
            return self._shortest

    @cached_property
    def zone(self) -> int:
        """Length of the steered part at the end of the budget, in tokens."""
        if self._longest_remainder is not None:
            return min(self._longest_remainder + _ZONE_MARGIN, LONGEST_ZONE)
        return min(max(2 * (self.shortest or 0), _SHORTEST_ZONE), LONGEST_ZONE)


class Grammar:
    """A grammar compiled for one model's vocabulary; created by `compile_grammar`.

    Thread-safe.
    """

    def __init__(
        self, matcher: LLMatcher, vocabulary: _Vocabulary, longest_remainder: int | None = None
    ) -> None:
        self._matcher = matcher  # never reads a token
        self._vocabulary = vocabulary
        self._lengths = _Lengths(matcher, vocabulary, longest_remainder)

    def start(self) -> GrammarConstraint:
        """Return a new constraint for one request."""
        return GrammarConstraint(self._matcher.deep_copy(), self._vocabulary, self._lengths)


def compile_grammar(
    model: LanguageModel,
    *,
    json_schema: dict[str, Any] | str | None = None,
    regex: str | None = None,
    lark: str | None = None,
) -> Grammar:
    r"""Compile a grammar that an entire answer must match.

    Pass exactly one of `json_schema`, `regex` and `lark`. End-of-answer tokens are allowed whenever
    the grammar is complete, so a grammar does not name them. Other control tokens are never
    allowed, even if the grammar spells one out. JSON may have single spaces between its parts but
    no line breaks. To allow them, add `"x-guidance": {"whitespace_pattern": "[ \n]+"}` to the
    schema.

    Args:
        model: the model that will answer, such as `engine.base`; a Hugging Face model with a fast
            tokenizer.
        json_schema: a JSON schema, as a dictionary or a JSON string.
        regex: a regular expression in the syntax of Rust's `regex`, without look-around or
            backreferences, that matches the entire answer.
        lark: a grammar in llguidance's variant of Lark, with a rule `start`.

    Raises:
        ConfigurationError: none or several of the three are given, a schema is malformed (the
            message names the place), the engine refuses the grammar, no answer can satisfy it, or
            the model has no fast tokenizer or end-of-answer token.

    Source: llguidance, an Earley parser with lazily built automata.
    """
    source = _only_one(json_schema=json_schema, regex=regex, lark=lark)
    text = None if json_schema is None else json.dumps(enforceable_schema(_parsed(json_schema)))
    vocabulary = _vocabulary(model)
    matcher = LLMatcher(
        vocabulary.tokenizer,
        _engine_grammar(source, json_schema=text, regex=regex, lark=lark),
        log_level=0,  # higher levels write tokens of the answer to stderr
        limits=LLParserLimits(verbose_errors=False),
    )
    if matcher.is_error():
        raise _refusal(source, matcher.get_error())
    try:
        # On the matcher itself, so that its copies share the automata built here.
        is_possible = bool(GrammarConstraint(matcher, vocabulary).mask().any())
    except DecodingError as error:
        raise _refusal(source, "no answer can satisfy it, or it is too complex") from error
    if not is_possible:
        raise _refusal(source, "no answer can satisfy it")
    return Grammar(matcher, vocabulary, _remainder(text, lark))


def _remainder(json_schema: str | None, lark: str | None) -> int | None:
    """Return a bound on the rest of an answer; None if it follows from no JSON schema."""
    if json_schema is not None:
        return longest_remainder(json.loads(json_schema))
    embedded = [_leading_json(part) for part in (lark or "").split("%json ")[1:]]
    return sum(map(longest_remainder, embedded)) if embedded else None


def _leading_json(text: str) -> dict[str, Any]:
    try:
        value, _ = json.JSONDecoder().raw_decode(text.lstrip())
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {}


def _only_one(**sources: object) -> str:
    given = [name for name, value in sources.items() if value is not None]
    if len(given) != 1:
        raise ConfigurationError(
            f"{' and '.join(given) or 'no grammar'} given; pass exactly one of {', '.join(sources)}"
        )
    return given[0]


def _parsed(json_schema: dict[str, Any] | str) -> dict[str, Any]:
    try:
        schema = json.loads(json_schema) if isinstance(json_schema, str) else json_schema
    except (ValueError, RecursionError) as error:
        raise _refusal("json_schema", f"it is not JSON: {error}") from error
    if not isinstance(schema, dict):
        raise _refusal("json_schema", f"it is a {type(schema).__name__}, not an object")
    return schema


def _engine_grammar(
    source: str, *, json_schema: str | None, regex: str | None, lark: str | None
) -> str:
    if json_schema is not None:
        try:
            # Small models fill every gap with as much whitespace as is allowed.
            return LLMatcher.grammar_from_json_schema(json_schema, {"whitespace_pattern": " "})
        except ValueError as error:
            raise _refusal(source, str(error)) from error
    for given in (regex, lark):
        if given is not None and not isinstance(given, str):
            raise _refusal(source, f"it is of type {type(given).__name__}, not text")
    if regex is not None:
        return LLMatcher.grammar_from_regex(regex)
    return LLMatcher.grammar_from_lark(lark or "")


def _refusal(source: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"cannot compile {source}: {_shortened(reason)}; correct or simplify it"
    )


def _shortened(reason: str) -> str:
    reason = " ".join(reason.split())
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}..."


def _vocabulary(model: LanguageModel) -> _Vocabulary:
    """Return the vocabulary of a model, which is read only once.

    Raises:
        ConfigurationError: the engine cannot read it, or it has no end-of-answer token.
    """
    if not isinstance(model, TokenizedModel):
        raise ConfigurationError(
            f"cannot compile a grammar for {type(model).__name__}; pass a Hugging Face model, such "
            "as the base of load_engine()"
        )
    with _vocabularies_lock:  # reading a large vocabulary takes a second
        vocabulary = _vocabularies.get(model)
        if vocabulary is None:
            vocabulary = _vocabularies[model] = _read_vocabulary(model)
    return vocabulary


def _read_vocabulary(model: TokenizedModel) -> _Vocabulary:
    end_token_ids = sorted(i for i in model.eos_token_ids if i < model.vocab_size)
    if not end_token_ids:
        raise ConfigurationError(
            f"{model.name!r} has no end-of-sequence token, so an answer could not end; set "
            "eos_token_id in its generation_config.json"
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
    # Where only one text may follow, the engine tokenizes it, possibly into control tokens. Its
    # own end token need not be one of the model's.
    control = model.tokenizer.convert_tokens_to_ids(sorted(model.special_tokens))
    never_token_ids = {tokenizer.eos_token, *control}.difference(end_token_ids)
    return _Vocabulary(
        tokenizer,
        size=model.vocab_size,
        end_token_ids=end_token_ids,
        never_token_ids=sorted(i for i in never_token_ids if i < model.vocab_size),
    )
