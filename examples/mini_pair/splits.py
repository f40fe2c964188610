"""What is held out of training, decided by a hash of its text, so that it never changes."""

import hashlib


def text_hash(key: str) -> int:
    """Return a number that depends on a text only."""
    return int(hashlib.sha256(key.encode()).hexdigest(), 16)


def in_test_split(key: str, percent: int = 10) -> bool:
    """Say whether a prompt, object or wrapper is kept out of training."""
    return text_hash(key) % 100 < percent


def is_public_test(prompt: str) -> bool:
    """Say whether a prompt of the scarce public sets is kept for tests.

    Generated requests obey it too, since a few are, word for word, prompts of those sets.
    """
    return in_test_split(prompt, 50)


def is_for_calibration(prompt: str) -> bool:
    """Say whether a public test prompt is for calibration, and not for the evaluation."""
    return text_hash(prompt) // 100 % 2 == 0
