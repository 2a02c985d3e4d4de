"""The settings of `train` and `sample` blocks, read and checked."""

from netc.compiler.settings.model import SLOTS, Optimiser, Origin, Schedule, TrainSettings, Weights
from netc.compiler.settings.read import SETTINGS, read_settings
from netc.compiler.settings.sample import SampleSettings, read_sample

__all__ = ["SETTINGS", "SLOTS", "Optimiser", "Origin", "SampleSettings", "Schedule", "TrainSettings", "Weights", "read_sample", "read_settings"]
