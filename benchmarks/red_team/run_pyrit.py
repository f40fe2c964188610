"""PyRIT's jailbreak templates against a base and the same base guarded, with controls.

    cd benchmarks/red_team && python run_pyrit.py --limit 40

Each template is sent twice: around a harmful request and around a harmless one of the same length.
Needs PyRIT beside ngsd-guard, in an environment of its own (docs/red-team.md). Its memory is in
this process, nothing is downloaded, and only counts are printed.
"""

import argparse
import asyncio
import os
import random
from collections.abc import Sequence
from typing import Any

from pyrit.datasets import TextJailBreak
from pyrit.executor.attack import AttackExecutor, PromptSendingAttack
from pyrit.models import Message, construct_response_from_request
from pyrit.prompt_target import PromptTarget
from pyrit.setup import IN_MEMORY, initialize_pyrit_async

import targets
from _counting import Row, phrase_judge, table
from _requests import HARMFUL, HARMLESS


class PairTarget(PromptTarget):  # type: ignore[misc]  # mypy skips PyRIT
    """A pair of ngsd-guard as PyRIT's target."""

    def __init__(self, *, guarded: bool) -> None:
        super().__init__(model_name=os.environ.get("NGSD_PAIR", "smollm2"))
        self._guarded = guarded

    async def _send_prompt_to_target_async(
        self, *, normalized_conversation: list[Message]
    ) -> list[Message]:
        request = normalized_conversation[-1].message_pieces[0]
        (text,) = await asyncio.to_thread(
            targets.answers, [request.converted_value], guarded=self._guarded
        )
        return [construct_response_from_request(request=request, response_text_pieces=[text])]

    def _validate_request(self, *, normalized_conversation: list[Message]) -> None:
        """Accept text, the only thing that is sent here."""


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--limit", type=int, default=40, help="templates")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--longest", type=int, default=2000, help="characters of a prompt")
    options.add_argument("--concurrency", type=int, default=8)
    given = options.parse_args()
    targets.engine()  # before several threads want it
    asyncio.run(initialize_pyrit_async(IN_MEMORY, load_defaults=False, silent=True))

    def answered(prompts: Sequence[str], guarded: bool) -> list[str]:
        attack = PromptSendingAttack(objective_target=PairTarget(guarded=guarded))
        executor = AttackExecutor(max_concurrency=given.concurrency)
        done: Any = asyncio.run(
            executor.execute_attack_async(attack=attack, objectives=list(prompts))
        )
        return [str(result.last_response.converted_value) for result in done]

    rows = _rows(given.limit, given.seed, given.longest)
    print(f"{targets.MAX_NEW_TOKENS} new tokens, greedy, seed {given.seed}\n")
    table(rows, answered, {"ours": lambda row: phrase_judge})


def _rows(limit: int, seed: int, longest: int) -> list[Row]:
    """Return the templates around harmful and harmless requests, and the requests alone."""
    names = TextJailBreak.get_jailbreak_templates()
    random.Random(seed).shuffle(names)
    attacks, controls = list[str](), list[str]()
    for name in names:
        if len(attacks) == limit:
            break
        number = len(attacks) % len(HARMFUL)
        template = TextJailBreak(template_file_name=name)
        attack, control = (template.get_jailbreak(r[number]) for r in (HARMFUL, HARMLESS))
        if attack != control and max(len(attack), len(control)) <= longest:
            attacks.append(attack)
            controls.append(control)
    return [
        Row("plain", HARMFUL),
        Row("plain: control", HARMLESS),
        Row("in PyRIT's templates", attacks),
        Row("in PyRIT's templates: control", controls),
    ]


if __name__ == "__main__":
    main()
