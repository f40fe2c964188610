"""Calls of each format, parsed from complete answers."""

import json
from typing import Any

import pytest

from ngsd_guard.tool_calling import (
    HERMES,
    LLAMA3,
    MISTRAL,
    ArgumentsDelta,
    BrokenCall,
    CallEnded,
    CallStarted,
    ParsedCall,
    TaggedFormat,
    TextDelta,
    ToolFormat,
    parse_answer,
)

F = ParsedCall("f", {"a": 1})
G = ParsedCall("g", {})
ENDED = "the answer ended inside a call"


@pytest.mark.parametrize(
    ("format", "answer", "text", "calls"),
    [
        # Hermes and its relatives
        (HERMES, "Just text.", "Just text.", []),
        (HERMES, '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>', "", [F]),
        (HERMES, '<tool_call>{"name":"f","arguments":{"a":1}}</tool_call>', "", [F]),
        (
            HERMES,
            'Wait.\n<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>\n'
            '<tool_call>\n{"name": "g", "arguments": {}}\n</tool_call>\n',
            "Wait.",
            [F, G],
        ),
        (HERMES, 'A <tool_call>{"name": "g"}</tool_call>\n B', "AB", [G]),
        (HERMES, '<tool_call>{"arguments": {"a": 1}, "name": "f"}</tool_call>', "", [F]),
        (HERMES, '<tool_call>{"parameters": {"a": 1}, "name": "f"}</tool_call>', "", [F]),
        (HERMES, '<tool_call> \n {"name" : "f" ,\n"arguments"\t: {"a" : 1 } } ', "", [F]),
        (HERMES, r'<tool_call>{"name": "f", "arguments": "{\"a\": 1}"}</tool_call>', "", [F]),
        (HERMES, '<tool_call>{"name": "g", "arguments": ""}</tool_call>', "", [G]),
        (HERMES, '<tool_call>{"name": "g", "arguments": null}</tool_call>', "", [G]),
        (HERMES, '<tool_call>{"name": "g", "id": [{"name": "x"}], "n": ":,"}', "", [G]),
        (HERMES, '<tool_call>{"name": "g"}</tool_', "", [G]),
        (HERMES, '<tool_call>{"name": "g"}\n{"name": "g"}</tool_call>', "", [G, G]),
        (HERMES, '<tool_call>{"name": "g"}\n<tool_call>{"name": "g"}', "", [G, G]),
        (HERMES, r'<tool_call>{"n\u0061me": "\u0066", "arguments": {"a": 1}}', "", [F]),
        # Llama 3
        (LLAMA3, '{"name": "f", "parameters": {"a": 1}}', "", [F]),
        (LLAMA3, ' \n{"parameters": {"a": 1}, "name": "f"} ', "", [F]),
        (LLAMA3, '<|python_tag|>{"name": "f", "parameters": {"a": 1}}', "", [F]),
        (LLAMA3, '{"type": "function", "name": "f", "parameters": {"a": 1}}', "", [F]),
        (LLAMA3, '{"name": "g"}; {"name": "f", "parameters": {"a": 1}}', "", [G, F]),
        (LLAMA3, '{"name": "g"}\n{"name": "g"};', "", [G, G]),
        (LLAMA3, '{"name": "g"} ; <|python_tag|> {"name": "g"}', "", [G, G]),
        (LLAMA3, '{"name": "g"} Done; {"name": "g"}', 'Done; {"name": "g"}', [G]),
        (LLAMA3, 'Look: <|python_tag|>{"name": "g"}', "Look:", [G]),
        # An answer in JSON that is not a call
        (LLAMA3, '{"name": "Ada", "age": 36}', '{"name": "Ada", "age": 36}', []),
        (LLAMA3, ' {"a": {"name": "f"}} ', ' {"a": {"name": "f"}} ', []),
        (LLAMA3, "{x}", "{x}", []),
        (LLAMA3, '{"na', '{"na', []),
        (LLAMA3, 'Say {"name": "f"}', 'Say {"name": "f"}', []),
        (LLAMA3, '{"name": "g"} {"b": 1}', '{"b": 1}', [G]),
        # Mistral
        (MISTRAL, '[TOOL_CALLS] [{"name": "f", "arguments": {"a": 1}}]', "", [F]),
        (MISTRAL, 'Hm. [TOOL_CALLS][{"name": "g", "id": "abcdefgh1"}] Ok', "Hm.Ok", [G]),
        (MISTRAL, '[TOOL_CALLS] [ {"name": "g"} , {"name": "g"} ]', "", [G, G]),
        (MISTRAL, '[TOOL_CALLS] [{"name": "g"},', "", [G]),
        (MISTRAL, '[TOOL_CALLS] {"name": "g"}', "", [G]),
        (MISTRAL, '[TOOL_CALLS]f[ARGS]{"a": 1}', "", [F]),
        (MISTRAL, '[TOOL_CALLS]f[CALL_ID]x1[ARGS]{"a": 1}[TOOL_CALLS]g[ARGS]{}', "", [F, G]),
        (MISTRAL, '[TOOL_CALLS] f {"a": 1} Ok', "Ok", [F]),
        (MISTRAL, "[TOOL] [1]", "[TOOL] [1]", []),
    ],
)  # fmt: skip
def test_answer_is_parsed_into_text_and_calls(
    format: ToolFormat, answer: str, text: str, calls: list[ParsedCall]
) -> None:
    parsed = parse_answer(format, answer)
    assert parsed.text == text
    assert list(parsed.calls) == calls
    assert parsed.broken == ()


