"""Variables that are computed from themselves: their sizes by trial, and the circles that no order of points resolves."""
