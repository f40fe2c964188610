"""From prompt files to a trained expert, in one resumable run."""

import json
import math
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import torch

from ngsd_guard.errors import ConfigurationError, DecodingError
from ngsd_guard.training._documents import DocumentMaker
from ngsd_guard.training._experts import MasterWeights, make_expert, save_expert
from ngsd_guard.training._objective import Objective, example_of, mean_parts
from ngsd_guard.training._packing import Batch, Example, pack
from ngsd_guard.training._recipe import ExpertRecipe
from ngsd_guard.training._requests import TrainingData, Wrapping
from ngsd_guard.training._sampling import sample_beginnings
from ngsd_guard.training._scoring import mine, validate

_STATE = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """What has been done so far."""

    step: int
    seconds: float
    """Of training, over all its parts."""
    spent: float
    """Share of the budget, 0 to 1."""
    num_tokens: int
    learning_rate: float
    parts: dict[str, float]
    """Means since the last report: `refusal` in nats, `anchor` in nats, `tv` in 0..1."""


@dataclass(slots=True)
class _State:
    step: int = 0
    seconds: float = 0.0
    num_tokens: int = 0
    round: int = 0
    batch: int = 0
    """Batches of the round that are done."""
    mined: int = 0
    """Shares of `mine_at` that are done."""
    mining: list[dict[str, int]] = field(default_factory=list)
    legs: list[dict[str, Any]] = field(default_factory=list)
    """Options, and the step from which they held."""


