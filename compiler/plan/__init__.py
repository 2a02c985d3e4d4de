"""Layout, arena and steps: a schedule bound to sizes. Arrays appear here and nowhere above.

Plain Python: a plan is data, which any backend runs.
"""

from netc.compiler.plan.model import Plan, Sizes
from netc.compiler.plan.planner import make_plan

__all__ = ["Plan", "Sizes", "make_plan"]
