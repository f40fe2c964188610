"""What is kept out of training: decided by a hash of its text, so it never moves."""

import hashlib


def text_hash(key: str) -> int:
    """Return a number that depends on a text only."""
    return int(hashlib.sha256(key.encode()).hexdigest(), 16)


def in_test_split(key: str, percent: int = 10) -> bool:
    """Say whether a prompt, object or wrapper is kept out of training."""
    return text_hash(key) % 100 < percent