class ExpertTraining:
    """One training run.

    Args:
        base: the model to protect, in eager attention.
        tokenizer: its tokenizer, with a chat template.
        data: the training split.
        recipe: everything that can be chosen.
        start: the smaller model that method `small` begins from.
        checkpoints: folder for the state; None keeps none. It holds weights, moments and counts,
            never a prompt or an answer.
    """

    def __init__(
        self,
        base: Any,
        tokenizer: Any,
        data: TrainingData,
        recipe: ExpertRecipe,
        *,
        start: Any | None = None,
        checkpoints: Path | None = None,
    ) -> None:
        self.base, self.tokenizer, self.data, self.recipe = base, tokenizer, data, recipe
        self.expert = make_expert(base, recipe, start)
        self.maker = DocumentMaker(data, tokenizer, recipe)
        self._masters = MasterWeights(self.expert)
        self._objective = Objective(
            self.expert,
            base.get_output_embeddings(),
            anchor_weight=recipe.anchor_weight,
            anchor="text" if recipe.method == "small" else recipe.anchor,
        )
        self._state = _State()
        self._note_leg()
        self._drawn_with = data.weights
        """What the documents of this round were drawn with."""
        self._stop = Event()
        self._prepared: Future[tuple[list[Example], Counter[str]]] | None = None
        self._checkpoints = checkpoints

    def resume(self) -> bool:
        """Go on from the last checkpoint, if there is one.

        With the same options and files, what follows is what would have followed without the
        interruption. With others, the run goes on with them from the next round.

        Raises:
            ConfigurationError: it belongs to another method or size, or is damaged.
        """
        if self._checkpoints is None or not (self._checkpoints / _STATE).is_file():
            return False
        try:
            saved = torch.load(self._checkpoints / _STATE, weights_only=True)
        except Exception as error:
            raise ConfigurationError(
                f"{self._checkpoints / _STATE} is damaged; remove it to start again"
            ) from error
        if saved["shape"] != self.recipe.shape:
            raise ConfigurationError(
                f"{self._checkpoints / _STATE} was made with another method, rank or size; give "
                "the same ones, or remove it to start again"
            )
        self._masters.restore(saved["weights"])
        self._state = _State(**saved["state"])
        self.maker.counts.update(saved["counts"])
        if saved["documents"] == [self.recipe.documents, self.data.digest]:
            self.data.set_weights(saved["pools"])
            self._drawn_with = saved["drawn_with"]
        else:  # other documents: the round that was going on is over
            self._state.round, self._state.batch = self._state.round + 1, 0
        self._note_leg()
        return True

    def _note_leg(self) -> None:
        """Remember with which options the run goes on from here."""
        options = json.loads(self.recipe.model_dump_json())
        legs = self._state.legs
        if not legs or legs[-1]["options"] != options:
            state = self._state
            legs.append({"from_step": state.step, "options": options})
            spent = self.recipe.spent(state.step, state.seconds)
            state.mined = sum(share <= spent for share in self.recipe.mine_at if spent)

    def run(self) -> Iterator[TrainingProgress]:
        """Train until the budget is spent, and report each step; a step runs when it is read.

        Raises:
            DecodingError: the loss is not finite; the last checkpoint is sound.
        """
        state, recipe = self._state, self.recipe
        clock = time.monotonic() - state.seconds
        self._stop.clear()
        self._prepared = None
        sampling = partial(torch.set_num_threads, 1)  # of its own thread; training uses the others
        with ThreadPoolExecutor(max_workers=1, initializer=sampling) as rounds:
            try:
                while recipe.spent(state.step, time.monotonic() - clock) < 1:
                    self._mine_if_due(time.monotonic() - clock)
                    yield from self._run_round(rounds, clock)
            finally:
                self._stop.set()  # what is being prepared is not wanted any more
        state.seconds = time.monotonic() - clock
        self.save_checkpoint()
        self.expert.eval()

    def _run_round(self, rounds: ThreadPoolExecutor, clock: float) -> Iterator[TrainingProgress]:
        state, recipe = self._state, self.recipe
        for number, batch in enumerate(self._round_batches(rounds)):
            if number < state.batch:
                continue
            spent = recipe.spent(state.step, time.monotonic() - clock)
            if spent >= 1:
                return
            rate = recipe.rate(state.step, spent)
            parts = self._step(batch, rate)
            state.step, state.batch = state.step + 1, number + 1
            state.num_tokens += batch.input_ids.numel()
            state.seconds = time.monotonic() - clock
            if state.step % recipe.checkpoint_steps == 0:
                self.save_checkpoint()
            yield TrainingProgress(state.step, state.seconds, spent, state.num_tokens, rate, parts)
        state.round, state.batch = state.round + 1, 0
        self._drawn_with = self.data.weights

    def _step(self, batch: Batch, rate: float) -> dict[str, float]:
        self.expert.train()
        loss, parts = self._objective(batch)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise DecodingError(f"the loss is {value}; lower learning_rate and resume")
        torch.autograd.backward(loss)
        self._masters.step(rate)
        return parts

    def _round_batches(self, rounds: ThreadPoolExecutor) -> Iterator[Batch]:
        """Yield the batches of the round that has come; the next one is prepared meanwhile."""
        state, recipe = self._state, self.recipe
        waiting = self._prepared or rounds.submit(self._prepare, state.round, self._drawn_with)
        stream, counts = waiting.result()
        # What mining has just found counts from the next round on: this one was drawn before.
        self._prepared = rounds.submit(self._prepare, state.round + 1, self.data.weights)
        if not state.batch:  # else the round was counted before it was interrupted
            self.maker.counts.update(counts)
        longest = recipe.max_document_tokens
        return pack(
            stream,
            tokens_per_batch=recipe.tokens_per_batch,
            row_lengths=[longest // 3, 2 * longest // 3, longest],
            flush=True,
        )

    def _prepare(
        self, number: int, weights: dict[str, list[float]]
    ) -> tuple[list[Example], Counter[str]]:
        """Draw a round's documents and sample for them; number and weights decide everything."""
        recipe = self.recipe
        rng = Random(f"{recipe.seed}:round:{number}")
        data = self.data.with_weights(weights)
        maker = DocumentMaker(data, self.tokenizer, recipe)
        maker.counts.clear()
        documents = [maker.draw(rng) for _ in range(recipe.documents_per_round)]
        beginnings = sample_beginnings(
            self.base,
            documents,
            eos_token_id=maker.eos_token_id,
            seed=rng.randrange(2**31),
            batch_size=recipe.sampling_batch,
            stop=self._stop,
        )
        examples = [
            example_of(d, b, maker, rng) for d, b in zip(documents, beginnings, strict=True)
        ]
        stream: list[Example] = []
        for _ in range(recipe.passes):
            stream += rng.sample(examples, len(examples))
        return stream, maker.counts

    def _mine_if_due(self, seconds: float) -> None:
        recipe, state = self.recipe, self._state
        if state.batch or state.mined >= len(recipe.mine_at):
            return
        if recipe.spent(state.step, seconds) < sorted(recipe.mine_at)[state.mined]:
            return
        rng = Random(f"{recipe.seed}:mining:{state.mined}")
        self.expert.eval()
        maker = DocumentMaker(self.data, self.tokenizer, recipe)
        state.mining.append(mine(self.expert, self.base, maker, self.data, recipe, rng))
        state.mined += 1

    def save_checkpoint(self) -> None:
        """Write the state, so that an interruption at any time leaves a sound file."""
        if self._checkpoints is None:
            return
        self._checkpoints.mkdir(parents=True, exist_ok=True)
        state = self._state
        content = {
            "shape": self.recipe.shape,
            "documents": [self.recipe.documents, self.data.digest],
            "weights": self._masters.state(),
            "pools": self.data.weights,
            "drawn_with": self._drawn_with,
            "counts": dict(self.maker.counts),
            "state": {name: getattr(state, name) for name in _State.__slots__},
        }
        partial = self._checkpoints / f"{_STATE}.part"
        torch.save(content, partial)
        os.replace(partial, self._checkpoints / _STATE)

    def validate(self, data: TrainingData, held_out: list[Wrapping]) -> dict[str, dict[str, float]]:
        """Return the figures of `validate` on another split."""
        self.expert.eval()
        return validate(self.expert, self.base, data, held_out, self.tokenizer, self.recipe)

    def card(self) -> dict[str, Any]:
        """Return what the run did: options, counts, seconds, versions."""
        import platform

        import transformers

        state = self._state
        return {
            "options": state.legs[-1]["options"],
            "legs": state.legs,
            "rows": self.data.counts(),
            "prompt_hashes": self.data.prompt_hashes(),
            "documents": dict(sorted(self.maker.counts.items())),
            "steps": state.step,
            "tokens": state.num_tokens,
            "seconds": round(state.seconds, 1),
            "mining": state.mining,
            "versions": {
                "python": platform.python_version(),
                "torch": torch.__version__,
                "transformers": transformers.__version__,
            },
        }

    def save(self, folder: Path, *, base_name: str) -> None:
        """Write the expert as the engine loads it."""
        save_expert(self.expert, folder, self.tokenizer, base_name=base_name)


def train_expert(
    training: ExpertTraining,
    out: Path,
    *,
    base_name: str,
    validation: TrainingData | None = None,
    held_out: list[Wrapping] | None = None,
    on_progress: Callable[[TrainingProgress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Run a training to its end; write the expert and its run card.

    Args:
        training: a new or a resumed run.
        out: folder of the expert.
        base_name: what the adapter calls its base.
        validation: the calibration split; None to skip the validation.
        held_out: wrappings that were not trained on.
        on_progress: called after every step.

    Returns:
        The run card, as written to `run_card.json`.
    """
    recent: list[dict[str, float]] = []
    for progress in training.run():
        recent = [*recent[-49:], progress.parts]
        on_progress(progress)
    training.save(out, base_name=base_name)
    card = training.card() | {"base": base_name, "loss": mean_parts(recent)}
    if validation is not None:
        card["validation_rows"] = validation.counts()
        card["validation"] = training.validate(validation, held_out or [])
    text = json.dumps(card, indent=2, sort_keys=True) + "\n"
    (out / "run_card.json").write_text(text, encoding="utf-8")
    return card
