"""Formulas as MathML, which browsers show without a script, a font or a network.

Several lines and their alignment (`&`, `\\\\`) are laid out here, as the converter knows no `aligned`.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import fromstring, tostring

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.writers.html5 import HTML5Translator

from docs.extension.setting import settle

_COMMANDS = {  # what the converter does not know, in what it knows
    r"\arg\max": r"\mathrm{arg\ max}",
    r"\arg\min": r"\mathrm{arg\ min}",
    r"\operatorname": r"\mathrm",
}
_SIGNS = {  # what the converter writes, and the operator that it should be
    "<mi>&#x0007E;</mi>": "<mo>&#x0223C;</mo>",
    "<mo>&#x0221E;</mo>": "<mi>&#x0221E;</mi>",
    "<mrow><mo>&#x0002F;</mo><mo>&#x0002F;</mo></mrow>": "//",
    "<mo><mrow><mo>&#x0002B;</mo></mrow></mo><mo>&#x0003D;</mo>": "<mo>+=</mo>",
}
_PRIME = re.compile(r"(?<!\\)\b([A-Za-z])'")  # beside the letter, not above its index
_HEAD = re.compile(r"^<math[^>]*>(.*)</math>$", re.DOTALL)


def formula(latex: str, display: bool = False) -> str:
    """A formula as one `<math>` element.

    Raises ValueError for a command that the converter passed on unread.
    """
    whole = "\\begin{" in latex  # an environment has lines of its own
    lines = [[latex]] if whole else [line.split("&") for line in re.split(r"\\\\", latex.strip()) if line.strip()]
    if len(lines) == 1 and len(lines[0]) == 1:
        body = _cell(lines[0][0], display)
    else:
        body = "".join(f"<mtr>{''.join(_column(c, k, display) for k, c in enumerate(line))}</mtr>" for line in lines)
        body = f"<mtable class='lines'>{body}</mtable>"
    return f"<math display='{'block' if display else 'inline'}'>{body}</math>"


def _column(cell: str, number: int, display: bool) -> str:
    side = "left" if number else "right"
    return f"<mtd style='text-align: {side}'>{_cell(cell, display)}</mtd>"


def _cell(latex: str, display: bool) -> str:
    if not latex.strip():
        return "<mrow></mrow>"
    latex = _PRIME.sub(r"{\1\\prime}", latex)
    for written, meant in _COMMANDS.items():
        latex = latex.replace(written, meant)
    found = _HEAD.match(convert(latex.strip(), display="block" if display else "inline"))
    assert found is not None
    body = found[1]
    if "\\" in body:
        raise ValueError(f"no MathML for `{latex}`")
    for written, meant in _SIGNS.items():
        body = body.replace(written, meant)
    tree = fromstring(body)
    settle(tree, display)
    style = "<mstyle displaystyle='true'>{}</mstyle>" if display else "{}"
    return style.format(tostring(tree, encoding="unicode"))


def inline(translator: HTML5Translator, node: nodes.math) -> None:
    """A formula in a line of text."""
    translator.body.append(formula(node.astext()))
    raise nodes.SkipNode


def block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """A formula on lines of its own."""
    translator.body.append(f"<div class='formula'>{formula(node.astext(), display=True)}</div>")
    raise nodes.SkipNode


def nothing(translator: HTML5Translator, node: nodes.Node) -> None:
    """Nodes are left where they are entered."""
