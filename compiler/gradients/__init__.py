"""Reverse mode on statements: one rule, and a few for softmax, max and gather."""
