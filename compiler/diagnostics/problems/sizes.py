"""Problems with sizes: two that must meet and do not."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import LIBRARY, Diagnostic, Label, Problem, Severity
from netc.compiler.diagnostics.wording import quoted
from netc.compiler.source.text import Span


class InnerSizesDiffer(Problem):
    """`@` joins the last axis of the left with the first axis of the right, and these differ.

    Wrong:
        net N:
            input x: real[3]
            param W[2, 4] init glorot
            y = W @ x
    Right:
        net N:
            input x: real[3]
            param W[2, 3] init glorot
            y = W @ x
    """

    code = "E0301"
    left: Span
    left_shape: str
    right: Span
    right_shape: str
    left_size: str
    right_size: str
    declared: tuple[tuple[str, Span], ...] = ()  # the names in it, and where they are declared
    mend: str = ""

    @property
    def meets(self) -> tuple[Span, ...]:
        return self.left, self.right

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`@` joins {self.left_size} with {self.right_size}: the inner sizes differ",
            labels=(
                Label(self.left, f"[{self.left_shape}]: last axis {self.left_size}"), Label(self.right, f"[{self.right_shape}]: first axis {self.right_size}"),
                *(Label(span, f"`{name}` is declared here") for name, span in self.declared),
            ),
            notes=("`@` sums over the last axis of the left and the first axis of the right",),
            help=self.mend or "make the two sizes equal",
        )  # fmt: skip


class ShapesDiffer(Problem):
    """An elementwise operator stands between arrays of different shapes.

    Elementwise operators need equal shapes, or a single number on one side. There is no broadcasting between arrays: an
    equation with indices says which element meets which.

    Wrong:
        net N:
            input x: real[2, 3]
            param b[2] init 0
            y = x + b
    Right:
        net N:
            input x: real[2, 3]
            param b[2] init 0
            y[i, j] = x[i, j] + b[i]
    """

    code = "E0302"
    operator: str
    left: Span
    left_shape: str
    right: Span
    right_shape: str
    product: str = ""  # the matrix product of the two, where their sizes fit it

    @property
    def meets(self) -> tuple[Span, ...]:
        return self.left, self.right

    def diagnose(self) -> Diagnostic:
        operator = self.operator if self.operator in ("-", "*", "/") else "+"
        elements = f"say which element meets which: `y[i, j] = a[i, j] {operator} b[i]`"
        return self.worded(
            f"`{self.operator}` needs equal shapes, and these are {self.left_shape} and {self.right_shape}",
            labels=(Label(self.left, self.left_shape), Label(self.right, self.right_shape)),
            notes=("arrays are not broadcast",),
            help=f"the matrix product is `@`: `{self.product}`; element by element, {elements}" if self.product else elements,
        )


class JoinShapesDiffer(Problem):
    """`[a; b]` joins along the first axis, and the other axes differ.

    Wrong:
        net N:
            input x: real[2, 3]
            input z: real[2, 4]
            y = [x; z]
    Right:
        net N:
            input x: real[2, 3]
            input z: real[5, 3]
            y = [x; z]
    """

    code = "E0303"
    first: Span
    first_shape: str
    other_shape: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`[a; b]` cannot join {self.first_shape} and {self.other_shape}",
            label=self.other_shape,
            labels=(Label(self.first, self.first_shape),),
            notes=("a join adds along the first axis; all other axes must be equal",),
            help="join arrays whose further axes are equal",
        )


class DeclaredSizeDiffers(Problem):
    """A value does not have the size that its declaration or header says.

    Wrong:
        layer Half(n)(x: real[X]) -> y: real[n]:
            param W[X, X] init glorot
            y = W @ x
        net N:
            input x: real[4]
            h = Half(2)(x)
    Right:
        layer Half(n)(x: real[X]) -> y: real[n]:
            param W[n, X] init glorot
            y = W @ x
        net N:
            input x: real[4]
            h = Half(2)(x)
    """

    code = "E0304"
    name: str
    declared: str
    found: str
    declaration: Span | None
    single: str = ""  # where one number meets a vector: a `product`, or another `number`

    def diagnose(self) -> Diagnostic:
        labels = (Label(self.declaration, f"declared as {self.declared}"),) if self.declaration else ()
        ways = {"product": "`@` of two vectors is one number; `*` multiplies them element by element", "number": "say what each element is, with an index for it"}
        return self.worded(
            f"`{self.name}` is declared as {self.declared}, and this gives {self.found}", label=f"this is {self.found}", labels=labels,
            notes=("one number does not fill a vector: nothing is broadcast",) if self.single else (),
            help=ways.get(self.single, "correct the declaration or the value"),
        )  # fmt: skip


class LayerInputDiffers(Problem):
    """A layer is applied to a value of another shape than its header says.

    Wrong:
        net N:
            input x: real[28, 28]
            y = Conv(6, 5)(x)
    Right:
        net N:
            input x: real[1, 28, 28]
            y = Conv(6, 5)(x)
    """

    code = "E0305"
    layer: str
    input: str
    wanted: str
    found: str
    header: Span
    given: str = ""  # the input of the net that it is applied to
    declaration: Span | None = None  # where that is declared
    redeclared: str = ""  # with the axis that is missing: `image: real[1, 8, 8]`

    @property
    def meets(self) -> tuple[Span, ...]:
        return (self.span,)

    def diagnose(self) -> Diagnostic:
        declared = (Label(self.declaration, f"`{self.given}` is declared here"),) if self.declaration else ()
        header = () if declared and self.header.source.name == LIBRARY else (Label(self.header, f"`{self.input}` is {self.wanted}"),)
        return self.worded(
            f"`{self.layer}` takes {self.wanted}, and this is {self.found}",
            label=f"this is {self.found}",
            labels=(*declared, *header),
            help=f"declare `{self.redeclared}`" if self.redeclared else "give it a value of that shape (`flatten`, an index, or another layer before it may help)",
        )


class NotASize(Problem):
    """A size is not a whole number of at least 1.

    Wrong:
        net N:
            dim H = 7 / 2
            input x: real[H]
            y = 2 * x
    Right:
        net N:
            dim H = 7 // 2
            input x: real[H]
            y = 2 * x
    """

    code = "E0308"
    found: str
    mend: str = ""

    def diagnose(self) -> Diagnostic:
        help = "divide whole numbers with `//`" if not self.mend and "." in self.found else self.mend or "a size is a whole number of at least 1"
        return self.worded(f"a size must be a whole number of at least 1, and this is {self.found}", label=f"this is {self.found}", help=help)


class SizesOpen(Problem):
    """A variable is computed from itself, and nothing says over which points, or how large it is.

    An index gets its range from what is read at it: `x[t]` lets t run over x's own axis. Where only the variable itself is
    indexed by it, the range is written out. Sizes come from the other operands, from the boundary equation, or from a type.

    Wrong:
        net N:
            input x: real[1..T]
            h[0] = 0
            h[t] = 0.5 * h[t-1]
    Right:
        net N:
            input x: real[1..T]
            h[0] = 0
            h[t in 1..T] = 0.5 * h[t-1]
    """

    code = "E0318"
    name: str
    index: str = ""  # the one on the left that has no range
    among: tuple[str, ...] = ()  # all that it indexes
    offered: str = ""  # a left side with a range: `h[t in 1..T]`
    indexed: str = ""  # an input that would give it one: `x[t]`
    shifted: bool = False  # whether the left side is `h[t+1]`, which cannot hold a range

    def diagnose(self) -> Diagnostic:
        if not self.index:
            return self.worded(
                f"nothing says how large `{self.name}` is: it is computed from itself alone", label="its sizes are open",
                help=f"say how large, with a type: `{self.name}: real[...] = ...`",
            )  # fmt: skip
        without = f" on a left side without a shift, with `{self.name}[{self.index}-1]` on the right" if self.shifted else ""
        return self.worded(
            f"nothing says what `{self.index}` ranges over: it indexes {quoted(self.among)} alone, and a recurrence gives itself no range",
            label=f"`{self.index}` has no range",
            help=f"say it: `{self.offered} = ...`{without}" + (f"; or read what has one, such as `{self.indexed}`" if self.indexed else ""),
        )


class RankUnfit(Problem):
    """An operator is given more or fewer axes than it works on.

    `@` works on at most two axes on each side; beyond that the sum is written out. `.T` transposes a matrix.

    Wrong:
        net N:
            input x: real[2, 3, 4]
            param W[5, 4] init glorot
            y = W @ x
    Right:
        net N:
            input x: real[2, 3, 4]
            param W[5, 4] init glorot
            y[i, j, o] = sum[k](W[o, k] * x[i, j, k])
    """

    code = "E0309"
    what: str
    shape: str
    hint: str

    def diagnose(self) -> Diagnostic:
        return self.worded(f"{self.what}, and this is {self.shape}", label=f"this is {self.shape}", help=self.hint)


class NumberForVector(Problem):
    """A product of two vectors is one number, and what it gives is used as a vector.

    `a @ b` sums over all elements of two vectors. `a * b` multiplies them element by element.

    Wrong:
        net N:
            input x: real[1..T, 3]
            param W[4, 3], U[4, 4] init glorot
            h[0] = 0
            c[t] = W @ x[t] + U @ h[t-1]
            h[t] = c[t] @ c[t]
    Right:
        net N:
            input x: real[1..T, 3]
            param W[4, 3], U[4, 4] init glorot
            h[0] = 0
            c[t] = W @ x[t] + U @ h[t-1]
            h[t] = c[t] * c[t]
    """

    code = "E0323"
    name: str
    use: Span | None  # None where the product itself is used so
    instead: str = ""  # the product, element by element

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.name}` is one number, and it is used as a vector", label="`@` of two vectors is one number",
            labels=(Label(self.use, "here it is a vector"),) if self.use else (),
            help=f"element by element it is `*`: `{self.instead}`" if self.instead else "`*` multiplies two vectors element by element",
        )  # fmt: skip


class AxesCount(Problem):
    """A variable is indexed with more indices than it has axes.

    Wrong:
        net N:
            input x: real[3]
            y[i, j] = x[i, j]
    Right:
        net N:
            input x: real[3]
            y[i] = 2 * x[i]
    """

    code = "E0311"
    name: str
    axes: int
    found: int

    def diagnose(self) -> Diagnostic:
        plural = "axis" if self.axes == 1 else "axes"
        return self.worded(f"`{self.name}` has {self.axes} {plural}, and {self.found} indices are given", label="too many indices", help="remove what is too much")


class DimsMixed(Problem):
    """`@` joins two different sizes that happen to be equal.

    Two `dim` names of equal size in the inner axes are often a transposed square matrix.
    """

    code = "W0301"
    severity: ClassVar[Severity] = Severity.WARNING
    left: str
    right: str
    size: str

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`@` joins `{self.left}` with `{self.right}`, two sizes that are both {self.size} by chance",
            label=f"`{self.left}` meets `{self.right}`",
            help="if this is meant, declare one as the other: `dim X = H`; else transpose with `.T`",
        )


class FitsOnlyWhere(Problem):
    """A layer that no net applies has sizes of different names that must be the same.

    It is judged by its header: whoever reads that gives it any sizes, and only those for which two names are equal, or one is a
    certain number, would do. Often a parameter has the wrong size. Where it is meant, the header says so by one name for both.

    Wrong:
        layer Cell(H)(x: real[X], h: real[H]) -> h': real[H]:
            param W[H, X], U[H, X] init glorot
            h' = tanh(W @ x + U @ h)
    Right:
        layer Cell(H)(x: real[X], h: real[H]) -> h': real[H]:
            param W[H, X], U[H, H] init glorot
            h' = tanh(W @ x + U @ h)
    """

    code = "W0324"
    severity: ClassVar[Severity] = Severity.WARNING
    layer: str
    condition: str
    clash: Problem
    header: Span

    def diagnose(self) -> Diagnostic:
        inner = self.clash.diagnose()
        return self.worded(
            f"the layer `{self.layer}` fits only where {self.condition}", label=inner.label,
            labels=(*inner.labels, Label(self.header, "its header leaves these sizes open")), notes=(inner.message,),
            help="correct the size that is wrong; if this is meant, write it so in the header",
        )  # fmt: skip
