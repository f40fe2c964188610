"""The canonical form of a text: what a reader sees, without disguises, mapped to the original."""

from ngsd_guard.canonical._canonical import canonical_form
from ngsd_guard.canonical._form import Form

__all__ = ["Form", "canonical_form"]
