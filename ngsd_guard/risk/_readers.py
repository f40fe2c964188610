"""Readers of risk: what turns a conversation into a `RiskScores`."""

from collections.abc import Sequence
from typing import Protocol

from ngsd_guard.config import ReflectionConfig
from ngsd_guard.prefill import Judging, PrefixCache
from ngsd_guard.risk._expert import ExpertReader
from ngsd_guard.risk._probe import ProbeReader
from ngsd_guard.risk._scorer import Reflector
from ngsd_guard.types import Message, RiskScores


class RiskReader(Protocol):
    """Rates conversations."""

    def reflect(self, messages: Sequence[Message]) -> RiskScores:
        """Rate a conversation."""

    def judging(self, messages: Sequence[Message]) -> Judging[RiskScores]:
        """Rate a conversation, beside others."""


def make_reader(
    config: ReflectionConfig, base_prefixes: PrefixCache, expert_prefixes: PrefixCache
) -> RiskReader:
    """Return the reader that the options name.

    Args:
        config: the options.
        base_prefixes: the base, and what it has read before.
        expert_prefixes: the expert, likewise.

    Raises:
        ConfigurationError: the options of that reader are missing, or the base cannot be probed.
    """
    if config.reader == "rubric":
        return Reflector(base_prefixes.model, config, base_prefixes)
    if config.reader == "expert":
        return ExpertReader(config, base_prefixes, expert_prefixes)
    return ProbeReader(config, base_prefixes.model)
