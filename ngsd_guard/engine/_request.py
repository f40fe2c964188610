"""From what a caller passes to a request that was checked and encoded."""

import inspect
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypedDict, TypeVar

from ngsd_guard.config import SamplingParams
from ngsd_guard.decoding import Request, TokenConstraint
from ngsd_guard.errors import ConfigurationError, ContextOverflowError, InvalidRequestError
from ngsd_guard.messages import map_json_text, map_text, validate_messages
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import common_prefix
from ngsd_guard.types import Message


class RequestOptions(TypedDict, total=False):
    """How one conversation is answered; what is left out has its default."""

    max_new_tokens: int | None
    """Longest answer, in tokens; None for the configured length, cut to the context."""
    temperature: float
    """0, the default, is greedy."""
    top_k: int | None
    """Keep this many of the likeliest tokens; None keeps all."""
    top_p: float
    """Keep the fewest tokens whose probability reaches this; 1 keeps all."""
    seed: int | None
    """Of the sampling noise; None draws one."""
    stop: str | Sequence[str] | None
    """Strings that end the answer and are not part of it."""
    guarded: bool
    """False lets the base speak alone."""
    speculative: bool | None
    """Whether the expert may draft, which changes no token; None for the configured choice."""
    trace: bool
    """Keep every `DecodeStep` on the finished `Generation`."""
    tools: Sequence[Mapping[str, Any]]
    """What the model may call, in OpenAI's form; a call arrives as text, to be read with
    `ngsd_guard.tool_calling`."""
    constraint: TokenConstraint | None
    """Says which tokens may come next; used up by this request."""
    num_logprobs: int | None
    """Report each token's log-probability, and this many alternatives; None reports none."""
    timeout_s: float | None
    """Seconds from now after which the answer fails; None waits."""
    is_cancelled: Callable[[], bool]
    """Asked before every token; the answer ends when it returns True."""


_SAMPLING = frozenset(SamplingParams.model_fields)
_DEFAULTS: Final[dict[str, Any]] = {
    "max_new_tokens": None,
    "temperature": 0.0,
    "top_k": None,
    "top_p": 1.0,
    "seed": None,
    "stop": None,
    "guarded": True,
    "speculative": None,
    "trace": False,
    "tools": (),
    "constraint": None,
    "num_logprobs": None,
    "timeout_s": None,
    "is_cancelled": None,
}
MethodT = TypeVar("MethodT", bound=Callable[..., Any])


def shows_options(method: MethodT) -> MethodT:
    """Let `help` and `inspect.signature` show the options that a method passes on."""
    signature = inspect.signature(method)
    kept = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
        for name, default in _DEFAULTS.items()
    ]
    shown = signature.replace(parameters=[*kept, *options])
    method.__signature__ = shown  # type: ignore[attr-defined]
    return method


def prepare(
    pair: Pair, messages: Sequence[Mapping[str, Any]], options: Mapping[str, Any]
) -> Request:
    """Check and encode a request.

    Raises:
        InvalidRequestError: the messages are wrong.
        ConfigurationError: an option is unknown or wrong.
        ContextOverflowError: prompt and answer do not fit the context.
    """
    started_s = time.perf_counter()
    options = _checked(options)
    decoding = pair.config.decoding
    max_new_tokens = options.get("max_new_tokens")
    sampling = SamplingParams(
        **{
            **{name: options[name] for name in _SAMPLING & options.keys()},
            "max_new_tokens": decoding.max_new_tokens if max_new_tokens is None else max_new_tokens,
        }
    )
    guarded = bool(options.get("guarded", True))
    speculative = options.get("speculative")
    timeout_s = options.get("timeout_s")
    turns, tools = neutral_turns(pair, messages), neutral_tools(pair, options.get("tools") or ())
    base_ids = tuple(pair.base.encode_chat(turns, tools))
    expert_ids = tuple(pair.expert.encode_chat(turns, tools)) if guarded else ()
    room = _room(pair, base_ids, expert_ids, 1 if max_new_tokens is None else max_new_tokens)
    return Request(
        messages=turns,
        base_prompt_ids=base_ids,
        expert_prompt_ids=expert_ids,
        num_rated=_num_rated(pair, turns, tools, (base_ids, expert_ids)),
        sampling=sampling.replace(
            max_new_tokens=min(sampling.max_new_tokens, room), seed=_resolved_seed(sampling)
        ),
        guarded=guarded,
        speculative=decoding.speculative if speculative is None else bool(speculative),
        trace=bool(options.get("trace", False)),
        constraint=options.get("constraint"),
        is_cancelled=options.get("is_cancelled") or (lambda: False),
        started_s=started_s,
        **({} if timeout_s is None else {"timeout_s": timeout_s}),
    )