@pytest.mark.parametrize(
    ("format", "answer", "broken", "reason"),
    [
        (HERMES, "<tool_call>", "<tool_call>", ENDED),
        (HERMES, '<tool_call>{"name": "f"', '<tool_call>{"name": "f"', ENDED),
        (HERMES, "<tool_call>hi</tool_call>", "<tool_call>hi</tool_call>", "no JSON object"),
        (HERMES, "<tool_call></tool_call>", "<tool_call></tool_call>", "no JSON object"),
        (HERMES, "<tool_call>{}", "<tool_call>{}", "no name"),
        (HERMES, '<tool_call>{"name": ""}', '<tool_call>{"name": ""}', "no name"),
        (HERMES, '<tool_call>{"name": 3}', '<tool_call>{"name": 3}', "no name"),
        (HERMES, '<tool_call>{"name": ["f"]}', '<tool_call>{"name": ["f"]}', "no name"),
        (HERMES, '<tool_call>{"name": "f"}}', '<tool_call>{"name": "f"}}', "something follows"),
        (HERMES, '<tool_call>{"name": "f",}', '<tool_call>{"name": "f",}', "not valid JSON"),
        (HERMES, "<tool_call>{'name': 'f'}", "<tool_call>{'name': 'f'}", "not valid JSON"),
        (
            HERMES,
            '<tool_call>{"name": "f", "arguments": [1]}',
            '<tool_call>{"name": "f", "arguments": [1]}',
            "arguments are not an object",
        ),
        (
            HERMES,
            '<tool_call>{"name": "f", "arguments": "[1]"}',
            '<tool_call>{"name": "f", "arguments": "[1]"}',
            "arguments are not an object",
        ),
        (
            HERMES,
            '<tool_call>{"name": "f", "arguments": {}, "parameters": {}}',
            '<tool_call>{"name": "f", "arguments": {}, "parameters": {}}',
            "twice",
        ),
        (
            HERMES,
            '<tool_call>{"name": "f", "arguments": {"a": 1}{"b": 2}}',
            '<tool_call>{"name": "f", "arguments": {"a": 1}{"b": 2}}',
            "not valid JSON",
        ),
        (LLAMA3, '{"name": "f", "par', '{"name": "f", "par', ENDED),
        (LLAMA3, '<|python_tag|>f.call(1)', "<|python_tag|>f.call(1)", "no JSON object"),
        (MISTRAL, "[TOOL_CALLS] []", "[TOOL_CALLS] []", "no JSON object"),
        (MISTRAL, "[TOOL_CALLS]f[ARGS]", "[TOOL_CALLS]f[ARGS]", ENDED),
        (MISTRAL, '[TOOL_CALLS]f[ARGS]{"a"', '[TOOL_CALLS]f[ARGS]{"a"', ENDED),
        (MISTRAL, '[TOOL_CALLS]two words{}', "[TOOL_CALLS]two words{}", "no name"),
        (MISTRAL, '[TOOL_CALLS][{"name": "f"', '[TOOL_CALLS][{"name": "f"', ENDED),
    ],
)  # fmt: skip
def test_broken_markup_is_kept_with_the_reason(
    format: ToolFormat, answer: str, broken: str, reason: str
) -> None:
    parsed = parse_answer(format, answer)
    assert (parsed.text, parsed.calls) == ("", ())
    (one,) = parsed.broken
    assert one.text == broken
    assert reason in one.reason


@pytest.mark.parametrize(
    "arguments",
    ["NaN", "Infinity", "1e999", '"\\ud83e"', '"a\nb"', '"\\x"', "01", "9" * 5000, "[" * 10**5],
    ids=lambda value: repr(value[:8]),
)
@pytest.mark.parametrize("as_string", [False, True])
def test_arguments_outside_json_are_broken(arguments: str, as_string: bool) -> None:
    written = f'{{"a": {arguments}}}'
    written = json.dumps(written) if as_string else written
    answer = f'<tool_call>{{"name": "f", "arguments": {written}}}</tool_call>'
    parsed = parse_answer(HERMES, answer)
    assert parsed.calls == ()
    assert [one.text for one in parsed.broken] == [answer]


