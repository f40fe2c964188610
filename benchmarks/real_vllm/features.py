"""Chunked prefill, prefix caching, several answers a request, and grammars with the gate."""

import json
from typing import Any

import _host
from _prompts import Prompt, Prompts
from ngsd_guard.pairs import load_pair

_LENGTH = 48


def _answers(llm: Any, prompts: list[Prompt], **options: Any) -> list[Any]:
    from vllm import SamplingParams

    params = SamplingParams(**{"temperature": 0.0, "max_tokens": _LENGTH, **options})
    return list(llm.generate(_host.token_prompts(prompts), params, use_tqdm=False))


def _count_equal(outputs: list[Any], expected: list[Any]) -> int:
    return sum(
        list(output.outputs[0].token_ids) == list(answer.token_ids)
        for output, answer in zip(outputs, expected, strict=True)
    )


def check_prefills(findings: _host.Findings, llm: Any, pair: Any) -> None:
    """Long prompts in pieces of 32 tokens, and the same ones again from the prefix cache."""
    makes = Prompts(pair.base, pair.expert, seed=3)
    prompts = [makes.of_length(length) for length in (60, 90, 150, 200)]
    prompts += makes.attacked(None, 4)
    expected = _host.engine_answers(pair, prompts, _LENGTH)
    for name in ("chunked prefill", "the same prompts from the prefix cache"):
        outputs = _answers(llm, prompts)
        cached = sum(output.num_cached_tokens or 0 for output in outputs)
        equal = _count_equal(outputs, expected)
        findings.add(
            f"{name}: equal to the engine's",
            f"{equal} of {len(prompts)}, {cached} tokens cached",
            passed=equal == len(prompts) and (cached > 0) == ("cache" in name),
            target="all",
        )


def check_several(findings: _host.Findings, llm: Any, pair: Any) -> None:
    """Several answers a request: equal without sampling, and different with it."""
    prompts = Prompts(pair.base, pair.expert).attacked(None, 3)
    prompts += Prompts(pair.base, pair.expert).everyday(3)
    expected = _host.engine_answers(pair, prompts, _LENGTH)
    sampled = _answers(llm, prompts, n=3, temperature=1.0)
    different = sum(len({tuple(one.token_ids) for one in each.outputs}) > 1 for each in sampled)
    cold = _answers(llm, prompts, n=3, temperature=1.0, top_k=1)
    equal = sum(
        list(one.token_ids) == list(answer.token_ids)
        for output, answer in zip(cold, expected, strict=True)
        for one in output.outputs
    )
    findings.add(
        "n=3 with top_k=1: equal to the engine's; requests with different samples",
        f"{equal} of {3 * len(prompts)}, {different}",
        passed=equal == 3 * len(prompts) and different > 0,
        target="all; some",
    )


def check_grammars(findings: _host.Findings, llm: Any, pair: Any) -> None:
    """Answers held to a JSON schema and to a choice, gated at the same time."""
    from vllm.sampling_params import StructuredOutputsParams

    prompts = Prompts(pair.base, pair.expert).attacked(None, 4)
    prompts += Prompts(pair.base, pair.expert).everyday(4)
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string", "enum": ["Paris", "Rome"]}},
        "required": ["city"],
        "additionalProperties": False,
    }
    outputs = _answers(llm, prompts, structured_outputs=StructuredOutputsParams(json=schema))
    valid = 0
    for output in outputs:
        try:
            valid += json.loads(output.outputs[0].text)["city"] in ("Paris", "Rome")
        except (ValueError, KeyError):
            print("  not valid:", repr(output.outputs[0].text), output.outputs[0].finish_reason)
    findings.add("answers valid under a JSON schema", valid, passed=valid == 8, target="8")
    chosen = _answers(
        llm, prompts, structured_outputs=StructuredOutputsParams(choice=["yes", "no"])
    )
    valid = sum(output.outputs[0].text in ("yes", "no") for output in chosen)
    findings.add("answers that are one of the choices", valid, passed=valid == 8, target="8")


def check_unguarded(findings: _host.Findings, llm: Any, pair: Any) -> None:
    """A request may not turn the guard off unless the operator allows it."""
    prompts = Prompts(pair.base, pair.expert).attacked(None, 8)
    expected = _host.engine_answers(pair, prompts, _LENGTH)
    outputs = _answers(llm, prompts, extra_args={"ngsd_guarded": False})
    equal = _count_equal(outputs, expected)
    findings.add(
        "answers still guarded although the request turns the guard off",
        f"{equal} of {len(prompts)}",
        passed=equal == len(prompts),
        target="all",
    )
    try:
        _answers(llm, prompts[:1], extra_args={"ngsd_alpha": 0.0})
    except Exception as error:
        name = type(error).__name__
        findings.add("unknown option of a request refused", name, passed="ngsd_alpha" in str(error))
    else:
        findings.add("unknown option of a request refused", "accepted", passed=False)


def check_stops(findings: _host.Findings, llm: Any, pair: Any) -> None:
    """Stop strings and token limits free the guard's rows."""
    prompts = Prompts(pair.base, pair.expert).everyday(8)
    _answers(llm, prompts, stop=["e"])
    _answers(llm, prompts, max_tokens=1)
    _answers(llm, prompts[:1], max_tokens=2)  # vLLM reports what left with the next step
    batch = _host.batch_of(llm)
    findings.add(
        "rows and answers kept after stop strings",
        f"{batch.num_rows}, {batch.num_parked}",
        passed=batch.num_rows <= 1 and batch.num_parked == 0,
        target="at most the last row, 0",
    )


def main() -> None:
    """Run all on one vLLM with small pieces of prefill."""
    findings, pair = _host.Findings(), load_pair("ngsd-mini")
    llm = _host.start_llm(
        _host.guard_options(),
        max_num_batched_tokens=32,
        enable_chunked_prefill=True,
        enable_prefix_caching=True,
        block_size=32,
        structured_outputs_config={
            "backend": "xgrammar",
            "disable_any_whitespace": True,
        },  # a small model loops in it
    )
    for check in (check_prefills, check_several, check_grammars, check_unguarded, check_stops):
        check(findings, llm, pair)
    findings.close()


if __name__ == "__main__":
    main()
