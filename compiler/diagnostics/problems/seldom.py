"""Problems with what the language allows and is seldom meant."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.diagnostics.model import Diagnostic, Label, Problem, Severity
from netc.compiler.source.text import Span


class ClassAsQuantity(Problem):
    """Arithmetic takes a class number for a quantity.

    The numbers of classes are names: class 2 is not twice class 1. In `@` a class is a one-hot vector, in an index it picks,
    and `==` compares it. Where the number is a quantity, as in counts and ratings, the input is `real`.

    Wrong:
        net N:
            input x: class(4)[1..T]
            input y: class(2)
            h[0] = 0
            h[t] = tanh(w * x[t] + u * h[t-1])
            y ~ softmax(V @ h[T])
            param w[3], u[3], V[2, 3] init glorot
    Right:
        net N:
            input x: class(4)[1..T]
            input y: class(2)
            h[0] = 0
            h[t] = tanh(W @ x[t] + u * h[t-1])
            y ~ softmax(V @ h[T])
            param W[3, 4], u[3], V[2, 3] init glorot
    """

    code = "W0325"
    severity: ClassVar[Severity] = Severity.WARNING
    beside_errors: ClassVar[bool] = False
    name: str
    classes: int
    text: str  # as it is read: `x[t]`
    operator: str  # `[a; b]` for a join
    declaration: Span
    real: str  # its type, if it were a quantity

    def diagnose(self) -> Diagnostic:
        joined = self.operator == "[a; b]"
        takes = "a join" if joined else f"`{self.operator}`"
        ways = f"`[E[{self.text}]; ...]` joins a learnt vector, or add `W @ {self.text}` outside of the join" if joined else f"`W @ {self.text}` adds a column of W, `E[{self.text}]` is a row of E, `1 if {self.text} == 0 else 0` asks for one class"
        return self.worded(
            f"`{self.name}` is a class number, and {takes} takes it for a quantity",
            label=f"a number from 0 to {self.classes - 1}, which names a class",
            labels=(Label(self.declaration, f"`{self.name}` is one of {self.classes} classes"),),
            help=f"{ways}; if it is a quantity, declare `{self.name}: {self.real}`",
        )  # fmt: skip


class NumberAddedToVector(Problem):
    """`@` of two vectors is one number, and it is added to every element of a vector.

    `a @ b` sums over all elements of two vectors; `a * b` multiplies them element by element. Where one number is to be added
    to every element, give it a name of its own.

    Wrong:
        net N:
            input x: real[1..T, 3]
            param W[4, 3], U[4, 3] init glorot
            h[0] = 0
            gate z[t] = sigmoid(W @ x[t])
            n[t] = tanh(U @ x[t])
            h[t] = (1 - z[t]) @ h[t-1] + z[t] * n[t]
            output h
    Right:
        net N:
            input x: real[1..T, 3]
            param W[4, 3], U[4, 3] init glorot
            h[0] = 0
            gate z[t] = sigmoid(W @ x[t])
            n[t] = tanh(U @ x[t])
            h[t] = (1 - z[t]) * h[t-1] + z[t] * n[t]
            output h
    """

    code = "W0326"
    severity: ClassVar[Severity] = Severity.WARNING
    beside_errors: ClassVar[bool] = False
    product: str
    vector: Span
    shape: str
    elementwise: str  # the product with `*`, where that fits the vector
    named: str  # a name for the number, with indices

    def diagnose(self) -> Diagnostic:
        way = f"`{self.elementwise}` multiplies element by element" if self.elementwise else "a matrix and a vector, `W @ x`, give a vector"
        return self.worded(
            f"`{self.product}` is one number, and it is added to every element of a vector",
            label="`@` of two vectors is one number", labels=(Label(self.vector, f"a vector of {self.shape}"),),
            help=f"{way}; if one number is meant, give it a name first: `{self.named} = {self.product}`",
        )  # fmt: skip


class WholeVector(Problem):
    """A vector stands without its index in an equation for single elements, and what is defined gets a further axis.

    `h[i] = ...` says what one element is. A vector beside it, `b` instead of `b[i]`, makes each element a vector.

    Wrong:
        net N:
            input x: real[5]
            param W[5, 5] init glorot
            param b[5] init 0
            h[i] = tanh(b + sum[j](W[i, j] * x[j]))
            output h
    Right:
        net N:
            input x: real[5]
            param W[5, 5] init glorot
            param b[5] init 0
            h[i] = tanh(b[i] + sum[j](W[i, j] * x[j]))
            output h
    """

    code = "W0327"
    severity: ClassVar[Severity] = Severity.WARNING
    vector: str
    element: str  # `b[i]`
    beside: Span  # the single number that it meets
    beside_index: str
    name: str  # what is defined
    shape: str  # what it gets
    typed: str  # the left side that says it is meant

    def diagnose(self) -> Diagnostic:
        return self.worded(
            f"`{self.vector}` stands here as a whole vector, and `{self.name}` becomes {self.shape}",
            label="a whole vector", labels=(Label(self.beside, f"one number for each `{self.beside_index}`"),),
            help=f"`{self.element}` is its element; if the further axis is meant, say so with a type: `{self.typed} = ...`",
        )  # fmt: skip
