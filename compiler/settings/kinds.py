"""What a setting or an argument may be. A kind takes a value from the text, or says what is wanted and what was likely meant."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.settings import SettingUnfit
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.syntax import tree


class Unfit(Exception):
    """A setting that cannot be what it is; the reader reports the problems and goes on."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


class Kind(ABC):
    """What can stand as a value."""

    @property
    @abstractmethod
    def wanted(self) -> str:
        """In words: `a number above 0`."""

    @abstractmethod
    def take(self, value: Any) -> Any:
        """The value as it is used; None where it is not of this kind."""

    def meant(self, value: Any) -> Iterator[Any]:
        """What a value that is not of this kind may have been meant as, the likeliest first."""
        return iter(())

    def read(self, node: tree.Expr, name: str, instead: Callable[[str], str], example: str) -> Any:
        """The value that stands there. Raises Unfit; `instead` is how the user would write another value in its place."""
        value = literal(node)
        found = self.take(value)
        if found is None:
            guess = next((written(v) for v in self.meant(_several(node, value)) if self.take(v) is not None), example)
            raise Unfit(SettingUnfit(node.span, name, flat(node), self.wanted, instead(guess)))
        return found


def flat(node: tree.Expr) -> str:
    """The text of a value on one line."""
    return " ".join(node.span.text.split())


def literal(node: tree.Expr) -> Any:
    """A number, a text, true or false, or several of them; a name as a text; None for all else. Of numbers also what they come to."""
    match node:
        case tree.Number() | tree.String():
            return node.value
        case tree.Name(name="true" | "false" as word):
            return word == "true"
        case tree.Name(name="inf" | "nan" as word):
            return math.inf if word == "inf" else math.nan
        case tree.Name(name=name):
            return Word(name)
        case tree.ListOf():
            return tuple(literal(item) for item in node.items)
        case tree.Sign(operator=sign, operand=operand):
            inner = literal(operand)
            return (-inner if sign == "-" else inner) if _is_number(inner) else None
        case tree.Binary(operator="/" | "*" | "^" | "+" | "-" as operator, left=left, right=right):
            a, b = literal(left), literal(right)
            return _result(operator, a, b) if _is_number(a) and _is_number(b) else None
        case _:
            return None


def _several(node: tree.Expr, value: Any) -> Any:
    """What `(1, 2)` and `5..12`, which are no values, may be meant as: lists. All else as it is."""
    match node:
        case tree.TupleOf(items=items):
            return tuple(literal(item) for item in items)
        case tree.Range(low=low, high=high):
            return literal(low), literal(high)
        case _:
            return value


class Word(str):
    """A name where a value is wanted: a text without its quotes."""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _result(operator: str, a: float, b: float) -> float:
    try:
        match operator:
            case "/":
                return a / b
            case "*":
                return a * b
            case "^":
                found: complex = float(a) ** float(b)
                return found if isinstance(found, float) else math.nan
            case "+":
                return a + b
            case _:
                return a - b
    except (ZeroDivisionError, OverflowError):
        return math.nan


def written(value: Any) -> str:
    """A value as a spec writes it.

    >>> written((1, 4)), written("a"), written(True), written(0.05)
    ('[1, 4]', '"a"', 'true', '0.05')
    """
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case tuple():
            return f"[{', '.join(map(written, value))}]"
        case _:
            return str(value)