def neutral_turns(pair: Pair, messages: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    """Return checked messages that cannot forge a turn in either model's template.

    Raises:
        InvalidRequestError: the messages are wrong, or hold a control token that is refused.
    """
    return tuple(
        map_text(message, _neutraliser(pair, f"messages[{index}]"))
        for index, message in enumerate(validate_messages(messages))
    )


def neutral_tools(pair: Pair, tools: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return tool definitions that cannot forge a turn in either model's template.

    Raises:
        InvalidRequestError: a definition holds a control token that is refused.
    """
    return tuple(
        map_json_text(tool, _neutraliser(pair, f"tools[{index}]"))
        for index, tool in enumerate(tools)
    )


def _checked(options: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = sorted(options.keys() - RequestOptions.__annotations__.keys())
    if unknown:
        known = ", ".join(RequestOptions.__annotations__)
        raise ConfigurationError(f"unknown option {', '.join(unknown)}; there are {known}")
    timeout_s = options.get("timeout_s")
    if timeout_s is not None and not (isinstance(timeout_s, int | float) and timeout_s > 0):
        raise ConfigurationError(f"timeout_s={timeout_s!r}: give seconds above 0, or None to wait")
    for name in ("guarded", "trace", "speculative"):
        value = options.get(name)
        if value is not None and not isinstance(value, bool):
            raise ConfigurationError(f"{name}={value!r}: give True or False")
    return options


def _room(pair: Pair, base_ids: Sequence[int], expert_ids: Sequence[int], num_wanted: int) -> int:
    """Return how many tokens the answer may have; at least `num_wanted`."""
    readers = [(pair.base, base_ids), *([(pair.expert, expert_ids)] if expert_ids else [])]
    model, prompt_ids = min(readers, key=lambda r: r[0].context_length - len(r[1]))
    room = model.context_length - len(prompt_ids)
    if room < num_wanted:
        raise ContextOverflowError(
            len(prompt_ids) + num_wanted, model.context_length, what="prompt and answer"
        )
    return room


def _num_rated(
    pair: Pair,
    turns: Sequence[Message],
    tools: Sequence[Mapping[str, Any]],
    prompts: tuple[Sequence[int], Sequence[int]],
) -> tuple[int, int] | None:
    """Return how many tokens of each prompt stand before a prefilled answer; None without one."""
    if len(turns) < 2 or turns[-1]["role"] != "assistant" or not prompts[1]:
        return None
    asked = [model.encode_chat(turns[:-1], tools) for model in (pair.base, pair.expert)]
    base, expert = (
        len(common_prefix([prompt, ids])) for prompt, ids in zip(prompts, asked, strict=True)
    )
    return (base, expert) if base and expert else None


def _neutraliser(pair: Pair, where: str) -> Callable[[str], str]:
    def neutralise(text: str) -> str:
        neutral = pair.expert.neutralise(pair.base.neutralise(text))
        if neutral != text and pair.config.decoding.special_tokens == "reject":
            raise InvalidRequestError(
                f"{where} holds a control token of the model and could forge a turn; "
                "remove it, or pass it on as text with DecodingConfig(special_tokens='neutralise')"
            )
        return neutral

    return neutralise


def _resolved_seed(sampling: SamplingParams) -> int | None:
    if sampling.temperature == 0.0:
        return None
    return secrets.randbits(63) if sampling.seed is None else sampling.seed
