"""The settings of `train` and `sample` blocks, read and checked."""

from netc.compiler.settings.blocks import block_of, check_blocks
from netc.compiler.settings.model import Optimiser, Origin, Schedule, TrainSettings, Weights
from netc.compiler.settings.read import SETTINGS, read_settings
from netc.compiler.settings.rules import RULES
from netc.compiler.settings.sample import SampleSettings, read_sample
from netc.compiler.settings.updates import Update, update_of

__all__ = [
    "RULES", "SETTINGS", "Optimiser", "Origin", "SampleSettings", "Schedule", "TrainSettings", "Update", "Weights", "block_of",
    "check_blocks", "read_sample", "read_settings", "update_of",
]  # fmt: skip
