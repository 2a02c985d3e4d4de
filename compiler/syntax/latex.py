"""Pieces of LaTeX in a spec, and how each is written here."""

from __future__ import annotations

import re

from netc.compiler.diagnostics.foreign import latex

_COMMAND = re.compile(r"\\([A-Za-z]+|[,;! ])\*?")
_BRACES = re.compile(r"\{([^{}\n]*)\}")
_INDEX = re.compile(r"[a-z]'?|.*[-+,0-9].*")  # `h_{t-1}` has an index, `W_{xh}` a longer name


def command(text: str, at: int) -> tuple[int, str] | None:
    """Where a command that begins here ends, with the braces it takes, and how it is written here."""
    found = _COMMAND.match(text, at)
    if found is None:
        return None
    end, word = found.end(), found[1]
    inner = []
    while (braces := _BRACES.match(text, end)) is not None:
        inner.append(braces[1])
        end = braces.end()
    return end, latex(word, inner)


def behind(text: str, word: str, at: int) -> tuple[int, str, str] | None:
    """Braces behind `h_` or `^`: where they end, the name before them, and how the whole is written here."""
    braces = _BRACES.match(text, at)
    if braces is None:
        return None
    inner = braces[1].strip()
    if word == "^":
        return braces.end(), "", ".T" if inner == "T" else f"^{inner}" if inner.isalnum() else f"^({inner})"
    name = word.rstrip("_")
    return braces.end(), name, f"{name}[{inner}]" if _INDEX.fullmatch(inner) else f"{name}{inner}"
