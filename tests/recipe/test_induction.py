"""The heads that are planted in the first weights."""

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from induction import plant_induction_heads


def copied(model: LlamaForCausalLM) -> float:
    """Return how often the model continues a repeated random text right."""
    text = torch.randint(3, 512, (16, 24), generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        said = model(torch.cat([text, text], dim=1)).logits[:, 24:-1].argmax(-1)
    return float((said == text[:, 1:]).float().mean())


@pytest.mark.parametrize(("hidden", "heads"), [(256, 4), (128, 2)])
def test_an_untrained_model_copies(hidden: int, heads: int) -> None:
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=512,
            hidden_size=hidden,
            intermediate_size=2 * hidden,
            num_hidden_layers=4,
            num_attention_heads=heads,
            attention_bias=True,
            tie_word_embeddings=True,
        )
    )
    before = copied(model)
    plant_induction_heads(model)
    assert before < 0.05
    assert copied(model) > 0.3
