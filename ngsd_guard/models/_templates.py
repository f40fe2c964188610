"""A tokenizer's chat templates, of which some models have several by name, and their variables."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ngsd_guard.errors import ConfigurationError, ModelLoadError

_DEFAULT: Final = "default"
_TOOL_USE: Final = "tool_use"
_GENERATION_TAG: Final = re.compile(r"\{%-?\s*(end)?generation\s*-?%\}")  # of transformers' own
_RESERVED: Final = frozenset({
    "add_generation_prompt", "bos_token", "chat_template", "continue_final_message", "conversation",
    "eos_token", "max_length", "messages", "pad_token", "padding", "raise_exception",
    "return_assistant_tokens_mask", "return_dict", "return_tensors", "self", "tokenize",
    "tokenizer_kwargs", "tools", "truncation", "unk_token",
})  # fmt: skip
"""Names that this package, transformers or the template's own text decide."""


@dataclass(frozen=True, slots=True)
class NamedTemplates:
    """The chat templates of a tokenizer that this package uses, as Jinja source."""

    default: str | None
    """None where the tokenizer has no template at all."""
    tool_use: str | None = None
    """For requests with tools; None where the default one serves them too."""


def templates_of(tokenizer: Any, name: str) -> NamedTemplates:
    """Return a tokenizer's chat templates.

    Args:
        tokenizer: whose `chat_template` is a text, or texts by name.
        name: what errors call the model.

    Raises:
        ModelLoadError: there are several and none is called `default`.
    """
    found = tokenizer.chat_template
    if not isinstance(found, dict):
        return NamedTemplates(found or None)
    if not found:
        return NamedTemplates(None)
    if _DEFAULT not in found and len(found) > 1:
        names = ", ".join(sorted(found))
        raise ModelLoadError(
            name, f"its chat templates are {names}; name one of them 'default' in its tokenizer"
        )
    default = found.get(_DEFAULT) or next(iter(found.values()))
    return NamedTemplates(default, found.get(_TOOL_USE))


@lru_cache(maxsize=64)
def template_variables(chat_template: str) -> frozenset[str]:
    """Return the names that a chat template reads and that a caller may set."""
    environment = ImmutableSandboxedEnvironment(
        extensions=["jinja2.ext.loopcontrols"]  # as transformers compiles templates
    )
    source = _GENERATION_TAG.sub("", chat_template)
    try:
        found = meta.find_undeclared_variables(environment.parse(source))
    except TemplateSyntaxError:  # rendering will say so
        return frozenset()
    return frozenset(found - _RESERVED - environment.globals.keys() - {"strftime_now"})


def check_template_kwargs(kwargs: Mapping[str, Any]) -> None:
    """Refuse variables of a chat template that cannot be set.

    Raises:
        ConfigurationError: a name is reserved or not an identifier, or a value is not JSON.
    """
    for name in kwargs:
        if not isinstance(name, str) or not name.isidentifier() or name in _RESERVED:
            raise ConfigurationError(
                f"chat_template_kwargs has {str(name)[:80]!r}, which is not a free variable of a "
                "chat template; leave it out"
            )
    try:
        json.dumps(dict(kwargs), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"chat_template_kwargs is not JSON ({error}); use texts, numbers, booleans, lists and "
            "mappings"
        ) from error
