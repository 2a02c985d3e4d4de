"""What the tests of data share: a data setting read with made-up files, and the real files where they are."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse
from netc.runtime.data.fields.model import Splits
from netc.runtime.data.pipeline.resolve import resolve

Read = Callable[..., Splits]


def setting(text: str, folder: Path, seed: int = 1) -> Splits:
    """The data of a setting as a spec writes it."""
    reporter = Reporter()
    file = parse(Source("spec.net", f"train:\n    data = {text}\n"), reporter)
    assert not reporter.problems
    block = file.items[0]
    assert isinstance(block, tree.Block) and isinstance(block.body[0], tree.Equation)
    return resolve(block.body[0].value, folder=folder, seed=seed)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read('text("a.txt")', **{"a.txt": "..."})`: a setting, with the files that stand beside the spec."""

    def one(text: str, /, seed: int = 1, **files: str | bytes) -> Splits:
        for name, content in files.items():
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return setting(text, tmp_path, seed)

    return one


@pytest.fixture
def real() -> Read:
    """A setting over the real files."""
    root = os.environ.get("NETC_DATA")
    if not root:
        pytest.skip("needs NETC_DATA")
    return lambda text, seed=1: setting(text, Path(root), seed)
