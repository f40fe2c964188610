"""Training of safety experts: packed batches, the deep-alignment recipe, one training loop."""

from ngsd_guard.training._adapters import SoftPrefix, add_lora, save_lora
from ngsd_guard.training._alignment import safety_example
from ngsd_guard.training._packing import Batch, Example, pack
from ngsd_guard.training._trainer import TrainingConfig, TrainingStep, train, training_loss

__all__ = [
    "Batch",
    "Example",
    "SoftPrefix",
    "TrainingConfig",
    "TrainingStep",
    "add_lora",
    "pack",
    "safety_example",
    "save_lora",
    "train",
    "training_loss",
]
