"""Problems of statements: what cannot be read as one."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Edit, Label, Problem
from netc.compiler.source.text import Span

_PRODUCTS = (" @ ", " * ")
_SIZED = ("real", "bool")  # their sizes stand in square brackets
_SIGNS = {  # what is missing between two values, and what stands under the second one then
    ",": ("no comma", "a comma is missing before this"),
    ";": ("no `;`", "the other begins here"),
    "; input": ("no `;`", "the other begins here"),
    "=": ("no `=`", "`=` is missing before this"),
    "~": ("no `~`", "`~` is missing before this"),
    "->": ("no `->`", "`->` is missing before this"),
    "init": ("no `init`", "`init` is missing before this"),
    "()": ("no bracket", "it belongs in a bracket"),
}
_INSTEAD = {  # of a word that stands where a value is wanted
    "if": "a conditional stands between its values: `a if condition else b`",
    "else": "a conditional stands between its values: `a if condition else b`",
    "in": "`in` stands behind an index: `sum[i in 0..4](...)`",
    "and": "`and` stands between two conditions",
    "or": "`or` stands between two conditions",
    "where": "`where` belongs to `param` and `~`; in an equation write `a if condition else b`",
}


class Unexpected(Problem):
    """Something stands where the language wants something else.

    Each line is one statement: a declaration (`input`, `param`, `dim`, ...), an equation `y = ...` or a likelihood
    `y ~ ...`. The message says what may stand at the place.

    Wrong:
        net N:
            input x: real[3]
            y = + * x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0101"
    found: str
    expected: str
    hint: str = ""

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"expected {self.expected}, found {self.found}", label=f"expected {self.expected}", help=self.hint
        )


class Juxtaposed(Problem):
    """Two values stand side by side with nothing between.

    A product is always written: `W @ x` for a matrix product, `a * b` element by element. Values in brackets are parted by
    commas, and a function takes its argument in brackets: `tanh(x)`.

    Wrong:
        net N:
            input x: real[3]
            param W[2, 3] init glorot
            y = W x
    Right:
        net N:
            input x: real[3]
            param W[2, 3] init glorot
            y = W @ x
    """

    code = "E0102"
    left: str
    right: str
    gap: Span
    missing: tuple[str, ...]  # what may have been left out, as it is written between, the likeliest first; or `()` around the right one

    def diagnose(self) -> Diagnostic:
        first, *others = self.missing
        *ways, last = (f"`{self._with(way)}`" for way in self.missing)
        product = any(way in _PRODUCTS for way in self.missing)
        parted = first in _PRODUCTS and self.missing[-1] not in _PRODUCTS
        help = f"write {', or '.join(ways)}; if they are two, {last}" if parted else f"write {', or '.join([*ways, last])}"
        word, label = _SIGNS.get(first.strip(), ("no operator", "an operator is missing before this"))
        certain = first != "()" and (not others or product and not parted)
        return self.worded(
            f"`{self.left}` and `{self.right}` stand side by side with {word} between",
            label=label,
            notes=("a product is always written: `@` joins matrices and vectors, `*` is element by element",) if product else (),
            help=help,
            edit=Edit(self.gap, first) if certain else None,
        )

    def _with(self, way: str) -> str:
        if way != "()":
            return f"{self.left}{way}{self.right}"
        return f"{self.left}[{self.right}]" if self.left in _SIZED else f"{self.left}({self.right})"


class ReservedWord(Problem):
    """A word of the language stands where a name is wanted.

    Wrong:
        net N:
            input x: real[3]
            y = state * x
    Right:
        net N:
            input x: real[3]
            s = 2 * x
    """

    code = "E0109"
    word: str
    wanted: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.word}` is a word of the language and cannot be {self.wanted}",
            label="reserved",
            help=_INSTEAD.get(self.word, "") if self.wanted == "a value" else f"choose another name, such as `{self.word}_` or `{self.word}'`",
        )


_SHOWN = 2  # of the further lines that are wrong alike


