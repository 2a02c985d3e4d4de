"""The sources of data and the steps behind them: what each takes. What they do stands in `netc.runtime.data`, under the same names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from netc.compiler.settings.calls import Argument, Clash, Signature
from netc.compiler.settings.kinds import (
    BELOW_ONE,
    FILE,
    MAYBE_FILE,
    NOT_NEGATIVE,
    SHARE,
    SOME_SHARE,
    Column,
    Flag,
    OneOf,
    Part,
    Real,
    Text,
    Whole,
    WholeOrRange,
)

COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")  # of CoNLL-U
OPERATORS = ("and", "or", "not")
BRACKETS = ("()", "[]", "{}", "<>")


def _leaves_some(values: Mapping[str, Any], given: Sequence[str]) -> Clash | None:
    """Shares for validation and test leave some for training."""
    shares = {k: v for k, v in values.items() if k in ("valid", "test") and isinstance(v, int | float)}
    last = next((k for k in reversed(given) if k in shares), None)
    if sum(shares.values()) < 1 or last is None:
        return None
    other, share = next((k, v) for k, v in shares.items() if k != last)
    return Clash(last, f"a share that leaves some for training beside `{other}={share:g}`", f"{(1 - share) / 2:.3g}")


def _within(values: Mapping[str, Any], given: Sequence[str]) -> Clash | None:
    """Shares for training and validation are no more than there is; one alone may leave less for the other."""
    both = [k for k in given if k in ("train", "validation")]
    if len(both) < 2 or values["train"] + values["validation"] <= 1 + 1e-9:
        return None
    share = values[both[0]]
    return Clash(both[1], f"a share of what `{both[0]}={share:g}` leaves", f"{1 - share:.3g}")


def _in_order(values: Mapping[str, Any], given: Sequence[str]) -> Clash | None:
    """The last class is none before the first."""
    first, last = values["first"], values["last"]
    return None if first <= last else Clash("last", f"a class not before `first={first}`", str(first))


def _column_pair(text: str) -> bool:
    names = [n.strip() for n in text.split(",")]
    return len(names) == 2 and (all(n.upper() in COLUMNS for n in names) or all(n.isdigit() and int(n) > 0 for n in names))


def _file(name: str) -> Argument:
    return Argument(FILE, example=f'"{name}"')


_ALL = Argument(Whole(0), 0)  # of symbols or samples; 0: all
_LOWER, _NOT_LOWER = Argument(Flag(), True), Argument(Flag(), False)
_TRAIN = {"train": Argument(SOME_SHARE, 0.8), "validation": Argument(SHARE, 0.1)}
_PARTS = {"valid": Argument(Part(), 0.1), "test": Argument(Part(), 0.1)}
_NOISE = Argument(NOT_NEGATIVE, 0.05)
_COLUMN_PAIR = Text(f"the columns of the word and its tag in quotes, two of {', '.join(COLUMNS)} or two numbers from 1", _column_pair, True)
_OPERATORS = Text(f"some of {', '.join(OPERATORS)} in quotes, with commas between", lambda text: all(o.strip() in OPERATORS for o in text.split(",")), True)


def _shares(size: float) -> dict[str, Argument]:
    """Shares of one text, in order."""
    return {"valid": Argument(BELOW_ONE, size), "test": Argument(BELOW_ONE, size)}


def _level(default: str) -> Argument:
    return Argument(OneOf(("char", "word")), default)


def _samples(default: int) -> Argument:
    return Argument(Whole(1, 10_000_000), default)


SOURCES: dict[str, Signature] = {
    "digits": Signature({}),
    "mnist": Signature({"flat": Argument(Flag(), False), "folder": Argument(MAYBE_FILE, "")}),
    "arrays": Signature({"path": _file("data.npz"), "second": Argument(MAYBE_FILE, ""), **_TRAIN}, _within),
    "csv": Signature({"path": _file("table.csv"), "target": Argument(Column(), -1), **_TRAIN}, _within),
    "idx": Signature({"images": _file("images.gz"), "labels": _file("labels.gz"), **_TRAIN}, _within),
    "images": Signature({"path": _file("pictures"), "size": Argument(Whole(0, 4096), 0), "grey": Argument(Flag(), False), **_TRAIN}, _within),
    "text": Signature(
        {"path": _file("book.txt"), "level": _level("char"), "symbols": _ALL, "length": Argument(Whole(2, 1_000_000), 100), **_shares(0.05), "lower": _NOT_LOWER},
        _leaves_some,
    ),
    "sentences": Signature(
        {"path": _file("lines.txt"), "level": _level("word"), "symbols": _ALL, "longest": _ALL, "end": Argument(Flag(), True), "lower": _NOT_LOWER, **_PARTS},
        _leaves_some,
    ),
    "windows": Signature({"path": _file("book.txt"), "radius": Argument(Whole(), 5), "symbols": _ALL, "lower": _LOWER, **_shares(0.05)}, _leaves_some),
    "conll": Signature(
        {"path": _file("train.conllu"), "columns": Argument(_COLUMN_PAIR, "FORM,UPOS"), "symbols": _ALL, "lower": _NOT_LOWER, **_PARTS}, _leaves_some
    ),
    "pairs": Signature(
        {"path": _file("pairs.tsv"), "symbols": _ALL, "longest": _ALL, "first": _ALL, "level": _level("word"), "lower": _LOWER, **_PARTS}, _leaves_some
    ),
    "trees": Signature({"path": _file("trees.txt"), "symbols": _ALL, "lower": _NOT_LOWER, **_PARTS}, _leaves_some),
    "series": Signature(
        {"path": _file("series.csv"), "window": Argument(Whole(2), 100), "column": Argument(Column(), -1), "scaled": Argument(Flag(), True), **_shares(0.1)},
        _leaves_some,
    ),
    "spirals": Signature({"samples": _samples(1000), "arms": Argument(Whole(1, 1000), 2), "noise": _NOISE}),
    "xor": Signature({"samples": _samples(400), "noise": Argument(NOT_NEGATIVE, 0.1)}),
    "sine": Signature({"samples": _samples(1000), "noise": _NOISE}),
    "hello": Signature({}),
    "parity": Signature({"length": Argument(WholeOrRange(1, 1_000_000), (5, 20)), "samples": _samples(5000)}),
    "copy": Signature({
        "symbols": Argument(Whole(), 8), "length": Argument(WholeOrRange(1, 1_000_000), 10), "gap": Argument(WholeOrRange(0, 1_000_000), 20),
        "samples": _samples(10000),
    }),
    "adding_problem": Signature({"length": Argument(WholeOrRange(4, 1_000_000), (50, 100)), "samples": _samples(10000)}),
    "reber": Signature({"embedded": Argument(Flag(), True), "samples": _samples(5000)}),
    "brackets": Signature({
        "length": Argument(WholeOrRange(1, 1_000_000), (4, 30)), "kinds": Argument(Whole(1, len(BRACKETS)), 2), "deepest": Argument(Whole(), 8),
        "samples": _samples(5000),
    }),
    "boolean_trees": Signature({
        "depth": Argument(WholeOrRange(0, 12), (1, 4)), "operators": Argument(_OPERATORS, "and,or,not"), "samples": _samples(2000),
    }),
    "dates": Signature({"samples": _samples(10000)}),
    "captions": Signature({"size": Argument(Whole(12, 4096), 24), "noise": Argument(NOT_NEGATIVE, 0.02), "samples": _samples(5000)}),
}  # fmt: skip

STEPS: dict[str, Signature] = {
    "resize": Signature({"size": Argument(Whole(1, 4096), example="28")}),
    "border": Signature({"width": Argument(Whole(0, 4096), example="2"), "value": Argument(Real(), 0.0)}),
    "range": Signature({"low": Argument(Real(), example="0"), "high": Argument(Real(), example="1")}),
    "normalise": Signature({}),
    "flatten": Signature({}),
    "scale": Signature({"factor": Argument(Real(), example="0.5")}),
    "take": Signature({"count": Argument(Whole(), example="1000")}),
    "classes": Signature({"first": Argument(Whole(0), example="0"), "last": Argument(Whole(0), example="1")}, _in_order),
    "fewer": Signature({"count": Argument(Whole(), example="1000")}),
}

FILES: dict[str, tuple[str, ...]] = {  # sources of files, with the endings that they may have
    "arrays": (".npz", ".npy"), "csv": (".csv", ".tsv", ".txt"), "series": (".csv", ".tsv", ".txt"), "conll": (".conllu", ".conll", ".tsv", ".txt"),
    "pairs": (".tsv", ".txt"), "text": (".txt", ".md", ".text"), "sentences": (".txt", ".md", ".text", ".tsv"), "windows": (".txt", ".md", ".text"),
    "trees": (".txt", ".ptb", ".mrg"), "images": (), "mnist": (),
}  # fmt: skip
USUAL = {".npz": "arrays", ".npy": "arrays", ".csv": "csv", ".tsv": "csv", ".txt": "text", ".conllu": "conll"}
