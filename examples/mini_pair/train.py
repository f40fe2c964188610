"""Train the base, the expert or an adapter of the base, within a budget of minutes.

Example: `python train.py --model base --minutes 60 --data PATH --out runs/base`.
"""

import argparse
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from transformers import AutoModelForCausalLM, GenerationConfig, LlamaConfig, LlamaForCausalLM

from build_tokenizer import CHAT_TEMPLATE, END, PAD, VOCAB_SIZE, load_tokenizer, train_tokenizer
from corpus import Corpus, tokenizer_texts
from induction import plant_induction_heads
from ngsd_guard.training import SoftPrefix, TrainingConfig, add_lora, pack, save_lora, train

_SIZES: Final = {"base": (256, 704, 6, 4), "expert": (128, 352, 6, 2)}
_ROW_LENGTHS: Final = (256, 512, 1024)
EMBEDDED: Final = "ngsd-mini"


def build_model(role: str, tokenizer: Any, seed: int) -> LlamaForCausalLM:
    """Make an untrained model."""
    torch.manual_seed(seed)
    hidden, intermediate, layers, heads = _SIZES[role]
    config = LlamaConfig(
        vocab_size=VOCAB_SIZE,
        hidden_size=hidden,
        intermediate_size=intermediate,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        attention_bias=True,
        bos_token_id=None,
        eos_token_id=tokenizer.convert_tokens_to_ids(END),
        pad_token_id=tokenizer.convert_tokens_to_ids(PAD),
    )
    model = LlamaForCausalLM(config)
    plant_induction_heads(model)
    return model


def save_model(model: LlamaForCausalLM, tokenizer: Any, folder: Path) -> None:
    """Write a complete model folder in bfloat16; an older one is replaced once it is complete."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    config = model.config.to_dict() | {"dtype": "bfloat16"}
    half = LlamaForCausalLM(LlamaConfig.from_dict(config)).to(torch.bfloat16)
    half.load_state_dict(model.state_dict())
    half.generation_config = GenerationConfig(
        eos_token_id=model.config.eos_token_id, pad_token_id=model.config.pad_token_id
    )
    half.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    for file in partial.iterdir():
        file.chmod(0o644)
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _get_tokenizer(args: argparse.Namespace) -> Any:
    folder = args.tokenizer
    if not (folder / "tokenizer.json").exists():
        train_tokenizer(tokenizer_texts(args.data, args.seed, 30_000)).save_pretrained(folder)
    tokenizer = load_tokenizer(folder)
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _load(folder: Path) -> Any:
    # On a CPU, compiled eager attention is faster than the fused kernel.
    return AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    )


def _learner(
    args: argparse.Namespace, model: Any, tokenizer: Any
) -> tuple[Any, Callable[[Path], None]]:
    """Return what is trained, and how it is saved."""
    if args.adapter == "lora":
        torch.manual_seed(args.seed)
        add_lora(model)
        return model, lambda folder: save_lora(model, folder, base_name=EMBEDDED)
    if args.adapter == "prefix":
        prefix = SoftPrefix(model, seed=args.seed)
        return prefix, lambda folder: prefix.save(folder, base_name=EMBEDDED)
    return model, lambda folder: save_model(model, tokenizer, folder)


def run(args: argparse.Namespace) -> None:
    """Run the training that the arguments describe."""
    torch.set_num_threads(args.threads)
    tokenizer = _get_tokenizer(args)
    if args.resume is None:
        model = build_model(args.model, tokenizer, args.seed)
        model.set_attn_implementation("eager")
    else:
        model = _load(args.resume)
    teacher = None if args.teacher is None else _load(args.teacher)
    learner, save = _learner(args, model, tokenizer)
    corpus = Corpus(tokenizer, args.model, args.data, args.seed)
    batches = pack(
        corpus,
        tokens_per_batch=args.tokens_per_batch,
        row_lengths=_ROW_LENGTHS,
        pad_id=tokenizer.pad_token_id,
    )
    config = TrainingConfig(
        max_minutes=args.minutes,
        learning_rate=args.lr,
        decay_share=args.decay,
        optimizer="adamw" if args.adapter else "muon",
        weight_decay=0.0 if args.adapter else 0.1,
        compile=args.compile,
    )
    args.out.mkdir(parents=True, exist_ok=True)
    average, saved_s = 0.0, 0.0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with (
        (args.out / "log.jsonl").open("a", encoding="utf-8") as log,
        Progress(*columns, refresh_per_second=1) as progress,
    ):
        task = progress.add_task(args.model, total=1.0)
        for step in train(learner, batches, config, teacher=teacher):
            average += (step.loss - average) * max(0.02, 1 / (step.step + 1))
            text = f"{args.model} {step.num_tokens / 1e6:.1f}M tokens, loss {average:.3f}"
            progress.update(task, completed=step.spent, description=text)
            if step.step % 20 == 0:
                log.write(json.dumps(asdict(step) | {"average": round(average, 4)}) + "\n")
                log.flush()
            if step.seconds - saved_s > args.save_every * 60:
                save(args.out / "checkpoint")
                saved_s = step.seconds
    save(args.out / "final")
    if args.publish is not None:
        save(args.publish)


def main() -> None:
    """Parse the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=("base", "expert"), required=True)
    parser.add_argument("--adapter", choices=("lora", "prefix"), help="on the model to go on from")
    parser.add_argument("--minutes", type=float, default=45.0)
    parser.add_argument("--data", type=Path, help="folder of the public sets; may be left out")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, default=Path("runs/tokenizer"))
    parser.add_argument("--teacher", type=Path, help="the trained base, for the expert")
    parser.add_argument("--resume", type=Path, help="model folder to go on from")
    parser.add_argument("--publish", type=Path, help="folder to write the trained model to")
    parser.add_argument("--save-every", type=float, default=10.0, help="minutes")
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--decay", type=float, default=0.4, help="share of falling rate")
    parser.add_argument("--tokens-per-batch", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--seed", type=int, default=0)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
