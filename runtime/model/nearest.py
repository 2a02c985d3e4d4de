"""The symbols whose vectors point most nearly where a word's does, or where `paris - france + spain` leads."""

from __future__ import annotations

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.data import SymbolOutside
from netc.compiler.diagnostics.problems.generation import NoVectors
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.source.text import typed
from netc.compiler.statements.expressions import Affine, Kind, Read, walk
from netc.runtime.data.fields.vocabulary import SPECIAL
from netc.runtime.model.initialise import Array
from netc.runtime.model.net import Net


def tables(net: Net) -> dict[str, str]:
    """The parameters that hold a row for each symbol, `V[context[j]]`, each with the input whose symbols they are."""
    found: dict[str, str] = {}
    for e in net.elaborated(False).equations:
        for read in walk(e.value):
            if isinstance(read, Read) and read.variable.kind is Kind.PARAMETER and read.indices and not isinstance(read.indices[0], Affine):
                asked = [r.variable.name for r in walk(read.indices[0]) if isinstance(r, Read) and r.variable.kind is Kind.INPUT]
                found.update((read.variable.name, i) for i in asked if net.labels.get(i))
    return found


def nearest(net: Net, text: str, count: int = 8, table: str | None = None) -> list[tuple[str, float]]:
    """The `count` symbols with the largest cosine to a symbol's row, or to a sum of such rows, each of length 1.

    `text` is one symbol, or several with `+` and `-` between blanks: "king - man + woman" (Mikolov, Yih, Zweig 2013,
    "Linguistic Regularities in Continuous Space Word Representations"). Its own symbols and special ones are left out.
    Raises NetcError where a symbol is not in the vocabulary, and where the net has no such table.
    """
    span = typed("command line", text)
    known = tables(net)
    path = table if table is not None else next(iter(known), "")
    if path not in known:
        raise NetcError(NoVectors(span, net.name, path, tuple(known)))
    labels = net.labels[known[path]]
    assert labels is not None, "a table's input has symbols"
    codes = {s: k for k, s in enumerate(labels)}
    rows = net.params.exact(path).reshape(len(labels), -1).astype(np.float64)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    direction: Array = np.zeros(rows.shape[1])
    sign = 1.0
    named: list[int] = []
    for word in text.split():
        if word in ("+", "-") and named:
            sign = 1.0 if word == "+" else -1.0
            continue
        code = codes.get(word, codes.get(word.lower()))
        if code is None:
            raise NetcError(SymbolOutside(span, word, "of the question", len(labels), suggest(word, labels)))
        direction += sign * rows[code]
        sign = 1.0
        named.append(code)
    likeness = rows @ (direction / max(float(np.linalg.norm(direction)), 1e-12))
    likeness[[*named, *(codes[s] for s in SPECIAL if s in codes)]] = -np.inf
    order = np.argsort(-likeness, kind="stable")[:count]
    return [(labels[int(k)], float(likeness[k])) for k in order if np.isfinite(likeness[k])]
