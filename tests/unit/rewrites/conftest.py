"""Small nets in normal form, before any rewrite."""

from __future__ import annotations

import sys
from collections.abc import Callable

import netc
import netc.compiler.rewrites.lower
import pytest
from netc.compiler.pipeline import Request
from netc.compiler.rewrites import Wanted
from netc.compiler.statements.program import Program

LOWER = sys.modules["netc.compiler.rewrites.lower"]  # its package has a function of this name


@pytest.fixture
def normal_form(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Program]:
    """The statements of a net's body that compute `names`, with no rewrite run."""

    def make(body: str, *names: str, loss: bool = False) -> Program:
        monkeypatch.setattr(LOWER, "ORDER", ())
        monkeypatch.setattr(LOWER, "BEFORE_GRADIENTS", ())
        lines = "".join(f"    {line.strip()}\n" for line in body.strip().split("\n"))
        spec = netc.parse(f"net N:\n{lines}")
        spec.build()
        return spec.session.compile("N", Request(True, Wanted(loss, False, names=names))).program

    return make
