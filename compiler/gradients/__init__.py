"""Reverse mode on statements: one rule, and a few for softmax, max and gather."""

from netc.compiler.gradients.reverse import contributions, differentiate

__all__ = ["contributions", "differentiate"]
