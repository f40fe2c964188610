"""Trains one of the two models within a budget of minutes, on the CPU.

Example: `python train.py --model base --minutes 45 --data PATH --out runs/base`.
"""

import argparse
import json
import math
import shutil
import time
from pathlib import Path
from typing import Any, Final

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor
from transformers import AutoModelForCausalLM, GenerationConfig, LlamaConfig, LlamaForCausalLM

from build_tokenizer import END, PAD, VOCAB_SIZE, load_tokenizer, train_tokenizer
from corpus import Corpus, tokenizer_texts
from packing import Batch, pack

_SIZES: Final = {"base": (256, 704, 6, 4), "expert": (128, 352, 6, 4)}
_WARMUP_STEPS: Final = 100


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
        bos_token_id=None,
        eos_token_id=tokenizer.convert_tokens_to_ids(END),
        pad_token_id=tokenizer.convert_tokens_to_ids(PAD),
    )
    return LlamaForCausalLM(config)


def save_model(model: LlamaForCausalLM, tokenizer: Any, folder: Path) -> None:
    """Write a complete model folder in bfloat16, in place of an older one in one move."""
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


def compute_loss(model: LlamaForCausalLM, batch: Batch, teacher: Any) -> Tensor:
    """Return the weighted mean loss: cross-entropy, or distance to the teacher where asked."""
    chosen = batch.weights > 0  # [rows, length]
    weights = batch.weights[chosen]  # [chosen]
    labels = batch.input_ids.roll(-1, dims=1)[chosen]  # [chosen]
    logits = _logits(model, batch, chosen)  # [chosen, vocab]
    losses = F.cross_entropy(logits, labels, reduction="none")  # [chosen]
    if teacher is not None:
        with torch.no_grad():
            targets = _logits(teacher, batch, chosen).softmax(dim=-1)  # [chosen, vocab]
        distance = F.cross_entropy(logits, targets, reduction="none")  # [chosen]
        losses = torch.where(batch.distil[chosen], 0.8 * distance + 0.2 * losses, losses)
    return (weights * losses).sum() / weights.sum()


def _logits(model: LlamaForCausalLM, batch: Batch, chosen: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.model(
            input_ids=batch.input_ids,
            attention_mask=batch.attention_mask,
            position_ids=batch.position_ids,
            use_cache=False,
        ).last_hidden_state
        logits: Tensor = model.lm_head(hidden[chosen]).float()
    return logits


def learning_rate(peak: float, step: int, spent: float) -> float:
    """Return the rate: warm-up, a plateau, and a fall over the last 40 % of the budget."""
    fall = min(1.0, max(0.02, (1.0 - spent) / 0.4))
    return peak * min(1.0, (step + 1) / _WARMUP_STEPS) * fall


def _get_tokenizer(args: argparse.Namespace) -> Any:
    folder = args.tokenizer
    if not (folder / "tokenizer.json").exists():
        train_tokenizer(tokenizer_texts(args.data, args.seed, 30_000)).save_pretrained(folder)
    return load_tokenizer(folder)


def train(args: argparse.Namespace) -> None:
    """Run the training that the arguments describe."""
    torch.set_num_threads(args.threads)
    tokenizer = _get_tokenizer(args)
    if args.resume is None:
        model = build_model(args.model, tokenizer, args.seed)
    else:
        model = AutoModelForCausalLM.from_pretrained(args.resume, dtype=torch.float32)
    teacher = None
    if args.teacher is not None:
        teacher = AutoModelForCausalLM.from_pretrained(args.teacher, dtype=torch.float32).eval()
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=args.lr, betas=(0.9, 0.95), fused=True)
    corpus = Corpus(tokenizer, args.model, args.data, args.seed, args.anchors)
    batches = pack(corpus, args.tokens_per_batch, tokenizer.pad_token_id)
    args.out.mkdir(parents=True, exist_ok=True)
    budget, started = args.minutes * 60, time.monotonic()
    last_saved, tokens, average = started, 0, math.nan
    with (args.out / "log.jsonl").open("a", encoding="utf-8") as log:
        for step, batch in enumerate(batches):
            spent = (time.monotonic() - started) / budget
            if spent >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(args.lr, step, spent)
            loss = compute_loss(model, batch, teacher)
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            tokens += batch.input_ids.numel()
            value = float(loss.detach())
            average = value if math.isnan(average) else 0.98 * average + 0.02 * value
            if step % 20 == 0:
                seconds = time.monotonic() - started
                record = {
                    "step": step, "loss": round(average, 4), "norm": round(float(norm), 2),
                    "lr": round(optimizer.param_groups[0]["lr"], 6), "tokens": tokens,
                    "tokens_per_s": round(tokens / max(seconds, 1)),
                    "minutes": round(seconds / 60, 1),
                }  # fmt: skip
                log.write(json.dumps(record) + "\n")
                log.flush()
            if time.monotonic() - last_saved > args.save_every * 60:
                save_model(model, tokenizer, args.out / "checkpoint")
                if args.publish is not None:
                    save_model(model, tokenizer, args.publish)
                last_saved = time.monotonic()
    save_model(model, tokenizer, args.out / "final")
    if args.publish is not None:
        save_model(model, tokenizer, args.publish)


def main() -> None:
    """Parse the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=("base", "expert"), required=True)
    parser.add_argument("--minutes", type=float, default=45.0)
    parser.add_argument("--data", type=Path, help="folder of the public sets; may be left out")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, default=Path("runs/tokenizer"))
    parser.add_argument("--teacher", type=Path, help="the trained base, for the expert")
    parser.add_argument("--anchors", type=Path, help="the base's answers, for the expert")
    parser.add_argument("--resume", type=Path, help="model folder to go on from")
    parser.add_argument("--publish", type=Path, help="folder to write each saved model to")
    parser.add_argument("--save-every", type=float, default=10.0, help="minutes")
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--tokens-per-batch", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