def _numbers_near(value: Any) -> Iterator[Any]:
    """Numbers that a wrong one may stand for: without its quotes, without its sign."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return
    if _is_number(value) and math.isfinite(value):
        whole = int(value) if value == int(value) else None
        yield from (whole, abs(whole)) if whole is not None else (value, abs(value))


@dataclass(frozen=True, eq=False, repr=False)
class Whole(Kind):
    """A whole number; 100.0 and 1e2 are 100."""

    least: int = 1
    most: int | None = None

    @property
    def wanted(self) -> str:
        return f"a whole number {f'of at least {self.least}' if self.most is None else f'from {self.least} to {self.most:,}'}"

    def take(self, value: Any) -> Any:
        if not _is_number(value) or not math.isfinite(value) or value != int(value):
            return None
        return int(value) if self.least <= value and (self.most is None or value <= self.most) else None

    def meant(self, value: Any) -> Iterator[Any]:
        largest = value[-1] if isinstance(value, tuple) and value else value
        for near in _numbers_near(largest):
            yield from (near, round(near))


@dataclass(frozen=True, eq=False, repr=False)
class WholeOrRange(Kind):
    """A whole number, or `[smallest, largest]`."""

    least: int = 1
    most: int | None = None

    @property
    def wanted(self) -> str:
        return f"{Whole(self.least, self.most).wanted}, or a range `[smallest, largest]` of them"

    def take(self, value: Any) -> Any:
        one = Whole(self.least, self.most).take
        if not isinstance(value, tuple):
            return one(value)
        found = tuple(map(one, value))
        return found if len(found) == 2 and None not in found and found[0] <= found[1] else None

    def meant(self, value: Any) -> Iterator[Any]:
        if not isinstance(value, tuple):
            yield from _numbers_near(value)
        elif value and all(map(_is_number, value)):
            yield (min(value), max(value))


@dataclass(frozen=True, eq=False, repr=False)
class Real(Kind):
    """A number, of those that hold."""

    words: str = "a finite number"
    holds: Callable[[float], bool] = math.isfinite

    @property
    def wanted(self) -> str:
        return self.words

    def take(self, value: Any) -> Any:
        return value if _is_number(value) and self.holds(value) else None

    def meant(self, value: Any) -> Iterator[Any]:
        return _numbers_near(value)


POSITIVE = Real("a number above 0", lambda v: 0 < v < math.inf)
NOT_NEGATIVE = Real("a number of at least 0", lambda v: 0 <= v < math.inf)
SHARE = Real("a share from 0 to 1", lambda v: 0 <= v <= 1)
SOME_SHARE = Real("a share above 0, at most 1", lambda v: 0 < v <= 1)
BELOW_ONE = Real("a number from 0 to below 1", lambda v: 0 <= v < 1)


@dataclass(frozen=True, eq=False, repr=False)
class Reals(Kind):
    """A list of numbers; one alone may go without brackets."""

    each: Real = Real()

    @property
    def wanted(self) -> str:
        return f"a list of numbers, each {self.each.wanted}"

    def take(self, value: Any) -> Any:
        found = tuple(map(self.each.take, value if isinstance(value, tuple) else (value,)))
        return found if found and None not in found else None


class Flag(Kind):
    """True or false."""

    @property
    def wanted(self) -> str:
        return "true or false"

    def take(self, value: Any) -> Any:
        return value if isinstance(value, bool) else None

    def meant(self, value: Any) -> Iterator[Any]:
        if value in (0, 1):
            yield bool(value)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            yield value.lower() == "true"


@dataclass(frozen=True, eq=False, repr=False)
class OneOf(Kind):
    """One of some words; the quotes may be left out."""

    words: tuple[str, ...]

    @property
    def wanted(self) -> str:
        return " or ".join(map(written, self.words))

    def take(self, value: Any) -> Any:
        return str(value) if value in self.words else None

    def meant(self, value: Any) -> Iterator[Any]:
        if isinstance(value, str):
            yield suggest(value, self.words)


@dataclass(frozen=True, eq=False, repr=False)
class Text(Kind):
    """A text in quotes, of those that hold."""

    words: str = "a text in quotes"
    holds: Callable[[str], bool] = bool
    several: bool = False  # whether it names several things, with commas between

    @property
    def wanted(self) -> str:
        return self.words

    def take(self, value: Any) -> Any:
        return value if isinstance(value, str) and not isinstance(value, Word) and self.holds(value) else None

    def meant(self, value: Any) -> Iterator[Any]:
        if isinstance(value, Word):
            yield str(value)
        elif self.several and isinstance(value, tuple):
            yield ",".join(map(str, value))


FILE = Text("the name of a file, in quotes")
MAYBE_FILE = Text("the name of a file, in quotes", lambda v: True)


class Texts(Kind):
    """A list of texts; one alone may go without brackets."""

    @property
    def wanted(self) -> str:
        return "a list of patterns in quotes"

    def take(self, value: Any) -> Any:
        found = tuple(map(Text().take, value if isinstance(value, tuple) else (value,)))
        return None if None in found else found

    def meant(self, value: Any) -> Iterator[Any]:
        if isinstance(value, Word):
            yield str(value)
        elif isinstance(value, tuple):
            yield tuple(str(v) for v in value if isinstance(v, str))


class Column(Kind):
    """A column of a table, by name or by number."""

    @property
    def wanted(self) -> str:
        return "the name of a column in quotes, or its number"

    def take(self, value: Any) -> Any:
        return Text().take(value) or Whole(-1_000_000).take(value)

    def meant(self, value: Any) -> Iterator[Any]:
        if isinstance(value, Word):
            yield str(value)


class Part(Kind):
    """A share of the first file, or a file of its own."""

    @property
    def wanted(self) -> str:
        return "a share from 0 to below 1, or the name of a file in quotes"

    def take(self, value: Any) -> Any:
        found = BELOW_ONE.take(value)
        return Text().take(value) if found is None else found

    def meant(self, value: Any) -> Iterator[Any]:
        if isinstance(value, Word):
            yield str(value)
