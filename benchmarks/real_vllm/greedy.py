"""Are guarded vLLM's greedy answers the engine's, token for token?"""

import argparse

import _host
from ngsd_guard.pairs import load_pair


def main() -> None:
    """Compare answers, with chunked prefill and without."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--max-new-tokens", type=int, default=64)
    parser.add_argument("--max-num-batched-tokens", type=int, default=None)
    args = parser.parse_args()
    from vllm import SamplingParams

    findings, pair = _host.Findings(), load_pair("ngsd-mini")
    prompts = _host.varied_prompts(pair, args.prompts)
    expected = _host.engine_answers(pair, prompts, args.max_new_tokens)
    options = {}
    if args.max_num_batched_tokens:
        options = {
            "max_num_batched_tokens": args.max_num_batched_tokens,
            "enable_chunked_prefill": True,
        }
    llm = _host.start_llm(_host.guard_options(), **options)
    params = SamplingParams(temperature=0.0, max_tokens=args.max_new_tokens)
    outputs = llm.generate(_host.token_prompts(prompts), params, use_tqdm=False)
    equal = different = 0
    for prompt, answer, output in zip(prompts, expected, outputs, strict=True):
        found = list(output.outputs[0].token_ids)
        if found == list(answer.token_ids):
            equal += 1
        else:
            different += 1
            if different <= 5:
                print("  different:", prompt.messages[-1]["content"][:60])
                print("   ", list(answer.token_ids)[:20], "\n   ", found[:20])
    guided = sum(answer.num_overrides > 0 for answer in expected)
    findings.add(
        "greedy answers equal to the engine's",
        f"{equal} of {len(prompts)}, {guided} with an override",
        passed=equal == len(prompts) and guided > 0,
        target="all, some with an override",
    )
    findings.close()


if __name__ == "__main__":
    main()
