"""Where the checkout keeps its specs."""

from pathlib import Path

SPECS = Path(__file__).parents[2] / "specs"
