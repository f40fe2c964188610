"""Keys and values: of several requests side by side, or a transformers cache for each."""
