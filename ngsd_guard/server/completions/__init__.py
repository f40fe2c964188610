"""Chat completions and responses."""
