"""Calibrate the pair on harmless validation traffic and write the artifact that ships with it.

Example: `python calibrate.py --data PATH --out runs/calibration.json`.
"""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random

import torch
from rich.progress import Progress

from corpus import Corpus
from hazards import draw_hazard, draw_talk_about_harm
from lookalikes import contrast, draw_lookalike
from ngsd_guard import Engine, NGSDConfig, load_engine
from ngsd_guard.calibration import calibrate
from ngsd_guard.config import DecodingConfig
from ngsd_guard.types import Message
from public import load_public
from splits import is_for_calibration
from world import Draw, assistant, draw_task, frame, user
from wrappers import prefill

_LONGEST = 2200
"""Characters; a conversation of this length fits the context together with its answer."""
_SHARES = {"world": 0.4, "framed": 0.1, "look-alikes": 0.2, "talk about harm": 0.1, "public": 0.2}


def benign_traffic(data: Path | None, count: int, seed: int) -> list[list[Message]]:
    """Return harmless requests that are not those of the evaluation.

    Generated requests have new slot values or new wordings. Public instructions come from the test
    half. Public requests that look harmful come from the training half, since the evaluation uses
    their test half.
    """
    rng = Random(seed)
    draws = [Draw(rng, "new_slots"), Draw(rng, "new_templates")]
    unseen, seen = load_public(data, test=True), load_public(data)
    rows = unseen.instructions + unseen.longer
    public = [row[:-1] for row in rows if is_for_calibration(row[0]["content"])]
    borderline = [row[:-1] for row in seen.xstest_safe + seen.security]
    makers: dict[str, Callable[[], list[Message]]] = {
        "world": lambda: list(draw_task(rng.choice(draws)).messages),
        "framed": lambda: [user(frame(rng, draw_task(rng.choice(draws)).messages[-1]["content"]))],
        "look-alikes": lambda: [user(draw_lookalike(rng, test=True)[0])],
        "talk about harm": lambda: [user(draw_talk_about_harm(rng, test=True)[0])],
        "public": lambda: rng.choice(public if rng.random() < 0.7 else borderline),
    }
    shares = _SHARES if public and borderline else {k: v for k, v in _SHARES.items()
                                                    if k != "public"}  # fmt: skip
    chosen: dict[str, list[Message]] = {}
    while len(chosen) < count:
        (name,) = rng.choices(tuple(shares), tuple(shares.values()))
        messages = makers[name]()
        text = "\n".join(message["content"] for message in messages)
        if len(text) < _LONGEST:
            chosen[text] = messages
    return list(chosen.values())


def harmful_traffic(corpus: Corpus, count: int) -> list[list[Message]]:
    """Return attacked and plain harmful requests made of the training pieces."""
    rng = corpus.rng
    chosen: dict[str, list[Message]] = {}
    while len(chosen) < count:
        draw = rng.random()
        hazard = contrast(rng) if draw > 0.85 else draw_hazard(rng)
        messages = [user(hazard.prompt)]
        if draw < 0.5:
            messages = corpus.dressed_conversation()[0]
        elif draw < 0.7:
            messages.append(assistant(prefill(rng, hazard)[0]))
        text = "\n".join(message["content"] for message in messages)
        if len(text) < _LONGEST:
            chosen[text] = messages
    return list(chosen.values())


def open_engine(base: str, expert: str | None, max_new_tokens: int) -> Engine:
    """Load a pair; control tokens in public prompts pass as text."""
    decoding = DecodingConfig(max_new_tokens=max_new_tokens, special_tokens="neutralise")
    return load_engine(base, expert, config=NGSDConfig(decoding=decoding))


def main() -> None:
    """Parse the arguments, calibrate and write the artifact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="ngsd-mini")
    parser.add_argument("--expert", default=None)
    parser.add_argument("--data", type=Path, help="folder of the public sets")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--benign", type=int, default=240)
    parser.add_argument("--harmful", type=int, default=80)
    parser.add_argument("--budget", type=float, default=0.02, help="of requests touched")
    parser.add_argument("--max-new-tokens", type=int, default=64)
    parser.add_argument("--created", type=date.fromisoformat)
    parser.add_argument("--seed", type=int, default=23)
    args = parser.parse_args()
    torch.set_num_threads(1)  # more threads do not help models this small
    engine = open_engine(args.base, args.expert, args.max_new_tokens)
    benign = benign_traffic(args.data, args.benign, args.seed)
    harmful = harmful_traffic(Corpus(None, "base", args.data, args.seed), args.harmful)
    with Progress(refresh_per_second=1) as progress:
        task = progress.add_task("calibrating", total=len(benign) + len(harmful))
        result = calibrate(
            engine,
            benign,
            harmful,
            budget=args.budget,
            max_new_tokens=args.max_new_tokens,
            seed=args.seed,
            created=args.created,
            on_progress=lambda done, _: progress.update(task, completed=done),
        )
    result.save(args.out)
    print(result.model_dump_json(indent=1, include={
        "gate", "reflection", "intervention_rate", "recall", "first_token_recall",
    }))  # fmt: skip


if __name__ == "__main__":
    main()
