"""Problems of the text itself: what cannot be read as a statement."""

from __future__ import annotations

from dataclasses import dataclass

from netc.compiler.diagnostics.model import Diagnostic, Edit, Label, Problem
from netc.compiler.source.text import Span


@dataclass(frozen=True)
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
        return self.worded(f"expected {self.expected}, found {self.found}", label=f"expected {self.expected}", help=self.hint)


@dataclass(frozen=True)
class Juxtaposed(Problem):
    """Two values stand side by side without an operator.

    A product is always written: `W @ x` for a matrix product, `a * b` element by element.

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

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.left}` and `{self.right}` stand side by side with no operator between",
            label="an operator is missing before this",
            notes=("a product is always written in netc: `@` joins matrices and vectors, `*` is element by element",),
            help=f"write `{self.left} @ {self.right}`, or `{self.left} * {self.right}`",
            edit=Edit(self.gap, " @ "),
        )


@dataclass(frozen=True)
class UnclosedBracket(Problem):
    """A bracket was opened and never closed.

    Wrong:
        net N:
            input x: real[3]
            y = sum[i](x[i]
    Right:
        net N:
            input x: real[3]
            y = sum[i](x[i])
    """

    code = "E0103"
    bracket: str

    def diagnose(self) -> Diagnostic:
        close = {"(": ")", "[": "]"}[self.bracket]
        return self.worded(
            f"this `{self.bracket}` is never closed", label="opened here", help=f"close it with `{close}` before the statement ends"
        )


@dataclass(frozen=True)
class BadDedent(Problem):
    """A line ends a block but does not line up with any block around it.

    Wrong:
        net N:
                input x: real[3]
            y = 2 * x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0104"
    column: int
    open_blocks: tuple[int, ...]

    def diagnose(self) -> Diagnostic:
        blocks = ", ".join(str(b) for b in self.open_blocks)
        return self.worded(
            f"this line is indented by {self.column}, and the open blocks by {blocks}",
            label="does not line up",
            help="line it up with the statement that it belongs beside",
        )


@dataclass(frozen=True)
class TabIndent(Problem):
    """A line is indented with a tab.

    Tabs look different in every editor, so blocks are indented with spaces alone: four for each level.
    """

    code = "E0105"
    indent: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            "the indentation holds a tab",
            label="a tab",
            help="indent with four spaces for each level",
            edit=Edit(self.span, self.indent.expandtabs(4)),
        )


@dataclass(frozen=True)
class SmartQuote(Problem):
    """A typographic quotation mark, as text processors make them.

    Strings stand between straight quotation marks: "corpus.txt".
    """

    code = "E0106"
    quote: str
    inner: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.quote}` is a typographic quotation mark",
            label="straight quotation marks are wanted",
            help=f'write "{self.inner}"',
            edit=Edit(self.span, f'"{self.inner}"'),
        )


@dataclass(frozen=True)
class UnknownCharacter(Problem):
    """A character that has no meaning in a spec.

    Letters of every script may stand in names (Greek ones are welcome); other signs may stand in comments and strings only.
    """

    code = "E0107"
    character: str

    def diagnose(self) -> Diagnostic:
        hints = {
            "=": "", "×": "write `*`, or `@` for a matrix product", "·": "write `*`, or `@` for a matrix product",
            "−": "write `-`", "–": "write `-`", "≤": "write `<=`", "≥": "write `>=`", "≠": "write `!=`", "→": "write `->`",
            "←": "write `=`", "'": 'strings stand between `"`', "{": "blocks are made by indentation, lists by `[ ]`",
            "}": "blocks are made by indentation, lists by `[ ]`", "&": "write `and`", "|": "write `or`", "!": "write `not`",
            "²": "write `^2`", "∑": "write `sum[i](...)`", "√": "write `sqrt(...)`", "\u00a0": "it is a non-breaking space: write a plain one",
        }  # fmt: skip
        shown = f"U+{ord(self.character):04X}" if not self.character.isprintable() or self.character.isspace() else self.character
        return self.worded(f"the character `{shown}` has no meaning here", label="not part of the language", help=hints.get(self.character, "remove it"))


@dataclass(frozen=True)
class UnclosedString(Problem):
    """A string does not end on its line.

    Wrong:
        use "blocks.net
        net N:
            input x: real[3]
            y = 2 * x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0108"

    def diagnose(self) -> Diagnostic:
        return self.worded("this string does not end on its line", label="opened here", help='close it with `"`')


@dataclass(frozen=True)
class ReservedWord(Problem):
    """A word of the language stands where a name is wanted.

    Wrong:
        net N:
            input x: real[3]
            state = 2 * x
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
            help=f"choose another name, such as `{self.word}_` or `{self.word}'`",
        )


@dataclass(frozen=True)
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
    first: Span

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"this row has {self.found} cells, and the first has {self.expected}",
            label=f"{self.found} cells",
            labels=(Label(self.first, f"{self.expected} cells"),),
            help="draw each cell as `X` (there) or `.` (absent)",
        )


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
        return self.worded(f"{self.what} cannot stand {self.where}", label=f"belongs {self.belongs}", help=f"move it {self.belongs}")


@dataclass(frozen=True)
class EmptyBlock(Problem):
    """A header that ends with `:` is not followed by indented lines.

    Wrong:
        net N:
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0113"
    header: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.header}` has nothing in its block", label="a block must follow", help="indent its statements by four spaces"
        )


@dataclass(frozen=True)
class StrayBracket(Problem):
    """A bracket closes what was not opened, or closes it with the wrong sign.

    Wrong:
        net N:
            input x: real[3]
            y = 2 * x)
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0114"
    bracket: str
    opener: Span | None

    def diagnose(self) -> Diagnostic:
        if self.opener is None:
            return self.worded(f"this `{self.bracket}` closes nothing", label="nothing is open", help="remove it, or open it before")
        return self.worded(
            f"`{self.bracket}` does not close `{self.opener.text}`",
            label="closes here",
            labels=(Label(self.opener, "opened here"),),
            help=f"close it with `{ {'(': ')', '[': ']'}[self.opener.text] }`",
        )


@dataclass(frozen=True)
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

    def diagnose(self) -> Diagnostic:
        return self.worded(
            "`=` defines a name; it does not compare", label="a comparison is wanted", help="write `==`", edit=Edit(self.span, "==")
        )


@dataclass(frozen=True)
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
