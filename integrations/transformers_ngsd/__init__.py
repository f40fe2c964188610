"""Hugging Face transformers integration of ngsd-guard: a guard for any `generate`."""

from ngsd_guard.hosting import RowReport
from transformers_ngsd._processor import NGSDLogitsProcessor

__all__ = ["NGSDLogitsProcessor", "RowReport"]
