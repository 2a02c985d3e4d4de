"""Rewrites on statements, one in each file; before gradients and schedule.

`lower` makes the normal form of an elaborated net and runs the rewrites in their order.
"""

from netc.compiler.rewrites.lower import Wanted, lower, simplify

__all__ = ["Wanted", "lower", "simplify"]
