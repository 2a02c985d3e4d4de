"""`data = source(...) -> step(...)`: the setting as data."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.data import ArgumentUnfit, NoSource, UnknownSource
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.source.text import Source, Span
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse
from netc.runtime.data.model import Splits
from netc.runtime.data.place import Place
from netc.runtime.data.sources import arrays, csv, digits, generated, idx, images, mnist
from netc.runtime.data.steps import STEPS

SOURCES: dict[str, Callable[..., Splits]] = {
    "digits": digits.read, "mnist": mnist.read, "arrays": arrays.read, "csv": csv.read, "images": images.read, "idx": idx.read,
    "spirals": lambda place, seed, **k: generated.spirals(seed, **k),
    "xor": lambda place, seed, **k: generated.xor(seed, **k),
    "sine": lambda place, seed, **k: generated.sine(seed, **k),
}  # fmt: skip
_FROM_ZERO = ("first", "last", "width")  # whole numbers that may be 0; all others count something
_MOST = {"size": 4096, "width": 4096, "samples": 10_000_000, "arms": 1000}  # beyond these nothing is made
_SHARES = ("train", "validation")
_SIGNATURES: dict[str, Callable[..., Splits]] = {**SOURCES, "spirals": generated.spirals, "xor": generated.xor, "sine": generated.sine}


def signatures() -> dict[str, Callable[..., Splits]]:
    """Every source with the function that says what it takes."""
    return dict(_SIGNATURES)


def resolve(pipeline: tree.Expr | None, *, folder: Path, seed: int, replace: str | None = None) -> Splits:
    """The data of a setting. `replace` (from the command line) takes the place of the source and keeps the steps.

    Raises NetcError with what is wrong, MissingError where files are absent.
    """
    steps = calls_of(pipeline)[1:]
    splits = source_of(pipeline, folder, seed, replace)
    sizes = splits.sizes
    for step in steps:
        splits = step_of(step, splits)
    return splits if splits.sizes == sizes else dataclasses.replace(splits, statement=f"{splits.statement}, of these {splits.sizes}")


def source_of(pipeline: tree.Expr | None, folder: Path, seed: int, replace: str | None) -> Splits:
    """What the source gives, before the steps."""
    calls = calls_of(pipeline)
    following = calls[1] if len(calls) > 1 else None
    if replace is not None:
        place, call = _replacement(replace)
        return _read(call, place, seed, following)
    if not calls:
        raise NetcError(NoSource(Span(Source("settings", "data"), 0, 4), tuple(SOURCES)))
    return _read(calls[0], Place(folder, calls[0].span), seed, following)


def _replacement(text: str) -> tuple[Place, tree.Call]:
    """`--data mnist`, `--data 'csv("x.csv")'` or `--data path/to/file.npz`."""
    known = {".npz": "arrays", ".npy": "arrays", ".csv": "csv", ".tsv": "csv"}
    kind = known.get(Path(text).suffix.lower())
    if text not in SOURCES and Path(text).is_dir():
        kind = "mnist" if any(Path(text).glob(f"{next(iter(mnist.FILES))}*")) else "images"
    is_path = kind is not None and ("(" not in text or Path(text).exists())
    argument = f'folder="{text}"' if kind == "mnist" else f'"{text}"'
    written = f"{kind}({argument})" if is_path else text if "(" in text else f"{text}()"
    source = Source("command line", f"train:\n    data = {written}\n")
    reporter = Reporter()
    file = parse(source, reporter)
    block = next((i for i in file.items if isinstance(i, tree.Block)), None)
    value = next((s.value for s in block.body if isinstance(s, tree.Equation)), None) if block else None
    if not isinstance(value, tree.Call):
        if reporter.problems:
            raise NetcError(*reporter.problems)
        span = Span(Source("command line", text), 0, len(text))
        raise NetcError(UnknownSource(span, "source", text, tuple(SOURCES), suggest(text, SOURCES)))
    return Place(Path.cwd(), value.span, anywhere=True), value


def calls_of(node: tree.Expr | None) -> list[tree.Call]:
    """The source and the steps of a setting; nothing for no setting."""
    if node is None:
        return []
    if isinstance(node, tree.Pipe):
        return [*calls_of(node.left), *calls_of(node.right)]
    if isinstance(node, tree.Call):
        return [node]
    if isinstance(node, tree.Name):
        return [tree.Call(node.span, node, ())]
    raise NetcError(ArgumentUnfit(node.span, "data", "is no source", "digits() -> range(0, 1)"))


def _named(call: tree.Call, table: dict[str, Any], what: str) -> str:
    name = call.function.name if isinstance(call.function, tree.Name) else call.function.span.text
    if name not in table:
        raise NetcError(UnknownSource(call.function.span, what, name, tuple(table), suggest(name, table)))
    return name


def _read(call: tree.Call, place: Place, seed: int, following: tree.Call | None) -> Splits:
    """A `resize` right behind a source that takes a `size` is done while reading, where sizes may still differ."""
    name = _named(call, SOURCES, "source")
    arguments = arguments_of(call, _SIGNATURES[name], ("place", "seed"))
    takes_size = "size" in inspect.signature(_SIGNATURES[name]).parameters
    if takes_size and following is not None and following.function.span.text == "resize":
        arguments.setdefault("size", arguments_of(following, STEPS["resize"], ("splits",))["size"])
    return SOURCES[name](place, seed, **arguments)


def step_of(call: tree.Call, splits: Splits) -> Splits:
    """The data after one step."""
    name = _named(call, STEPS, "step")
    return STEPS[name](splits, **arguments_of(call, STEPS[name], ("splits",)))


def usage_of(name: str, parameters: Mapping[str, inspect.Parameter]) -> str:
    """`csv(path, target=-1)`, as a spec writes it."""

    def default(value: object) -> str:
        return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)

    return f"{name}({', '.join(k if p.default is p.empty else f'{k}={default(p.default)}' for k, p in parameters.items())})"


def arguments_of(call: tree.Call, function: Callable[..., Splits], skipped: tuple[str, ...]) -> dict[str, Any]:
    """The arguments of a call, checked against what the function takes."""
    wanted = {k: p for k, p in inspect.signature(function, eval_str=True).parameters.items() if k not in skipped}
    name = call.function.span.text
    usage = usage_of(name, wanted)
    found: dict[str, Any] = {}
    for position, argument in enumerate(call.arguments):
        key = argument.name.name if argument.name else list(wanted)[position] if position < len(wanted) else ""
        if key not in wanted:
            raise NetcError(ArgumentUnfit(argument.span, name, f"does not take `{argument.span.text}`", usage))
        value = _literal(argument.value)
        kinds = {int: (int,), float: (int, float), str: (str,), bool: (bool,), str | int: (str, int)}[wanted[key].annotation]
        if not isinstance(value, kinds) or isinstance(value, bool) and bool not in kinds:
            raise NetcError(ArgumentUnfit(argument.span, name, f"cannot use `{argument.value.span.text}` for `{key}`", usage))
        least = 0 if key in _FROM_ZERO else 1
        if isinstance(value, int) and not isinstance(value, bool) and wanted[key].annotation is int and value < least:
            raise NetcError(ArgumentUnfit(argument.span, name, f"needs `{key}` of at least {least}", usage))
        if isinstance(value, int) and value > _MOST.get(key, value):
            raise NetcError(ArgumentUnfit(argument.span, name, f"takes `{key}` of at most {_MOST[key]:,}", usage))
        if key in _SHARES and isinstance(value, int | float) and not 0 <= value <= 1:
            raise NetcError(ArgumentUnfit(argument.span, name, f"needs `{key}` as a share from 0 to 1", usage))
        found[key] = value
    missing = [k for k, p in wanted.items() if p.default is p.empty and k not in found]
    if missing:
        raise NetcError(ArgumentUnfit(call.span, name, f"needs `{missing[0]}`", usage))
    return found


def _literal(node: tree.Expr) -> Any:
    match node:
        case tree.Number() | tree.String():
            return node.value
        case tree.Sign():
            inner = _literal(node.operand)
            return (-inner if node.operator == "-" else inner) if isinstance(inner, int | float) else None
        case tree.Name(name="true" | "false" as word):
            return word == "true"
        case _:
            return None
