"""The settings of `train` and `sample` blocks, read and checked."""

from netc.compiler.settings.model import Optimiser, Schedule, TrainSettings
from netc.compiler.settings.read import read_settings

__all__ = ["Optimiser", "Schedule", "TrainSettings", "read_settings"]
