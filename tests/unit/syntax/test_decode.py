"""Bytes become text, or a problem that says what they are."""

from __future__ import annotations

import pytest
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.syntax.decode import decode


def answer(data: bytes) -> str | list[str]:
    reporter = Reporter()
    source = decode(data, "spec.net", reporter)
    found = [f"{d.code} {d.message}" for d in (p.diagnose() for p in reporter.problems)]
    return found if source is None else source.text


def test_byte_order_mark_is_dropped_and_line_ends_stay() -> None:
    assert answer(b"\xef\xbb\xbfnet N:\r\n    y = 1\r\n") == "net N:\r\n    y = 1\r\n"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "E0121 the file holds no statement"),
        (b" \n\t\n", "E0121 the file holds no statement"),
        (b"# only\n  # comments\n", "E0121 the file holds no statement"),
        ("net N:".encode("utf-16"), "E0120 the file is not UTF-8 text: it is UTF-16"),
        ("net N:".encode("utf-16-be"), "E0120 the file is not UTF-8 text: it holds zero bytes"),
        (
            "net N:".encode("utf-16-le"),
            "E0120 the file is not UTF-8 text: it holds zero bytes (it may be UTF-16 without a mark)",
        ),
        (b"net N:\n  y = \xe9\n", "E0120 the file is not UTF-8 text: byte 13 (line 2) is 0xe9"),
        (b"*Vertices 3\n1 \"a\"\n", "E0122 this is a Pajek graph file, not a netc spec"),
        (b"\n*vertices 3\n", "E0122 this is a Pajek graph file, not a netc spec"),
    ],
)  # fmt: skip
def test_what_is_no_spec_is_named(data: bytes, problem: str) -> None:
    assert answer(data) == [problem]
