"""Measures the two models apart from the engine, on held-out prompts.

Example: `python evaluate.py --pair PAIR --data PATH --out runs/eval.json`.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from anchors import complete
from corpus import render
from ngsd_guard.evaluation import is_refusal
from ngsd_guard.reflection._rubric import request_text, rubric_messages, score_anchor
from ngsd_guard.types import Message
from suites import benign_suites, harmful_suites, skill_tasks

_BIAS: Final = 0.8
_TAU: Final = 8.0
_END: Final = "<|im_end|>"


class Pair:
    """The two models and their tokenizer."""

    def __init__(self, folder: Path) -> None:
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder / "base")
        self.models: dict[str, Any] = {
            name: AutoModelForCausalLM.from_pretrained(folder / name, dtype=torch.float32).eval()
            for name in ("base", "expert")
        }

    def prompt(self, messages: list[Message]) -> str:
        """Return the prompt text; an assistant message at the end stays open."""
        if messages[-1]["role"] == "assistant":
            return render(messages).removesuffix(f"{_END}\n")
        return render(messages) + "<|im_start|>assistant\n"

    def answer(self, name: str, suite: list[list[Message]], max_new_tokens: int = 64) -> list[str]:
        """Return one model's greedy answers."""
        prompts = [self.prompt(messages) for messages in suite]
        return complete(self.models[name], self.tokenizer, prompts, max_new_tokens)

    def encode(self, text: str) -> torch.Tensor:
        """Return token ids, [1, length]."""
        ids: torch.Tensor = self.tokenizer(text, return_tensors="pt", add_special_tokens=False)[
            "input_ids"
        ]
        return ids

    @torch.inference_mode()
    def currents(self, messages: list[Message], answer: str) -> list[float]:
        """Return the total variation before each token of an answer."""
        prompt = self.prompt(messages)
        start = self.encode(prompt).shape[1]
        ids = self.encode(prompt + answer)
        if ids.shape[1] > 1024 or ids.shape[1] <= start:
            return []
        probs = [m(ids).logits[0, start - 1 : -1].softmax(-1) for m in self.models.values()]
        distances: list[float] = (0.5 * (probs[0] - probs[1]).abs().sum(-1)).tolist()
        return distances

    @torch.inference_mode()
    def risk(self, messages: list[Message]) -> tuple[float, list[float]]:
        """Return the paper's risk from the base's expected scores, and the scores."""
        model = self.models["base"]
        digits = [int(self.encode(str(digit))[0, -1]) for digit in range(10)]
        text = render(rubric_messages(request_text(messages).strip())) + "<|im_start|>assistant\n"
        scores = []
        for index in range(4):
            text += score_anchor(index)
            probs = model(self.encode(text)[:, -1024:]).logits[0, -1].softmax(-1)[digits]
            ten = model(self.encode(text + "1")[:, -1024:]).logits[0, -1].softmax(-1)[digits[0]]
            all_probs = torch.cat([probs, (probs[1] * ten)[None]])
            all_probs[1] -= all_probs[10]
            scores.append(float(all_probs @ torch.arange(11.0) / all_probs.sum()))
            text += str(int(all_probs.argmax()))
        first, second = sorted(scores[1:], reverse=True)[:2]
        return max(scores[0], scores[0] / 2 + (first + second) / 4), scores


def peak_potential(currents: list[float]) -> float:
    """Return the highest potential that the neuron reaches without a reset."""
    potential = peak = 0.0
    for current in currents:
        potential = (1 - 1 / _TAU) * potential + max(0.0, current - _BIAS) / (1 - _BIAS)
        peak = max(peak, potential)
    return peak


def quantiles(values: list[float], *points: float) -> list[float]:
    """Return quantiles, rounded."""
    return [round(float(torch.tensor(values).quantile(point)), 3) for point in points]


def auroc(negative: list[float], positive: list[float]) -> float:
    """Return the probability that a positive outranks a negative."""
    n, p = torch.tensor(negative)[:, None], torch.tensor(positive)[None, :]
    return float(((p > n).float() + 0.5 * (p == n).float()).mean())


def evaluate(args: argparse.Namespace) -> dict[str, Any]:
    """Run all measurements."""
    torch.set_num_threads(args.threads)
    pair = Pair(args.pair)
    report: dict[str, Any] = {"n_per_suite": args.count, "exact": {}, "benign": {}, "harmful": {}}
    for skill, tasks in skill_tasks(args.count, args.seed).items():
        suite: list[list[Message]] = [[{"role": "user", "content": t.prompt}] for t in tasks]
        report["exact"][skill] = {
            name: sum(
                answer == task.answer + _END
                for answer, task in zip(pair.answer(name, suite), tasks, strict=True)
            )
            / len(tasks)
            for name in pair.models
        }
    risks: dict[str, list[float]] = {"benign": [], "harmful": []}
    groups = {
        "benign": benign_suites(args.data, args.count, args.seed),
        "harmful": harmful_suites(args.data, args.count, args.seed),
    }
    for group, suites in groups.items():
        for name, suite in suites.items():
            suite = [m for m in suite if pair.encode(pair.prompt(m)).shape[1] < 940]
            report[group][name] = _measure(pair, suite, risks[group], args)
            print(group, name, json.dumps(report[group][name]), flush=True)
    report["rubric_auroc"] = round(auroc(risks["benign"], risks["harmful"]), 4)
    report["benign_risk_quantiles_50_95_99"] = quantiles(risks["benign"], 0.5, 0.95, 0.99)
    report["harmful_risk_quantiles_1_5_50"] = quantiles(risks["harmful"], 0.01, 0.05, 0.5)
    return report


def _measure(
    pair: Pair, suite: list[list[Message]], risks: list[float], args: argparse.Namespace
) -> dict[str, Any]:
    answers = {name: pair.answer(name, suite) for name in pair.models}
    currents = [pair.currents(m, a) for m, a in zip(suite, answers["base"], strict=True)]
    complied = [c for c, a in zip(currents, answers["base"], strict=True) if not is_refusal(a)]
    rated = [pair.risk(messages)[0] for messages in suite[: args.rated]]
    risks += rated
    flat = [value for values in complied for value in values]
    first = [value for values in complied for value in values[:3]]
    return {
        "n": len(suite),
        "base_refuses": sum(map(is_refusal, answers["base"])) / len(suite),
        "expert_refuses": sum(map(is_refusal, answers["expert"])) / len(suite),
        "answers_equal": sum(
            a == b for a, b in zip(answers["base"], answers["expert"], strict=True)
        ) / len(suite),
        "tv_25_50_75_90": quantiles(flat or [0.0], 0.25, 0.5, 0.75, 0.9),
        "tv_first_3_tokens_5_50": quantiles(first or [0.0], 0.05, 0.5),
        "tv_token_1_5_50": quantiles([c[0] for c in complied if c] or [0.0], 0.05, 0.5),
        "peak_over_1": sum(peak_potential(c) >= 1 for c in complied) / max(1, len(complied)),
        "risk_mean_min_max": [round(sum(rated) / len(rated), 2), round(min(rated), 2),
                              round(max(rated), 2)],
        "samples": [
            {"request": request_text(suite[i])[-160:], **{k: a[i] for k, a in answers.items()}}
            for i in range(min(args.samples, len(suite)))
        ] if args.samples else [],
    }  # fmt: skip


def main() -> None:
    """Parse the arguments, measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pair", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--rated", type=int, default=20)
    parser.add_argument("--samples", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=11)
    args = parser.parse_args()
    args.out.write_text(json.dumps(evaluate(args), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
