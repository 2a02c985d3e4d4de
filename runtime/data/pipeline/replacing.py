"""What a user names in place of a spec's data: a source, a call, or a file alone."""

from __future__ import annotations

from pathlib import Path

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.settings import UnknownSource
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings.sources import FILES, SOURCES, USUAL
from netc.compiler.source.text import Source, Span
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse
from netc.runtime.data.formats.place import Place
from netc.runtime.data.sources import mnist

_ANEW = ("valid", "test")  # files that hold these parts belong to the file that is replaced


def replacement(text: str, declared: tree.Call | None) -> tuple[Place, tree.Call]:
    """`--data mnist`, `--data 'csv("x.csv")'` or `--data path/to/file.npz`.

    A file alone is read as the declared source reads its own, unless its ending says that it cannot be that.
    Raises NetcError where it is none of them.
    """
    kind = None if text in SOURCES else _kind(text, declared)
    alone = kind is not None and ("(" not in text or Path(text).exists())
    written = text if "(" in text else f"{text}()"
    if kind is not None and alone:
        path = f'folder="{text}"' if kind == "mnist" else f'"{text}"'
        written = f"{kind}({', '.join([path, *_kept(kind, declared)])})"
    typed = Span(Source("command line", f"--data {text}"), 7, 7 + len(text))
    reporter = Reporter()
    file = parse(Source("command line", f"train:\n    data = {written}\n"), reporter)
    block = next((i for i in file.items if isinstance(i, tree.Block)), None)
    value = next((s.value for s in block.body if isinstance(s, tree.Equation)), None) if block else None
    if not isinstance(value, tree.Call):
        raise NetcError(*(reporter.problems or [UnknownSource(typed, "source", text, tuple(SOURCES), suggest(text, SOURCES))]))
    return Place(Path.cwd(), typed if alone else value.span, anywhere=True), value


def _kind(text: str, declared: tree.Call | None) -> str | None:
    """The source that reads a file or a folder; None for what is neither."""
    path, own = Path(text), declared.function.span.text if declared is not None else ""
    if path.is_dir():
        return "mnist" if any(path.glob(f"{next(iter(mnist.FILES))}*")) else "images"
    ending = path.suffix.lower()
    strange = path.is_file() and not any(ending in endings for endings in FILES.values())
    return own if ending in FILES.get(own, ()) or strange and own in FILES else USUAL.get(ending)


def _kept(kind: str, declared: tree.Call | None) -> list[str]:
    """What the declared source is told of its files; files of their own for the other parts go with the one that is replaced."""
    if declared is None or declared.function.span.text != kind:
        return []
    told = [a for a in declared.arguments if a.name is not None and a.name.name != "path"]
    return [a.span.text for a in told if not (a.name is not None and a.name.name in _ANEW and isinstance(a.value, tree.String))]
