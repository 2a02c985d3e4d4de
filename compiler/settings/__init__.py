"""The settings of `train` and `sample` blocks, read and checked."""

from netc.compiler.settings.model import SLOTS, Optimiser, Schedule, TrainSettings
from netc.compiler.settings.read import read_settings

__all__ = ["SLOTS", "Optimiser", "Schedule", "TrainSettings", "read_settings"]
