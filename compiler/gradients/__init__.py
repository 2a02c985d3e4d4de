"""Reverse mode on statements: one rule, and a few for softmax, max and gather."""

from netc.compiler.gradients.reverse import differentiate

__all__ = ["differentiate"]
