"""A scripted base whose hidden states count marks, and a probe that looks at them."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ngsd_guard import NGSDConfig, ReflectionConfig
from ngsd_guard.config import ProbeFacet, ProbeReading
from ngsd_guard.testing import ScriptedModel

MARKS = "#$!"


class MarkingModel(ScriptedModel):
    """Its hidden state at a token is how many of each mark stand up to there, and a 1."""

    def __init__(self, reply: str = "Sure.", **options: Any) -> None:
        super().__init__(reply, **options)
        self.num_read = 0
        self.layers: list[int] = []

    @property
    def num_layers(self) -> int:
        return 2

    def hidden_states(self, input_ids: Sequence[Sequence[int]], layer: int) -> list[Tensor]:
        self.layers.append(layer)
        found = []
        for row in input_ids:
            self.num_read += len(row)
            ids = torch.tensor(row)
            counts = [(ids == ord(mark)).float().cumsum(0) for mark in MARKS]
            found.append(torch.stack([*counts, torch.ones(len(row))], dim=1))
        return found


def facet(name: str, *weights: float, **options: Any) -> ProbeFacet:
    """Return a facet over the counts; it is crossed at half a mark unless told otherwise."""
    given = {"layer": 2, "weights": (*weights, 0.0), "intercept": -5.0} | options
    return ProbeFacet(name=name, **given)


SURE = {"auroc": (0.99, 0.9, 1.0), "auroc_among_harmful": (0.95, 0.8, 1.0)}
FACETS = (
    facet("harm", 10, 10, 0),
    facet("hacking", 0, 10, 0, **SURE),
    facet("violence", 10, 0, 0, auroc=(0.99, 0.9, 1.0), auroc_among_harmful=(0.8, 0.6, 0.9)),
    facet("injection", 0, 0, 10, layer=1),
)


def probing(facets: Sequence[ProbeFacet] = FACETS, **options: Any) -> NGSDConfig:
    probe = ProbeReading(facets=tuple(facets), **options)
    return NGSDConfig(reflection=ReflectionConfig(reader="probe", probe=probe))
