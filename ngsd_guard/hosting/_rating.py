"""The risk of hosted requests: by the pair's reader, or by the logits after the prompt."""

import time
from collections.abc import Mapping, Sequence
from typing import Literal

from torch import Tensor

from ngsd_guard.errors import NGSDError, as_ngsd_error
from ngsd_guard.hosting._sequence import HostedSequence
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import Failure, judge_together
from ngsd_guard.risk import ExpertReader

RiskSource = Literal["pair", "expert"]
"""`pair`: the pair's own reader, whatever it is; `expert`: the expert's reading of the prompt."""


class HostRater:
    """Rates requests before their first token.

    Args:
        pair: both models and the risk reader.
        source: `pair` rates as the engine does, for which the base of the pair may have to read
            the prompt; `expert` takes the host's logits and needs no base.
    """

    def __init__(self, pair: Pair, source: RiskSource) -> None:
        self._pair = pair
        own = pair.risk_reader
        self._is_always_by_logits = source == "expert"
        if isinstance(own, ExpertReader):
            self._by_logits: ExpertReader | None = own
        elif source == "expert":
            self._by_logits = ExpertReader(
                pair.config.reflection, pair.base_prefixes, pair.expert_prefixes
            )
        else:
            self._by_logits = None

    def rate(
        self, sequences: Sequence[HostedSequence], base: Tensor, expert: Tensor
    ) -> Mapping[int, NGSDError]:
        """Rate requests that have no token yet; those rated by logits anew at every call.

        A host may ask for the first token before it has read the whole prompt.

        Args:
            sequences: of the requests.
            base: [rows, vocab], the host's logits.
            expert: [rows, vocab].

        Returns:
            What went wrong, by the row's number.
        """
        errors: dict[int, NGSDError] = {}
        judged = []
        for number, sequence in enumerate(sequences):
            if sequence.options.rating is not None:
                sequence.rating = sequence.options.rating
            elif self._by_logits is not None and self._may_use_logits(sequence):
                sequence.rating = self._by_logits.rating(base[number], expert[number])
            elif sequence.rating is None:
                judged.append(number)
        errors |= self._judge({number: sequences[number] for number in judged})
        for sequence in sequences:
            sequence.rated_s = sequence.rated_s or time.perf_counter()
        return errors

    def _may_use_logits(self, sequence: HostedSequence) -> bool:
        return self._is_always_by_logits or not sequence.conversation.is_prefilled

    def _judge(self, sequences: Mapping[int, HostedSequence]) -> dict[int, NGSDError]:
        """Let the pair's reader rate conversations; the same one once."""
        prompts: dict[tuple[int, ...], list[int]] = {}
        for number, sequence in sequences.items():
            prompts.setdefault(sequence.prompt_ids, []).append(number)
        reader = self._pair.risk_reader
        first = [sequences[numbers[0]] for numbers in prompts.values()]
        outcomes = judge_together(
            [reader.judging(sequence.conversation.messages) for sequence in first]
        )
        errors: dict[int, NGSDError] = {}
        for numbers, outcome in zip(prompts.values(), outcomes, strict=True):
            for number in numbers:
                if isinstance(outcome, Failure):
                    errors[number] = as_ngsd_error(outcome.error)
                else:
                    sequences[number].rating = outcome
        return errors
