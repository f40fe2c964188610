"""Guard Hugging Face's `generate`: are its answers the engine's, and what does it cost?

Example: `python benchmarks/hosts.py --pair ngsd-mini --json hosts.json`.
"""

import argparse
import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from _prompts import Prompt, Prompts
from _report import Figure, Section, make_table, note, print_sections, write_json
from _timing import Answers, Measurements, median, ratio, rotated, rounds_with_warm_up, timed
from ngsd_guard import Engine
from ngsd_guard.pairs import Pair, list_pairs, load_pair
from transformers_ngsd import NGSDLogitsProcessor

_GUARDED, _UNGUARDED = "guarded generate", "generate"
_EQUAL_BATCH = 8


class Host:
    """The pair's base in Hugging Face's own loop."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        base: Any = pair.base
        self._model = base.model
        self._tokenizer = copy.deepcopy(base.tokenizer)
        self._tokenizer.padding_side = "left"
        if self._tokenizer.pad_token_id is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token

    def answer(self, prompts: Sequence[Prompt], *, guarded: bool, **options: Any) -> Answers:
        """Answer prompts greedily, as one batch."""
        inputs = self._tokenizer.pad(
            {"input_ids": [list(prompt.base_ids) for prompt in prompts]}, return_tensors="pt"
        )
        processors = []
        if guarded:
            processors = [NGSDLogitsProcessor(self._pair, inputs["attention_mask"])]
        output = self._model.generate(
            **inputs,
            do_sample=False,
            pad_token_id=self._tokenizer.pad_token_id,
            logits_processor=processors,
            **options,
        )
        for processor in processors:
            processor.finish(output)
        return [tuple(row) for row in output[:, inputs["input_ids"].shape[1] :].tolist()]


def measure_equality(pair: Pair, prompts: Sequence[Prompt], max_new_tokens: int) -> Section:
    """Compare guarded `generate` with the engine, token for token."""
    host, engine = Host(pair), Engine(pair)
    num_equal = num_guided = 0
    for start in range(0, len(prompts), _EQUAL_BATCH):
        part = prompts[start : start + _EQUAL_BATCH]
        expected = engine.generate_batch(
            [prompt.messages for prompt in part], max_new_tokens=max_new_tokens
        )
        found = host.answer(part, guarded=True, max_new_tokens=max_new_tokens)
        for answer, row in zip(expected, found, strict=True):
            num_equal += row[: len(answer.token_ids)] == answer.token_ids
            num_guided += answer.num_overrides > 0
        note(f"{start + len(part)} of {len(prompts)} prompts, {num_equal} equal")
    table = make_table("Same tokens as the engine", ["prompts"], ["equal", "with an override"])
    table.add_row(str(len(prompts)), str(num_equal), str(num_guided))
    measured = f"{num_equal} of {len(prompts)}"
    return Section(
        tables=[table],
        figures=[Figure("greedy answers equal to the engine's", measured, "all")],
        data={"prompts": len(prompts), "equal": num_equal, "with_override": num_guided},
    )


def measure_speed(pair: Pair, batch_sizes: Sequence[int], num_tokens: int, rounds: int) -> Section:
    """Time guarded and plain `generate` on new prompts, rating included."""
    host, makes = Host(pair), Prompts(pair.base, pair.expert, seed=1)  # type: ignore[arg-type]
    measured = Measurements()
    for number in rounds_with_warm_up(rounds):
        for size in batch_sizes:
            prompts = [makes.of_length(64) for _ in range(size)]
            for name in rotated([_GUARDED, _UNGUARDED], number + 1):
                run = timed(
                    lambda name=name, prompts=prompts: host.answer(  # type: ignore[misc]
                        prompts,
                        guarded=name == _GUARDED,
                        max_new_tokens=num_tokens,
                        min_new_tokens=num_tokens,
                    )
                )
                measured.add(str(size), name, number, run)
        note(f"round {number + 1} of {rounds}")
    columns = [_GUARDED, _UNGUARDED, "guarded ÷ plain"]
    table = make_table(f"Tokens per second, {num_tokens} tokens an answer", ["batch"], columns)
    figures = []
    for cell in map(str, batch_sizes):
        rates = [measured.rates(cell, name) for name in (_GUARDED, _UNGUARDED)]
        share = ratio(*rates)
        table.add_row(cell, *(f"{median(rate) or 0:.1f}" for rate in rates), str(share))
        figures.append(Figure(f"guarded ÷ plain generate, batch {cell}", str(share), ">= 0.6"))
    return Section(tables=[table], figures=figures, data={"runs": measured.as_json()})


def main() -> None:
    """Parse the arguments, measure, and print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pair", default="ngsd-mini", choices=[p.name for p in list_pairs()])
    parser.add_argument("--prompts", type=int, default=200)
    parser.add_argument("--max-new-tokens", type=int, default=64)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=(1, 8, 16))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--data", type=Path, help="folder of the public sets, for attacks")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if args.threads is not None:
        torch.set_num_threads(args.threads)
    pair = load_pair(args.pair)
    prompts = Prompts(pair.base, pair.expert)  # type: ignore[arg-type]
    everyday = prompts.everyday(args.prompts // 4)
    mixed = [*everyday, *prompts.attacked(args.data, args.prompts // 4)]
    mixed += prompts.benign(args.prompts - len(mixed))
    mixed += [prompts.of_length(48) for _ in range(args.prompts - len(mixed))]
    sections = {
        "equality": measure_equality(pair, mixed, args.max_new_tokens),
        "speed": measure_speed(pair, args.batch_sizes, args.max_new_tokens, args.rounds),
    }
    print_sections(args.pair, list(sections.values()))
    if args.json is not None:
        write_json(args.json, "hosts", args, sections)


if __name__ == "__main__":
    main()
