"""Problems of single signs: quotation marks, characters, numbers."""

from __future__ import annotations

from netc.compiler.diagnostics.model import Diagnostic, Edit, Problem

_INSTEAD = {
    "×": "write `*`, or `@` for a matrix product",
    "·": "write `*`, or `@` for a matrix product",
    "∗": "write `*`",
    "⊙": "write `*`: it is element by element",
    "−": "write `-`",
    "–": "write `-`",
    "÷": "write `/`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "≠": "write `!=`",
    "∈": "write `in`",
    "→": "write `->`",
    "←": "write `=`",
    "∼": "write `~`",
    "²": "write `^2`",
    "³": "write `^3`",
    "∑": "write `sum[i](...)`",
    "∏": "write `prod[i](...)`",
    "√": "write `sqrt(...)`",
    "∞": "write `inf`",
    "′": "write a straight prime: `h'`",
    "'": 'strings stand between `"`; a transposed matrix is `W.T`',
    "{": "blocks are made by indentation; arguments stand in `( )`, lists and indices in `[ ]`",
    "}": "blocks are made by indentation; arguments stand in `( )`, lists and indices in `[ ]`",
    "|>": "write `->`",
    "⊗": "write `*`, or `@` for a matrix product",
    "⊕": "write `+`, or `[a; b]` to join vectors",
    "∘": "layers are applied one behind the other: `x -> f -> g`",
    "∧": "write `and`",
    "∨": "write `or`",
    "¬": "write `not`",
    "∇": "gradients are found by themselves",
    "∂": "gradients are found by themselves",
    "‖": "the length of a vector is `sqrt(sum(x^2))`",
    "…": "a range is written `0..7`",
    "≈": "write `==`, or compare the difference with a small number",
    "⇒": "write `->`",
    "↦": "write `->`",
    "″": "write straight primes: `h''`",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`, or `!=`",
    "?": "a conditional is `a if condition else b`",
    "\\": "a line that begins with an operator continues the one before; nothing else is needed",
    "$": "a spec is plain text: write the formula without `$`",
    "\u00a0": "it is a non-breaking space, which looks like a blank: write a plain one",
    "\u200b": "it is a zero-width space, which cannot be seen: remove it",
    "\ufeff": "it is a byte order mark, which belongs at the start of a file only: remove it",
    "\r": "it is half of a Windows line end: end each line with a line feed",
}


_LONE = {  # where no value stands before it
    "|": "an absolute value is `abs(x)`",
    "||": "the length of a vector is `sqrt(sum(x^2))`",
}


class WrongQuote(Problem):
    """A string stands between signs other than straight double quotation marks.

    Text processors make typographic marks of straight ones; other languages use single ones. Here a string stands between
    `"` and `"`, so that a prime may end a name (`h'`).

    Wrong:
        use “blocks.net”
    Right:
        net N:
            input x: real[3]
            y = 2 * x
            assert shape(y) == [3], "three values"
    """

    code = "E0106"
    quote: str
    inner: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"a string stands between straight double quotation marks, not `{self.quote}`",
            label="not a string",
            help=f'write `"{self.inner}"`',
            edit=Edit(self.span, f'"{self.inner}"'),
        )


class UnknownCharacter(Problem):
    """A character that has no meaning in a spec.

    Letters of every script may stand in names (Greek ones are welcome); other signs may stand in comments and strings only.

    Wrong:
        net N:
            input x: real[3]
            y = 2 × x
    Right:
        net N:
            input x: real[3]
            y = 2 * x
    """

    code = "E0107"
    character: str
    meant: str | None = None  # what certainly stands for it: nothing but this can be meant
    lone: bool = False  # whether no value stands before it

    def diagnose(self) -> Diagnostic:
        plain = self.character.isprintable() and not self.character.isspace()
        shown = self.character if plain else f"U+{ord(self.character):04X}"
        instead = (_LONE.get(self.span.text) if self.lone else None) or _INSTEAD.get(self.character, "remove it")
        return self.worded(
            f"the character `{shown}` has no meaning here", label="not part of the language", help=instead,
            edit=Edit(self.span, self.meant) if self.meant is not None else None,
        )  # fmt: skip


class Latex(Problem):
    """A line is written as LaTeX.

    A spec is plain text: an index stands in square brackets, a product is written `*` or `@`, and functions have no backslash.

    Wrong:
        net N:
            input x: real[3]
            y = \\tanh(x) \\cdot x
    Right:
        net N:
            input x: real[3]
            y = tanh(x) * x
    """

    code = "E0125"
    pieces: tuple[tuple[str, str], ...]  # what stands there, and how it is written here

    def diagnose(self) -> Diagnostic:
        written = dict(self.pieces)
        *others, last = (f"`{here}` for `{there}`" if not here.startswith(("a ", "the ")) else f"{here} for `{there}`" for there, here in written.items())
        return self.worded(
            f"`{self.pieces[0][0]}` is LaTeX, and a spec is plain text", label="LaTeX",
            help=f"write {', '.join(others)}{' and ' * bool(others)}{last}",
        )  # fmt: skip


class WrongComment(Problem):
    """A comment begins with a sign of another language.

    A comment begins with `#` and goes on to the end of the line. `//` divides and rounds down.

    Wrong:
        net N:
            input x: real[3]
            // twice of it
            y = 2 * x
    Right:
        net N:
            input x: real[3]
            # twice of it
            y = 2 * x
    """

    code = "E0126"
    sign: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"a comment begins with `#`, not with `{self.sign}`", label="not a comment", help="write `#`", edit=Edit(self.span, "#"))


class UnclosedString(Problem):
    """A string does not end on its line.

    Wrong:
        use "blocks.net
    Right:
        net N:
            input x: real[3]
            y = 2 * x
            assert shape(y) == [3], "three values"
    """

    code = "E0108"

    def diagnose(self) -> Diagnostic:
        return self.worded("this string does not end on its line", label="opened here", help='close it with `"`')


class NumberTooLarge(Problem):
    """A number that no machine word holds.

    Whole numbers go up to 9,223,372,036,854,775,807, others to about 1.8e308; infinity is written `inf`.

    Wrong:
        net N:
            input x: real[3]
            y = 1e999 * x
    Right:
        net N:
            input x: real[3]
            y = 1e9 * x
    """

    code = "E0116"
    whole: bool

    def diagnose(self) -> Diagnostic:
        limit = "whole numbers go up to 9,223,372,036,854,775,807" if self.whole else "numbers go up to about 1.8e308"
        return self.worded(
            "this number is too large", label="too large", notes=(limit,), help="infinity is written `inf`"
        )