class TableUneven(Problem):
    """The rows of a table do not have one length.

    Wrong:
        table C[2, 3]:
            X . X
            X X
        net N:
            input x: real[3]
            y = 2 * x
    Right:
        table C[2, 3]:
            X . X
            X X .
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0110"
    found: int
    expected: int
    first: Span  # a row of the length that is expected
    others: tuple[tuple[Span, int], ...] = ()  # further rows of another length

    @property
    def places(self) -> tuple[Span, ...]:
        return (self.span, *(span for span, _ in self.others))

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"this row has {_cells(self.found)}, and {'the first' if self.first.start < self.span.start else 'another'} has {self.expected}",
            label=_cells(self.found),
            labels=(Label(self.first, _cells(self.expected)), *(Label(span, _cells(n)) for span, n in self.others)),
            help=f"draw {self.expected} cells in each row, `X` (there) or `.` (absent)",
        )


def _cells(n: int) -> str:
    return f"{n} cell{'s' * (n != 1)}"


class BadRow(Problem):
    """A line of a table is no row of `X` and `.`.

    A table is drawn as in a paper: `X` where a connection is, `.` where none is.

    Wrong:
        table C[2, 3]:
            1 0 1
            1 1 0
        net N:
            input x: real[3]
            y = 2 * x
    Right:
        table C[2, 3]:
            X . X
            X X .
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0124"
    drawn: str = ""  # the row as it should be, where its signs tell
    others: tuple[Span, ...] = ()  # further lines that are none

    @property
    def places(self) -> tuple[Span, ...]:
        return (self.span, *self.others)

    def diagnose(self) -> Diagnostic:
        more = f", nor {'is the other' if len(self.others) == 1 else f'are {len(self.others)} others'}" if self.others else ""
        return self.worded(
            f"this line of a table is no row of `X` and `.`{more}",
            label="not a row",
            labels=tuple(Label(span, "nor is this") for span in self.others[:_SHOWN]),
            help="draw each cell as `X` (there) or `.` (absent)" + (f": `{self.drawn}`" if self.drawn else ""),
        )


class ForeignWord(Problem):
    """A word of another language stands where it means nothing.

    Equations are not instructions: their order means nothing, and nothing is repeated, returned or imported.

    Wrong:
        net N:
            input x: real[3]
            let y = 2 * x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0118"
    word: str
    instead: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"`{self.word}` is no word of this language", label="of another language", help=self.instead)


class MisspeltKeyword(Problem):
    """A line begins with a word that looks like a misspelt word of the language.

    Wrong:
        net N:
            imput x: real[3]
            y = 2 * x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0111"
    word: str
    guess: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.word}` begins no statement",
            label="not a word of the language",
            help=f"did you mean `{self.guess}`?",
            edit=Edit(self.span, self.guess),
        )


class Misplaced(Problem):
    """A statement stands where it has no meaning.

    Nets, layers, functions and settings stand at the left margin; inputs, parameters, equations and the like stand inside a
    net or a layer.

    Wrong:
        input x: real[3]
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0112"
    what: str
    where: str
    belongs: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"{self.what} cannot stand {self.where}",
            label=f"belongs {self.belongs}",
            help=f"move it {self.belongs.replace('at the', 'to the')}",
        )


class SingleEquals(Problem):
    """`=` stands where two values are compared.

    `=` defines a name; `==` asks whether two values are equal.

    Wrong:
        net N:
            input x: real[3]
            y = 2 * x
            assert shape(y) = [3]
    Right:
        net N:
            input x: real[3]
            y = 2 * x
            assert shape(y) == [3]
    """

    code = "E0115"
    ranged: bool = False  # whether a range follows: `[i = 0..7]`

    def diagnose(self) -> Diagnostic:
        if self.ranged:
            return self.worded(
                "`=` defines a name; the range of an index stands behind `in`", label="`in` is wanted", help="write `in`",
                edit=Edit(self.span, " in "),
            )  # fmt: skip
        return self.worded(
            "`=` defines a name; it does not compare",
            label="a comparison is wanted",
            help="write `==`",
            edit=Edit(self.span, "=="),
        )


class TooDeep(Problem):
    """Brackets or operators are nested more than 200 levels deep.

    No formula that people read is that deep; netc refuses it instead of running out of stack.
    """

    code = "E0901"
    limit: int

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"this expression is nested more than {self.limit} levels deep",
            help="give parts of it names of their own",
        )
