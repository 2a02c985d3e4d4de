"""An index that is bound and stands nowhere in what it is bound for: often a vector was written for one of its elements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netc.compiler.diagnostics.problems.domains import RangeUnknown
from netc.compiler.elaborate.left import Defining, parts_of, targets, used_names
from netc.compiler.elaborate.scope import Broken, Build, Environment, Scope, Silenced
from netc.compiler.elaborate.values import Array, first
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Index, Kind, Variable
from netc.compiler.syntax import tree

_PROPOSED = 2  # of the elements that could be meant


def check_left(b: Build, statement: Defining, scope: Scope, env: Environment) -> None:
    """Raises Broken for `y[i] = 2 * x`: nothing on the right has an `i`."""
    for target in targets(statement):
        for item in target.items if isinstance(target, tree.Index) else ():
            if isinstance(item, tree.Name) and _rangeless(b, item, env) and _unused(b, item.name, statement.value, scope, env):
                _raise(b, item, statement.value, scope, "")


def check_bracket(b: Build, operation: str, items: Sequence[tree.Expr], body: tree.Expr, scope: Scope, env: Environment) -> None:
    """Raises Broken for `argmin[k](d)`: nothing in what is reduced has a `k`."""
    for item in items:
        if isinstance(item, tree.Name) and _rangeless(b, item, env) and _unused(b, item.name, body, scope, env):
            _raise(b, item, body, scope, f"{operation}({body.span.text})" if len(items) == 1 else "")


def unbound(b: Build, body: object, scope: Scope, env: Environment) -> list[str]:
    """The names in brackets of a body that look like indices and that nothing binds."""
    known = {*env, *scope.names, *scope.defined, *b.globals, *b.module.names, *_names(body)[1]}
    found: dict[str, None] = {}
    stack: list[object] = [body]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Index):
            found |= dict.fromkeys(n for i in x.items for n in used_names(i) if len(n) == 1 and n.islower() and n not in known)
        stack.extend(x if isinstance(x, tuple) else parts_of(x))
    return [*found]


def _rangeless(b: Build, item: tree.Name, env: Environment) -> bool:
    index = env.get(item.name)
    return isinstance(index, Index) and index not in b.ranges.explicit and item.name != "batch"


def _unused(b: Build, index: str, body: object, scope: Scope, env: Environment) -> bool:
    """Whether an index stands nowhere in a body all of whose names are known; of one that is not, that is the mistake."""
    if index in used_names(body):
        return False
    read, bound = _names(body)
    return not _misread(body, scope) and all(n.name in bound or _is_known(b, n, scope, env) for n in read)


def _misread(body: object, scope: Scope) -> bool:
    """Whether something stands in a bracket that is no index, and no class either: that is the mistake."""
    stack: list[object] = [body]
    while stack:
        x = stack.pop()
        for item in x.items if isinstance(x, tree.Index) else ():
            value = scope.names.get(item.name) if isinstance(item, tree.Name) else None
            if isinstance(value, Array) and value.classes is None:
                return True
        stack.extend(x if isinstance(x, tuple) else parts_of(x))
    return False


def _is_known(b: Build, name: tree.Name, scope: Scope, env: Environment) -> bool:
    try:
        b.evaluate(name, scope, env)
    except Broken:
        return False
    except Silenced:
        pass
    return True


def _names(body: object) -> tuple[list[tree.Name], set[str]]:
    """The names that are read, and those that reductions bind."""
    read: list[tree.Name] = []
    bound: set[str] = set()
    stack: list[object] = [body]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Name):
            read.append(x)
        if isinstance(x, tree.Call) and isinstance(x.function, tree.Index):
            bound |= {n for i in x.function.items for n in used_names(i)}
        stack.extend(x if isinstance(x, tuple) else parts_of(x))
    return read, bound


def _raise(b: Build, item: tree.Name, body: object, scope: Scope, without: str) -> None:
    found = list(_elements(body, item.name, scope))
    data = [e for e in found if e[2].kind is not Kind.PARAMETER]
    spans = {span for span, _, _ in found}
    b.blamed |= spans | {c.span for c in _calls(body) if any(a.value.span in spans for a in c.arguments)}
    meant = dict.fromkeys(text for _, text, _ in data or found)
    raise Broken(RangeUnknown(item.span, item.name, tuple(meant)[:_PROPOSED], without if found else ""))


def _calls(body: object) -> Iterator[tree.Call]:
    stack: list[object] = [body]
    while stack:
        x = stack.pop()
        if isinstance(x, tree.Call):
            yield x
        stack.extend(x if isinstance(x, tuple) else parts_of(x))


def _elements(body: object, index: str, scope: Scope) -> Iterator[tuple[Span, str, Variable]]:
    """What has axes left that such an index could run over: `x`, or `x[i]` of a matrix, with the element that it would be."""
    stack: list[object] = [body]
    while stack:
        x = stack.pop()
        if isinstance(x, tuple):
            stack += reversed(x)
            continue
        base = x.base if isinstance(x, tree.Index) else x
        array = first(scope.names[base.name]) if isinstance(base, tree.Name) and base.name in scope.names else None
        items = [i.span.text for i in x.items] if isinstance(x, tree.Index) else []
        within = list(_elements(x.items, index, scope)) if isinstance(x, tree.Index) else []
        if within:  # what picks: `E[word]` is `E[word[t]]`
            yield from within
        elif isinstance(array, Array) and array.variable is not None and isinstance(base, tree.Name) and array.rank > len(items):
            span = x.span if isinstance(x, tree.Index) else base.span
            yield span, f"{base.name}[{', '.join([*items, index])}]", array.variable
        elif isinstance(x, tree.Call) and isinstance(x.function, tree.Name):
            stack += reversed(x.arguments)
        elif isinstance(array, Array) and isinstance(x, tree.Index):
            continue
        else:
            stack += reversed(parts_of(x))
