"""Formulas are set as TeX sets them: heights of parentheses, spaces of indices and of names."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from xml.etree.ElementTree import fromstring, tostring

import pytest

FILE = Path(__file__).parents[2] / "docs" / "extension" / "setting.py"  # its package needs Sphinx, it does not
if not FILE.exists():
    pytest.skip("only in a checkout", allow_module_level=True)

_found = spec_from_file_location("setting", FILE)
assert _found is not None and _found.loader is not None
setting = module_from_spec(_found)
_found.loader.exec_module(setting)

OPEN, CLOSE = ('<mo stretchy="{}" fence="true" form="' + side + '</mo>' for side in ('prefix">(', 'postfix">)'))


def settled(body: str, display: bool = True) -> str:
    tree = fromstring(f"<mrow>{body}</mrow>")
    setting.settle(tree, display)
    return tostring(tree, encoding="unicode").removeprefix("<mrow>").removesuffix("</mrow>")


def fenced(body: str, stretchy: str) -> str:
    return f"<mrow>{OPEN.format(stretchy)}{body}{CLOSE.format(stretchy)}</mrow>"


def test_parentheses_grow_only_around_what_is_higher_than_a_line() -> None:
    line = "<msub><mi>h</mi><mi>t</mi></msub><mo>+</mo><mi>b</mi>"
    assert settled(fenced(line, "true")) == fenced(line, "false")
    high = "<mfrac><mi>a</mi><mi>b</mi></mfrac>"
    assert settled(fenced(high, "true")) == fenced(high, "true")
    around = fenced(f"<mi>a</mi>{fenced(high, 'true')}", "true")
    assert settled(around) == around


def test_nothing_is_spaced_within_an_index() -> None:
    assert settled("<msub><mi>h</mi><mrow><mi>t</mi><mo>+</mo><mn>1</mn></mrow></msub>") == (
        '<msub><mi>h</mi><mrow><mi>t</mi><mo lspace="0" rspace="0">+</mo><mn>1</mn></mrow></msub>'
    )
    assert settled("<mi>t</mi><mo>+</mo><mn>1</mn>") == "<mi>t</mi><mo>+</mo><mn>1</mn>"


def test_a_name_stands_apart_from_letters_but_not_from_parentheses() -> None:
    space = '<mspace width="0.167em" />'
    assert settled("<mi>r</mi><mi>log</mi><mi>p</mi>") == f"<mi>r</mi>{space}<mi>log</mi>{space}<mi>p</mi>"
    assert settled("<mo>=</mo><mi>log</mi><mo>(</mo>") == "<mo>=</mo><mi>log</mi><mo>(</mo>"
    indexed = f"<msub><mo>softmax</mo><mi>k</mi></msub>{fenced('<mi>x</mi>', 'true')}"
    assert settled(indexed) == f"<msub><mi>softmax</mi><mi>k</mi></msub>{fenced('<mi>x</mi>', 'false')}"


@pytest.mark.parametrize("sign", ["<mo>max</mo>", "<mi>arg\N{NO-BREAK SPACE}max</mi>", "<mo>\N{N-ARY SUMMATION}</mo>"])
def test_the_index_of_a_sum_or_a_maximum_stands_below_where_there_is_room(sign: str) -> None:
    body = f"<msub>{sign}<mi>k</mi></msub>"
    assert settled(body).startswith("<munder><mo")
    assert settled(body, display=False).startswith("<msub><mo")


def test_upright_letters_are_one_name() -> None:
    letters = "".join(f'<mi mathvariant="normal">{c}</mi>' for c in "dx")
    assert settled(f"<mrow>{letters}<mn>2</mn></mrow>") == "<mi>dx2</mi>"
    assert settled(f"<mrow>{letters}<mo>[</mo><mn>1</mn><mo>]</mo><mo>.</mo>{letters}</mrow>") == "<mi>dx[1].dx</mi>"
    assert settled(f"<mrow>{letters}<mi>i</mi></mrow>").count("<mi") == 3


def test_columns_keep_their_side() -> None:
    assert settled('<mtd columnalign="left"><mn>0</mn></mtd>') == '<mtd style="text-align: left"><mn>0</mn></mtd>'
