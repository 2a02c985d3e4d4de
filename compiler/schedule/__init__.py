"""The order of evaluation: strongly connected components, scans."""

from netc.compiler.schedule.order import Schedule, schedule

__all__ = ["Schedule", "schedule"]
