"""How a formula is set: what TeX does by itself and MathML leaves to the writer.

Parentheses grow only around what is higher than a line, nothing is spaced within an index, a name of several letters is one
sign, and keeps a thin space from a letter beside it.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

_SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
_HIGH = {"mfrac", "mtable", "munder", "munderover"}  # higher than one line
# Their indices stand below them, where there is room.
_BELOW = {"max", "min", "arg max", "arg min", "\N{N-ARY SUMMATION}", "\N{N-ARY PRODUCT}"}
_WITHIN = {".", "[", "]"}  # signs of a name, as in RNN[1].h
_BLANK = "\N{NO-BREAK SPACE}"


def settle(e: Element, display: bool, script: bool = False) -> None:
    """Set an element and all that it holds; `script` says that it is an index or an exponent."""
    for k, child in enumerate(e):
        settle(child, display, script or (e.tag in _SCRIPTED and k > 0))
    if _is_name(e) and _plain(e) in _BELOW:
        e.tag = "mo"
        e.set("movablelimits", "true")
        _keep_close(e)
    elif _is_name(e) and _plain(e) != "mod":
        e.tag = "mi"
    elif e.tag == "mo" and (script or e.text in ("/", ".")):
        _keep_close(e)
    elif e.tag == "msub" and display and _plain(e[0]) in _BELOW:
        e.tag = "munder"
    elif e.tag == "mtd" and "columnalign" in e.attrib:
        e.set("style", f"text-align: {e.attrib.pop('columnalign')}")
    elif e.tag == "mrow":
        _settle_row(e, script)


def _settle_row(row: Element, script: bool) -> None:
    if len(row) > 1 and row[0].get("mathvariant") == "normal" and all(_is_upright(p) for p in row):
        _join(row)
        return
    if len(row) == 1 and row[0].tag == "mo":  # a sign in braces is no operator
        _keep_close(row[0])
    fences = [e for e in row if e.get("fence") == "true" and e.get("stretchy") == "true"]
    if fences and not any(e.tag in _HIGH for e in row.iter()):
        for fence in fences:
            fence.set("stretchy", "false")
    if not script:
        _space_names(row)


def _is_upright(e: Element) -> bool:
    within = e.tag in ("mn", "mtext") or e.tag == "mo" and _plain(e) in _WITHIN
    return within or e.tag == "mi" and e.get("mathvariant") == "normal"


def _join(row: Element) -> None:
    """Upright letters become one name."""
    text = "".join(row.itertext())
    row.clear()
    row.tag, row.text = "mi", text


def _keep_close(sign: Element) -> None:
    sign.set("lspace", "0")
    sign.set("rspace", "0")


def _space_names(row: Element) -> None:
    parts = list(row)
    for k in reversed(range(len(parts))):
        if not _is_name(_first(parts[k], _SCRIPTED)):
            continue
        for place, beside in ((k + 1, parts[k + 1 : k + 2]), (k, parts[k - 1 : k] if k else [])):
            if beside and _first(beside[0], {"mrow", *_SCRIPTED}).tag not in ("mo", "mspace", "mtext"):
                row.insert(place, Element("mspace", {"width": "0.167em"}))


def _is_name(e: Element) -> bool:
    """`tanh`, `arg max`: a word that is one sign."""
    return e.tag in ("mi", "mo") and len(_plain(e)) > 1 and _plain(e).replace(" ", "").isalpha()


def _plain(e: Element) -> str:
    return (e.text or "").replace(_BLANK, " ")


def _first(e: Element, through: set[str]) -> Element:
    """What stands first within an element."""
    while e.tag in through and len(e):
        e = e[0]
    return e
