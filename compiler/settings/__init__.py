"""The settings of `train` and `sample` blocks, read and checked."""

from netc.compiler.settings.model import SLOTS, Optimiser, Origin, Schedule, TrainSettings, Weights
from netc.compiler.settings.read import SETTINGS, read_settings

__all__ = ["SETTINGS", "SLOTS", "Optimiser", "Origin", "Schedule", "TrainSettings", "Weights", "read_settings"]