@pytest.mark.parametrize(
    ("format", "answer", "text", "names"),
    [
        (HERMES, '<tool_call>bad</tool_call>\nA\n<tool_call>{"name": "g"}</tool_call>', "A", ["g"]),
        (HERMES, '<tool_call>{"name": <tool_call>{"name": "g"}</tool_call>', "", ["g"]),
        # A missing quotation mark, on one line and in the text after it.
        (HERMES, '<tool_call>{"name": "f}\n</tool_call><tool_call>{"name": "g"}', "", ["g"]),
        (HERMES, '<tool_call>{"name": "f}</tool_call>Ok', "Ok", []),
        (HERMES, '<tool_call>{"name": "f"}\n{bad}</tool_call> Ok', "Ok", ["f"]),
        (LLAMA3, '{"name": "f", "parameters": 3 x}<|python_tag|>{"name": "g"}', "", ["g"]),
        (MISTRAL, '[TOOL_CALLS] [{"name": "f"}, x] [TOOL_CALLS]g[ARGS]{}', "", ["f", "g"]),
        (MISTRAL, "[TOOL_CALLS]f[TOOL_CALLS]g[ARGS]{}", "", ["g"]),
    ],
)
def test_calls_around_a_broken_one_are_read(
    format: ToolFormat, answer: str, text: str, names: list[str]
) -> None:
    parsed = parse_answer(format, answer)
    assert parsed.text == text
    assert [call.name for call in parsed.calls] == names
    assert len(parsed.broken) == 1


def test_reason_contains_no_text_of_the_answer() -> None:
    canary = "kanarienvogel"
    for markup in (canary, f'{{"{canary}": 1}}', f'{{"name": "f", {canary}}}', f'{{"a": "{canary}'):
        (broken,) = parse_answer(HERMES, f"<tool_call>{markup}</tool_call>").broken
        assert canary in broken.text
        assert canary not in broken.reason


def test_markers_in_strings_are_text() -> None:
    value = '</tool_call>\n<tool_call> } ] \\ " {'
    call = json.dumps({"name": "f", "arguments": {"a": value}})
    parsed = parse_answer(HERMES, f"<tool_call>\n{call}\n</tool_call>")
    assert parsed.calls == (ParsedCall("f", {"a": value}),)


def test_name_and_arguments_are_streamed_as_they_are_written() -> None:
    parser = HERMES.parser()
    head = '_call>\n{"name": "f'
    pieces = ("Hi <tool", head, '", "arguments": {"a', '": 1}', "}", "\n</tool_call>")
    events: list[Any] = [parser.feed(piece) for piece in pieces]
    assert events == [
        [TextDelta("Hi")],
        [],
        [CallStarted(0, "f"), ArgumentsDelta(0, '{"a')],
        [ArgumentsDelta(0, '": 1}')],
        [],
        [CallEnded(0, {"a": 1})],
    ]
    assert parser.finish() == []


def test_arguments_before_the_name_wait_for_it() -> None:
    parser = HERMES.parser()
    assert parser.feed('<tool_call>{"arguments": {"a": [1]}, "na') == []
    assert parser.feed('me": "f"') == [CallStarted(0, "f"), ArgumentsDelta(0, '{"a": [1]}')]


def test_object_without_a_marker_starts_a_call_only_at_its_arguments() -> None:
    parser = LLAMA3.parser()
    assert parser.feed('{"name": "f", "parameters": ') == []
    assert parser.feed('{"a"') == [CallStarted(0, "f"), ArgumentsDelta(0, '{"a"')]
    assert parser.finish() == [
        BrokenCall(0, '{"name": "f", "parameters": {"a"', "the answer ended inside a call")
    ]


def test_text_that_may_start_a_marker_is_held_back() -> None:
    parser = HERMES.parser()
    assert parser.feed("1 < 2 \n<tool") == [TextDelta("1 < 2")]
    assert parser.feed("_box>") == [TextDelta(" \n<tool_box>")]
    assert parser.feed(" <") == []
    assert parser.finish() == [TextDelta(" <")]


def test_calls_without_arguments_have_empty_ones_in_their_deltas() -> None:
    parser = HERMES.parser()
    parser.feed('<tool_call>{"name": "g"')
    assert parser.feed("}") == [ArgumentsDelta(0, "{}")]
    assert parser.finish() == [CallEnded(0, {})]


def test_index_counts_broken_calls() -> None:
    parser = HERMES.parser()
    parser.feed("<tool_call>x</tool_call>")
    assert parser.feed('<tool_call>{"name": "g"')[0] == CallStarted(1, "g")


def test_tags_can_be_chosen() -> None:
    own = TaggedFormat("own", "<call>", "</call>")
    parsed = parse_answer(own, 'A <call>{"name": "f", "arguments": {"a": 1}}</call> <tool_call>')
    assert (parsed.text, parsed.calls) == ("A<tool_call>", (F,))
