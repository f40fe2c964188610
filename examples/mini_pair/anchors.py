"""Lets the trained base answer harmless prompts, for the expert to copy (spec section 7).

Example: `python anchors.py --base BASE --data PATH --out OUT`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from corpus import Corpus, render
from ngsd_guard.evaluation import is_refusal
from ngsd_guard.types import Message


@torch.inference_mode()
def complete(
    model: Any, tokenizer: Any, prompts: list[str], max_new_tokens: int, *, do_sample: bool = False
) -> list[str]:
    """Return the completions of prompts, each up to and with its end-of-turn token if it came."""
    completions: dict[str, str] = {}
    tokenizer.padding_side = "left"
    for start in range(0, len(prompts), 48):
        ordered = sorted(prompts, key=len)[start : start + 48]
        batch = tokenizer(ordered, return_tensors="pt", padding=True, add_special_tokens=False)
        batch.pop("token_type_ids", None)
        sampling = {"temperature": 0.7, "top_p": 0.95} if do_sample else {}
        output = model.generate(
            **batch, max_new_tokens=max_new_tokens, do_sample=do_sample, **sampling
        )
        new = output[:, batch["input_ids"].shape[1] :]  # [batch, new]
        texts = tokenizer.batch_decode(new)
        for prompt, text in zip(ordered, texts, strict=True):
            completions[prompt] = text.replace(tokenizer.pad_token, "")
    return [completions[prompt] for prompt in prompts]


def make_anchors(args: argparse.Namespace) -> None:
    """Write conversations with the base's answers, one JSON object a line."""
    torch.set_num_threads(args.threads)
    tokenizer = AutoTokenizer.from_pretrained(args.base)
    model = AutoModelForCausalLM.from_pretrained(args.base, dtype=torch.float32).eval()
    corpus = Corpus(tokenizer, "base", args.data, args.seed)
    contexts: dict[str, list[Message]] = {}
    while len(contexts) < args.count:
        messages = corpus.benign_conversation()[0][:-1]
        prompt = render(messages) + "<|im_start|>assistant\n"
        if len(prompt) < 1800:
            contexts.setdefault(prompt, messages)
    prompts = list(contexts)
    cut = int(len(prompts) * 0.7)
    answers = complete(model, tokenizer, prompts[:cut], 80)
    answers += complete(model, tokenizer, prompts[cut:], 80, do_sample=True)
    with args.out.open("w", encoding="utf-8") as out:
        for prompt, answer in zip(prompts, answers, strict=True):
            if answer and not is_refusal(answer):
                record = {"messages": contexts[prompt], "answer": answer}
                out.write(json.dumps(record) + "\n")


def main() -> None:
    """Parse the arguments and write the anchors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    make_anchors(parser.parse_args())


if __name__ == "__main__":
    main()
