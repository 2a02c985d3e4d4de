"""Runs plans on NumPy: the reference backend."""
