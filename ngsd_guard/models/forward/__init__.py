"""Forward passes: a lean one for Llama-like models, the model's own modules for all others."""
