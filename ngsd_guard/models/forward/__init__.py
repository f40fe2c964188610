"""How a model reads tokens: our own lean pass for Llama-like models, its module's otherwise."""
