"""Hypothesis strategies for messages, content blocks and tool calls."""

from hypothesis import strategies as st

from ngsd_guard.content_blocks import BLOCK_ROLES, SPOKEN

SPECIAL = ["<|im_start|>", "<|im_end|>", "</s>", "[INST]", "\x1e", "\x1f", "</request>", "</text>"]
CHARACTERS = st.characters()  # including surrogates and control characters
TEXTS = st.one_of(
    st.text(CHARACTERS, max_size=40),
    st.lists(st.sampled_from([*SPECIAL, "HARM", "ORDER", " ", ".", "\n", "\u200b", "é", "🦊"])).map(
        "".join
    ),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS, st.binary())
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(TEXTS | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)
KINDS = st.sampled_from(sorted(BLOCK_ROLES))
MEMBERS = (
    "id",
    "name",
    "input",
    "arguments",
    "summary",
    "signature",
    "annotations",
    "source",
    *SPOKEN,
)
BLOCKS = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "text": TEXTS}),
    st.fixed_dictionaries({"type": KINDS, "x": JSON}),
    st.fixed_dictionaries({"type": KINDS}, optional={name: JSON for name in MEMBERS}),
    st.dictionaries(st.sampled_from(["type", "text", "reasoning", "content"]), JSON, max_size=3),
    JSON,
)
CALLS = st.one_of(
    st.fixed_dictionaries({"name": TEXTS, "args": JSON, "id": st.none() | TEXTS}),
    st.fixed_dictionaries(
        {"name": TEXTS},
        optional={
            name: JSON | JSON.map(repr)
            for name in ("arguments", "args", "input", "parameters", "error", "note")
        },
    ),
    st.fixed_dictionaries({"function": st.fixed_dictionaries({"name": TEXTS, "arguments": JSON})}),
    JSON,
)
MESSAGES = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["system", "user", "assistant", "tool", "developer"]),
        "content": st.one_of(TEXTS, st.lists(BLOCKS, max_size=3), BLOCKS),
    },
    optional={
        "tool_calls": st.lists(CALLS, max_size=2) | JSON,
        "tool_call_id": st.none() | TEXTS,
        "name": JSON,
    },
)
CONVERSATIONS = st.one_of(TEXTS, st.lists(MESSAGES, max_size=4), JSON, st.lists(JSON, max_size=3))
