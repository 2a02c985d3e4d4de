"""`docs/notebook.ipynb` runs from the first cell to the last, and shows what it speaks of; `%%net` says what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.utils.capture import capture_output

NOTEBOOK = Path(__file__).parents[3] / "docs" / "notebook.ipynb"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell()
    yield shell
    shell.reset(new_session=False)
    InteractiveShell.clear_instance()


def shown(shell: InteractiveShell, cell: str) -> tuple[ExecutionResult, str]:
    """A cell run as a notebook runs it: its result and what it printed."""
    with capture_output() as printed:
        result = shell.run_cell(cell, store_history=True)
    return result, printed.stdout


@pytest.mark.skipif(not NOTEBOOK.exists(), reason="only in a checkout")
def test_the_notebook_runs(shell: InteractiveShell) -> None:
    cells = ["".join(c["source"]) for c in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    html, texts = [], []
    for cell in cells:
        result, text = shown(shell, cell)
        assert result.success, cell
        texts.append(text)
        html.append(result.result._repr_html_() if hasattr(result.result, "_repr_html_") else "")
    assert [k for k, h in enumerate(html) if h] == [1, 3, 4, 5]
    assert '<img style="max-width:100%" alt="the net Gated"' in html[1] and "<td" in html[1]
    assert "adding problem · 3 epochs · finished" in html[3].replace("_", " ") and "<svg" in html[3]
    assert html[4].startswith('<div class="netc">') and html[4].count("<svg") == 1
    assert "gradient  dx is what the loss changes by with x" in texts[2]
    assert "H  16 → 8" in texts[6]
    assert shell.user_ns["plain"].session.dims == {"H": 8}


def test_a_mistake_in_a_cell_is_shown_as_a_message(shell: InteractiveShell) -> None:
    shown(shell, "%load_ext netc")
    result, text = shown(shell, "%%net wrong\nnet N:\n    input x: real[3]\n    y = z + x\n")
    assert not result.success and "wrong" not in shell.user_ns
    assert "error[E0201]: nothing is called `z` here\n  --> cell:3:9\n3 |     y = z + x\n" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("line", ["two words", "-D H", "-D H=x", "1st", '"'])
def test_what_stands_behind_net_is_checked(shell: InteractiveShell, line: str) -> None:
    shown(shell, "%load_ext netc")
    result, text = shown(shell, f"%%net {line}\nnet N:\n    input x: real[3]\n    y = 2 * x\n")
    assert isinstance(result.error_in_exec, ValueError) and "%%net [NAME]" in str(result.error_in_exec)
    assert text.startswith(f"`%%net {line}` is not understood\n") and "Traceback" not in text


def test_without_a_name_the_cell_is_the_spec(shell: InteractiveShell, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a cell uses is read below the notebook's folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.net").write_text("def twice(x) = 2 * x\n")
    shown(shell, "%load_ext netc")
    result, _ = shown(shell, '%%net\nuse "mine.net"\nnet N:\n    input x: real[3]\n    y = twice(x)\n')
    assert result.success and shell.user_ns["spec"].nets == ("N",)
