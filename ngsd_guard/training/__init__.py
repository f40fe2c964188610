"""Training of safety experts: packed batches, the deep-alignment recipe, and a resumable run."""

from ngsd_guard.training._adapters import SoftPrefix, add_lora, save_lora
from ngsd_guard.training._alignment import safety_example
from ngsd_guard.training._experts import load_chat_model
from ngsd_guard.training._packing import Batch, Example, pack
from ngsd_guard.training._recipe import ExpertRecipe, Method
from ngsd_guard.training._requests import TrainingData, held_out_wrappings, read_training_data
from ngsd_guard.training._run import ExpertTraining, TrainingProgress, train_expert
from ngsd_guard.training._trainer import TrainingConfig, TrainingStep, train, training_loss

__all__ = [
    "Batch",
    "Example",
    "ExpertRecipe",
    "ExpertTraining",
    "Method",
    "SoftPrefix",
    "TrainingConfig",
    "TrainingData",
    "TrainingProgress",
    "TrainingStep",
    "add_lora",
    "held_out_wrappings",
    "load_chat_model",
    "pack",
    "read_training_data",
    "safety_example",
    "save_lora",
    "train",
    "train_expert",
    "training_loss",
]
