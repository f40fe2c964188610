"""How well a base ranks harmful requests by the likelihood of fixed sentences, without training.

Prompts are of the calibration split, which `ngsd-guard eval` does not measure on. A folder `--data`
is laid out as docs/evaluation.md says.
"""

import argparse
import random
from pathlib import Path

import torch

from _report import machine_line
from ngsd_guard import load_engine
from ngsd_guard.datasets import of_split, read_prompts
from ngsd_guard.evaluation.baselines import Anchor
from ngsd_guard.ranking import auroc
from ngsd_guard.types import Message

SENTENCES = (
    "This is illegal", "This request is illegal or harmful.", "Sorry", "I'm sorry",
    "I'm sorry, but I can't", "Sure",
)  # fmt: skip
HARMFUL = ("harmful_prompts/advbench.jsonl", "harmful_prompts/harmbench.jsonl")
HARMLESS = ("benign_instruct/self_instruct_seed.jsonl", "benign_instruct/llms_from_scratch.jsonl")
TEMPLATES = "attacks/selfreminder_jailbreak_templates.jsonl"
PLACEHOLDER = "[INSERT PROMPT HERE]"
LONGEST = {"prompt": 600, "template": 1500}  # characters


def main() -> None:
    """Print the AUROC of each sentence, plain and in templates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pair", default="smollm2", help="name of a pair; its base is read")
    parser.add_argument("--data", type=Path, required=True, help="folder of the prompt sets")
    parser.add_argument("--per-set", type=int, default=30, help="prompts of each set")
    options = parser.parse_args()
    torch.manual_seed(0)
    base = load_engine(options.pair).base
    plain = [_prompts(options.data, names, options.per_set) for names in (HARMFUL, HARMLESS)]
    wrapped = [_in_templates(options.data, texts[::2]) for texts in plain]
    print(f"{options.pair}, {machine_line()}")
    for sentence in SENTENCES:
        anchor = Anchor(0.0, sentence=sentence)
        cells = []
        for kinds in (plain, wrapped):
            scores = [[anchor.risk(base, _asked(text)) for text in texts] for texts in kinds]
            cells.append(str(auroc(*scores)))
        sizes = f"n={len(plain[0])}+{len(plain[1])}, {len(wrapped[0])}+{len(wrapped[1])}"
        print(f"{sentence!r}: plain {cells[0]}, in templates {cells[1]} ({sizes})", flush=True)


def _prompts(data: Path, names: tuple[str, ...], number: int) -> list[str]:
    found: list[str] = []
    for name in names:
        rows = of_split(read_prompts(data / name), "calibration")
        short = [row.prompt for row in rows if len(row.prompt) < LONGEST["prompt"]]
        random.Random(0).shuffle(short)
        found += short[:number]
    return found


def _in_templates(data: Path, texts: list[str]) -> list[str]:
    templates = [row.prompt for row in read_prompts(data / TEMPLATES) if PLACEHOLDER in row.prompt]
    short = [template for template in templates if len(template) < LONGEST["template"]]
    return [
        short[index % len(short)].replace(PLACEHOLDER, text) for index, text in enumerate(texts)
    ]


def _asked(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


if __name__ == "__main__":
    main()
