"""Measurements, not tests: one file for each, run by `python -m benchmarks` in a checkout with netc installed."""
