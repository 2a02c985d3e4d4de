"""Bytes to a source text."""

from __future__ import annotations

from netc.compiler.diagnostics.problems.encoding import EmptyFile, NotText, PajekFile
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source, Span


def decode(data: bytes, name: str, reporter: Reporter) -> Source | None:
    """The text of a file, or None with the problem reported. A byte order mark is dropped; line ends stay as they are."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        reporter.report(NotText(_start(name), "it is UTF-16"))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = "it is a binary file" if b"\0" in data else f"byte {error.start:,} (line {line}) is {data[error.start]:#04x}"
        reporter.report(NotText(_start(name), reason))
        return None
    if "\0" in text:
        reason = "it holds zero bytes" + (" (it may be UTF-16 without a mark)" if data[1:2] == b"\0" else "")
        reporter.report(NotText(_start(name), reason))
        return None
    source = Source(name, text)
    lines = (line.strip() for line in text.split("\n"))
    first = next((line for line in lines if line and not line.startswith("#")), "")
    if not first:
        reporter.report(EmptyFile(Span(source, 0, 0)))
        return None
    if first.lower().startswith("*vertices"):
        start = text.index(first)
        reporter.report(PajekFile(Span(source, start, start + len("*vertices"))))
        return None
    return source


def _start(name: str) -> Span:
    return Span(Source(name, ""), 0, 0)
