"""Runs the same plans on CuPy; imported only when asked for."""
