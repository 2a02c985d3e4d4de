"""The order of evaluation: strongly connected components, scans."""

from netc.compiler.schedule.order import Item, Scan, Schedule, all_scans, leaves, recurrent, schedule
from netc.compiler.schedule.scans import Circle

__all__ = ["Circle", "Item", "Scan", "Schedule", "all_scans", "leaves", "recurrent", "schedule"]
