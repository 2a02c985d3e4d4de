"""Trees: `dim N = tree(2)` is the nodes of a sample's own tree, and `left(n)`, `children(n)` are where its data say.

Children stand before their parents, so what a node needs of them is there. The structure is an input named after the dim:
for each node the positions of its children, -1 for none.
"""

from __future__ import annotations

from netc.compiler.diagnostics.problems.calls import NotApplicable
from netc.compiler.elaborate.ranges.planned import PlannedRead
from netc.compiler.elaborate.ranges.unequal import Use
from netc.compiler.elaborate.scope import Broken, Build, Silenced, as_place
from netc.compiler.elaborate.values import Array, Children, Value, first, sort_text
from netc.compiler.source.text import Span
from netc.compiler.statements.domains import Domain, Extent, Length, sized
from netc.compiler.statements.expressions import Affine, Apply, Expr, Kind, Number, Type, Variable, affine

TREE_FUNCTIONS = ("children", "leaf", "left", "right", "root")


def declare_tree(b: Build, name: str, widest: Value | None, span: Span) -> Domain:
    """`dim N = tree(2)` or `tree()`, whose nodes may have any number of children."""
    length = Length(name)
    if widest is None:
        slots = Length(f"{name}.widest")
        _bring(b, slots, span)
        width = sized(Extent.of(slots))
    elif isinstance(widest, int) and not isinstance(widest, bool) and widest >= 1:
        width = sized(widest)
    else:
        raise Broken(NotApplicable(span, "the number of children", sort_text(widest), "write `tree(2)`, or `tree()` for any number"))
    _bring(b, length, span)
    nodes = Domain(0, Extent.of(length) - 1, name)
    b.trees[name] = b.variable(name, (nodes, width), Kind.INPUT, Type.INTEGER, span=span, per_sample=True, tree=True)
    return nodes


def _bring(b: Build, length: Length, span: Span) -> None:
    b.lengths[length] = Variable(f"length of {length.name}", (), Kind.LENGTH, Type.INTEGER, per_sample=True, span=span)


def tree_function(b: Build, name: str, argument: Value, span: Span) -> Value:
    """`root(N)`, `leaf(n)`, `left(n)`, `right(n)`, `children(n)`."""
    if name == "root":
        nodes = argument
        if not isinstance(nodes, Domain) or nodes.name not in b.trees:
            raise Broken(NotApplicable(span, "a tree", sort_text(argument), "`root` takes the dim that was declared as a tree"))
        return nodes.hi
    structure = _structure(b, argument, span)
    node = as_place(first(argument))
    if not isinstance(node, Affine):
        raise Broken(NotApplicable(span, "a node", sort_text(argument), f"`{name}` takes an index over the tree's nodes"))
    b.ranges.note(Use(node, structure.axes[0], span, structure.name))
    b.reads.append(PlannedRead(node, structure.axes[0], 0, structure.name, span))
    slots = Children(structure, node)
    if name == "children":
        return slots
    width = structure.axes[1]
    if name == "leaf":
        if not width.known or width.points() < 1:
            raise Broken(NotApplicable(span, "asked here", "`leaf` of a tree with any number of children", "sum over `children(n)`"))
        e: Expr = Apply("<", (slots.child(Affine(0)).at(()), Number(0)))
        return Array((), lambda _: e, Type.BOOLEAN)
    slot = 0 if name == "left" else 1
    if not width.known or width.points() != 2:
        raise Broken(NotApplicable(span, "asked here", f"`{name}` of a tree that is not `tree(2)`", "sum over `children(n)`"))
    return slots.child(affine(slot))


def _structure(b: Build, argument: Value, span: Span) -> Variable:
    """The tree that an index runs over: the only one, or the one that its range names."""
    if len(b.trees) == 1:
        return next(iter(b.trees.values()))
    if isinstance(argument, Affine) and argument.plain is not None:
        found = b.trees.get(argument.plain.domain.name or "")
        if found is not None:
            return found
    if not b.trees and b.reporter.failed:
        raise Silenced  # its dim may be what failed
    hint = "declare `dim N = tree(2)`" if not b.trees else "there are several trees: give the index its range, `[n in N]`"
    raise Broken(NotApplicable(span, "a node of a tree", sort_text(argument), hint))

