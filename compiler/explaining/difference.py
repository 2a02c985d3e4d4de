"""A comparison as text of fixed width, in the manner of `diff`: `-` before what only the first has, `+` before the second's."""

from __future__ import annotations

from collections.abc import Iterator

from netc.compiler.diagnostics.render.text import width_of
from netc.compiler.explaining.compare import Change, Comparison

_TITLES = {"net": "net", "sizes": "sizes", "rows": "sizes and counts", "equations": "equations", "parameters": "parameters and constants", "settings": "settings"}
_WIDE = 100  # two values that together take more stand below each other


def difference(c: Comparison) -> str:
    """Every change below the heading of its section; nothing where there is none."""
    if c.same:
        return ""
    parts = [f"--- {c.before}\n+++ {c.after}"]
    for section, title in _TITLES.items():
        found = [x for x in c.changes if x.section == section]
        if found:
            lines = _equations(found) if section == "equations" else _lines(found)
            parts.append("\n".join([f" {title}", *lines]))
    return "\n\n".join(parts) + "\n"


def _lines(changes: list[Change]) -> Iterator[str]:
    names = max(width_of(c.name) for c in changes)
    whats = max(width_of(c.what) for c in changes)
    last = ""
    for c in changes:
        head = f"{'' if c.name == last else c.name:<{names}}  " + (f"{c.what:<{whats}}  " if whats else "")
        last = c.name
        if c.before is None or c.after is None:
            yield f"{'+' if c.before is None else '-'}   {head}{c.after if c.before is None else c.before}".rstrip()
        elif width_of(c.before) + width_of(c.after) > _WIDE:
            yield f"    {head}".rstrip()
            yield f"-       {c.before}"
            yield f"+       {c.after}"
        else:
            yield f"    {head}{c.before} → {c.after}"


def _equations(changes: list[Change]) -> Iterator[str]:
    for name in dict.fromkeys(c.name for c in changes):
        yield f"    {name}"
        for c in changes:
            if c.name == name:
                yield f"{'+' if c.before is None else '-'}       {c.after if c.before is None else c.before}"
