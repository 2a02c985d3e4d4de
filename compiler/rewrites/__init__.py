"""Rewrites on statements, one in each file; before gradients and schedule."""
