"""What is wrong in layers that no net applies: only what no choice of sizes and settings would mend.

Each is applied to several choices that are as unlike as can be. What fails for all of them is told, with the names of the sizes; where
two sizes clash that may be equal, the layer fits only where they are, which is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netc.compiler.alone.forms import Form, Forms, numbers_in
from netc.compiler.alone.given import Given, Open, what_is_open
from netc.compiler.alone.sorts import Sorts
from netc.compiler.alone.trial import problems_of
from netc.compiler.alone.ways import lead_nowhere
from netc.compiler.diagnostics.model import Problem, Severity
from netc.compiler.diagnostics.problems.sizes import FitsOnlyWhere
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.elaborate.arrays.trees import declare_tree
from netc.compiler.elaborate.judging.judged import judge_def, judge_layer
from netc.compiler.elaborate.left import used_names
from netc.compiler.elaborate.module import Module
from netc.compiler.elaborate.net import begin, check_sizes
from netc.compiler.elaborate.scope import Options, Scope
from netc.compiler.source.text import Span
from netc.compiler.syntax import tree

_TRIED = 16  # sizes that are tried to mend one problem
Place = tuple[str, str, int, int]


def judge_alone(module: Module, options: Options, items: Sequence[tree.Layer | tree.Def], reporter: Reporter) -> None:
    """Report what is wrong in these layers and functions, and in the constants of the file."""
    b = begin(module, "", options, reporter)
    if not module.nets:
        check_sizes(b, Span(module.file.source, 0, 0), Scope(""))
    sorts = Sorts(module)
    for item in _inner_first(items):
        if isinstance(item, tree.Layer):
            before = len(reporter.told)
            open_ = what_is_open(item, sorts, b.globals)
            for problem in _certain(module, options, open_):
                reporter.report(problem)
            if open_.of_a_tree and not b.trees:
                declare_tree(b, "N", 2, item.name.span)
            judge_layer(b, item)
            if not any(p.severity is Severity.ERROR for p in reporter.told[before:]):  # else what is misnamed is what is not read
                for problem in lead_nowhere(item):
                    reporter.report(problem)
        else:
            judge_def(b, item)


def _inner_first(items: Sequence[tree.Layer | tree.Def]) -> Iterator[tree.Layer | tree.Def]:
    """Each behind those that it speaks of: a mistake is told where it stands, not where it is met."""
    by_name = {i.name.name: i for i in items}
    done: set[str] = set()
    for item in items:
        stack = [(item.name.name, False)]
        while stack:
            name, ready = stack.pop()
            if ready:
                yield by_name[name]
            elif name not in done:
                done.add(name)
                stack.append((name, True))
                stack += [(n, False) for n in sorted(used_names(by_name[name].body)) if n in by_name and n not in done]


# ---- one layer -------------------------------------------------------------------------------------------------------


def _place(problem: Problem) -> Place:
    span = problem.shown_at
    return problem.code, span.source.name, span.start, span.end


def _certain(module: Module, options: Options, open_: Open) -> Iterator[Problem]:
    """What fails for every choice, and what only certain sizes would mend."""

    def attempt(given: Given) -> dict[Place, Problem]:
        return {_place(p): p for p in problems_of(module, options, open_, given)}

    first, *others = open_.choices()
    found = attempt(first)
    for given in others:
        if found:
            now = attempt(given)
            found = {k: p for k, p in found.items() if k in now}
    forms = Forms(first.sizes)
    while found:
        key, problem = next(iter(found.items()))
        conditions = list(_conditions(problem, forms, first)) if problem.severity is Severity.ERROR else []
        for name, size, text in conditions[:_TRIED]:
            left = {k: p for k, p in attempt(first.put(name, size)).items() if p.severity is Severity.ERROR}
            if key not in left and left.keys() <= found.keys():
                yield FitsOnlyWhere(problem.span, open_.layer.name.name, text, forms.named(problem), open_.layer.name.span)
                found = {k: p for k, p in found.items() if k in left}
                break
        else:
            del found[key]
            if all(forms.of(n) is not None for n in numbers_in(problem)):
                yield forms.named(problem)


def _conditions(problem: Problem, forms: Forms, given: Given) -> Iterator[tuple[str, int, str]]:
    """Sizes under which two numbers of a problem would be the same: a name, what it would be, and that in words."""
    told = [(n, form) for n in numbers_in(problem) if (form := forms.of(n)) is not None]
    for one, form in told:
        for other, wanted in told:
            if form.affine and wanted.affine and one != other:
                for name, slope in form.slopes.items():
                    size = _solved(given.sizes[name], slope - wanted.slopes.get(name, 0), other - one)
                    if size is not None:
                        yield name, size, _condition(name, forms.of(size), form, wanted)


def _solved(size: int, slope: int, missing: int) -> int | None:
    """The size at which what is missing is made up for."""
    if slope == 0 or missing % slope:
        return None
    found = size + missing // slope
    return found if found >= 1 else None


def _condition(name: str, plain: Form | None, form: Form, wanted: Form) -> str:
    return f"{name} = {plain.text}" if plain is not None else f"{form.text} = {wanted.text}"
