"""The forty systems of the course as one table, with what is proved and measured of each.

`python -m docs.systems` prints it. What takes long is measured by `--gradients` and `--run`, and kept in measured.json.
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import netc

from docs.systems import through_time
from docs.systems.place import SPECS

HERE = Path(__file__).parent
MEASURED = HERE / "measured.json"
_FIELD = re.compile(r"\b(Source|Tasks?|Data|Size|Result|Gradients)(?: \(([^)]*)\))?((?:,| at) [^:]{0,90})?: ")


@dataclass(frozen=True)
class Row:
    """One system. `nets` are pairs of a spec and a net in it; `command` may be several, joined by `&&`."""

    number: int
    title: str
    specs: tuple[str, ...]
    nets: tuple[tuple[str, str], ...]
    command: str
    result: str
    short: str = ""
    page: str = ""

    @property
    def commands(self) -> list[list[str]]:
        """The words of each command."""
        return [shlex.split(c) for c in self.command.split(" && ")]


@cache
def rows() -> tuple[Row, ...]:
    """The table's rows, in the order of the course."""
    given = tomllib.loads((HERE / "rows.toml").read_text(encoding="utf-8"))["row"]
    return tuple(_row(k, r) for k, r in enumerate(given, 1))


def _row(number: int, given: dict[str, Any]) -> Row:
    specs = tuple(given["specs"])
    nets = tuple((s, n) for s in specs for n in spec_of(s).nets if n in given.get("nets", (n,)))
    results = [head(s).get("Result", "") for s in specs]
    computed = through_time.told() if given.get("computed") == "through_time" else ""
    result = computed or given.get("result") or " ".join(dict.fromkeys(_sentence(r) for r in results if r))
    result += f" {given['shown']}" if "shown" in given else ""
    return Row(
        number, given["title"], specs, nets, given["command"], result, given.get("short", ""), given.get("page", "")
    )


@cache
def head(spec: str) -> dict[str, str]:
    """What the first lines of a spec say: its source, task, size and result."""
    lines = (SPECS / spec).read_text(encoding="utf-8").split("\n")
    comment = [
        line.removeprefix("#").strip()
        for line in lines[: next(k for k, x in enumerate(lines) if not x.startswith("#"))]
    ]
    text = " ".join(comment)
    marks = list(_FIELD.finditer(text))
    ends = [m.start() for m in marks[1:]] + [len(text)]
    found: dict[str, str] = {}
    for mark, end in zip(marks, ends, strict=True):
        said = f"{(mark[3] or '').removeprefix(', ')}: {text[mark.end() : end]}".removeprefix(": ").strip()
        found[mark[1]] = f"{found[mark[1]]} {said}" if mark[1] in found else said
    return found


def _sentence(text: str) -> str:
    """A result without the command behind it, which the table has in a column of its own."""
    text = re.sub(r":? netc train [\w.]+(?: --[\w-]+ [\w.]+)*(?:, or [\w, ]+)?(?=[.:;]|$)", "", text)
    return text[:1].upper() + text[1:].rstrip(". ") + "."


@cache
def measured() -> dict[str, dict[str, Any]]:
    """Under `gradients`, by `spec net`, the worst relative error; under `runs`, by command, what it took and said."""
    found: dict[str, dict[str, Any]] = json.loads(MEASURED.read_text(encoding="utf-8"))
    return found


@cache
def spec_of(name: str) -> netc.Spec:
    """A spec, read once."""
    return netc.load(SPECS / name)


def parameters(row: Row) -> str:
    """Exact counts; `✓` where an assert of the spec proves the number."""
    cells: dict[str, None] = {}
    for spec, name in row.nets:
        report = spec_of(spec)[name].check()
        if report.params:
            cells[f"{report.params:,}{' ✓' if _proved(spec, name) else ''}"] = None
    return " <br>".join(cells) or "none"


def _proved(spec: str, net: str) -> bool:
    text = (SPECS / spec).read_text(encoding="utf-8")
    body = text.partition(f"net {net}:")[2]
    own = re.split(r"^\S", body, maxsplit=1, flags=re.MULTILINE)[0]
    return bool(re.search(r"assert .*\bparams\(", own))


def data(row: Row) -> str:
    """The source of the data that the row's nets are trained on, by its name or its file."""
    given = re.search(r"--data (\w+)", row.command)
    if given is not None:
        return given[1]
    found: dict[str, None] = {}
    for spec, net in row.nets:
        session = spec_of(spec).session
        block = session.block("train", net)
        text = (
            ""
            if block is None or session.source is None
            else session.source.text[block.body[0].span.start : block.body[-1].span.end]
        )
        for source, file in re.findall(r"data = (\w+)\((?:\"([^\"]*)\")?", text):
            found[Path(file).stem.removesuffix("-ud-train") if file else source.replace("_", " ")] = None
    return ", ".join(found) or "–"


def gradients(row: Row) -> str:
    """The worst relative error of all gradients against central differences, over the row's nets."""
    said = [e for s in row.specs for e in re.findall(r"\d\.\de-\d+", head(s).get("Gradients", ""))[-1:]]
    found = [measured()["gradients"][f"{s} {n}"] for s, n in row.nets if f"{s} {n}" in measured()["gradients"]]
    worst = max([*found, *map(float, said)], default=None)
    return "none" if worst is None else _power(worst)


def _power(number: float) -> str:
    digits, _, exponent = f"{number:.0e}".partition("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits} × 10{raised}"


def seconds(row: Row) -> str:
    """How long the command took, or what the spec says of it."""
    run = measured()["runs"].get(row.command)
    if run is not None:
        return f"{run['seconds']:.0f} s"
    said = [
        m for s in row.specs for m in re.findall(r"(\d[\d.]*(?: to \d+)? (?:s|minutes))\b", head(s).get("Result", ""))
    ]
    trained = row.command.startswith("netc train")
    return said[0].replace(" to ", "–").replace(" minutes", " min") if said and trained else "–"


def markdown() -> str:
    """The table, in Markdown."""
    lines = ["{.systems}", "| | system | parameters | gradients | data | result | time |", "|--:|--|--|--|--|--|--:|"]
    for row in rows():
        title = f"[{row.title}]({row.page})" if row.page else row.title
        system = "<br>".join((title, *(f"`{s}`" for s in row.specs)))
        result = f"{row.result} *{row.short}*" if row.short else row.result
        cells = (
            str(row.number),
            system,
            parameters(row),
            gradients(row),
            data(row),
            f"{result}<br>`{row.command}`",
            seconds(row),
        )
        lines.append(f"| {' | '.join(c.replace('|', chr(92) + '|') for c in cells)} |")
    return "\n".join(lines) + "\n"
