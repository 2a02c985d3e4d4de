"""What a benchmark gives: rows of facts, shown as one table."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

Fact = str | int | float | None


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    against: Path | None = None
    rounds: int = 200


@dataclass(frozen=True)
class Result:
    """Rows with the same keys. `missed` says which targets were not reached."""

    name: str
    title: str
    rows: list[dict[str, Fact]]
    missed: list[str] = field(default_factory=list)

    def table(self) -> str:
        """A Markdown table with a heading."""
        header = list(self.rows[0])
        cells = [header, ["---"] * len(header), *([_text(r[k]) for k in header] for r in self.rows)]
        lines = [f"## {self.name}: {self.title}", "", *(f"| {' | '.join(row)} |" for row in cells)]
        return "\n".join(lines + [f"missed: {m}" for m in self.missed])


def _text(fact: Fact) -> str:
    match fact:
        case None:
            return "–"
        case float():
            return f"{fact:.3g}" if abs(fact) < 100 else f"{fact:,.0f}"
        case int():
            return f"{fact:,}"
        case _:
            return fact


def quantile(times: list[float], share: float) -> float:
    """The value below which this share of the times lies."""
    return sorted(times)[int(share * (len(times) - 1))]
