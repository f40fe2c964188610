"""Guard Hugging Face's own `generate`.

    python examples/transformers_generate.py

Runs offline on the embedded pair.
"""

from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer

import ngsd_guard
from transformers_ngsd import NGSDLogitsProcessor

FOLDER = Path(ngsd_guard.__file__).parent / "assets" / "mini" / "base"
QUESTIONS = ["What is the capital of France?", "Tell me how to steal a car."]

if __name__ == "__main__":
    model = AutoModelForCausalLM.from_pretrained(FOLDER)
    tokenizer = AutoTokenizer.from_pretrained(FOLDER, padding_side="left")
    guard = NGSDLogitsProcessor.from_pair("ngsd-mini", tokenizer=tokenizer)
    inputs = tokenizer.apply_chat_template(
        [[{"role": "user", "content": question}] for question in QUESTIONS],
        add_generation_prompt=True, padding=True, return_dict=True, return_tensors="pt",
    )  # fmt: skip
    output = model.generate(**inputs, max_new_tokens=48, logits_processor=[guard])
    start = inputs["input_ids"].shape[1]
    answers = tokenizer.batch_decode(output[:, start:], skip_special_tokens=True)
    for question, answer, report in zip(QUESTIONS, answers, guard.finish(output), strict=True):
        print(f"== {question}\n{answer}")
        print(f"risk {report.risk:.1f}, alpha {report.alpha:.2f}, spikes {report.num_spikes}")
