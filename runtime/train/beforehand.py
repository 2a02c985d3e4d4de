"""What can be told of a spec's data and weights before any large file is read: `netc check` asks for it."""

from __future__ import annotations

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.model import Problem, Severity
from netc.compiler.settings import TrainSettings
from netc.compiler.statements.expressions import Kind
from netc.runtime.data.bind import bind
from netc.runtime.data.place import Place
from netc.runtime.data.resolve import calls_of, resolve
from netc.runtime.model.spec import Spec

_INSIDE = ("digits",)  # sources that lie in the package and are read at once


def beforehand(spec: Spec, file: str) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """Problems with data that netc brings along, and what is to be said of all that was not looked at; of a spec without errors."""
    if any(p.severity is Severity.ERROR for p in spec.session.problems):
        return (), ()
    problems: list[Problem] = []
    notes: list[str] = []
    unread: list[str] = []
    for one in (spec[name] for name in spec.nets if spec.session.block("train", name) is not None):
        settings = spec.session.settings(one.net)
        notes += _absent(one, settings)
        calls = _calls(settings)
        if calls and calls[0] in _INSIDE:
            problems += [p for p in _unfit(one, settings) if p not in problems]
        elif calls:
            unread.append(one.net)
    if unread:
        net = "" if len(spec.nets) == 1 else f" --net {unread[0] if len(unread) == 1 else 'NAME'}"
        which = f" ({', '.join(unread)})" if len(spec.nets) > 1 else ""
        notes.append(f"data not checked{which}: `netc train {file}{net} --dry-run` reads it")
    return tuple(problems), tuple(notes)


def _unfit(spec: Spec, settings: TrainSettings) -> tuple[Problem, ...]:
    """What is wrong with data that are read at once."""
    elaborated = spec.session.elaborate(spec.net, True, settings.per)
    if elaborated is None or settings.data is None:
        return ()
    try:
        bind(resolve(settings.data, folder=spec.folder, seed=settings.seed), elaborated.leaves(Kind.INPUT), settings.data.span)
    except NetcError as error:
        return tuple(error.problems)
    return ()


def _calls(settings: TrainSettings) -> list[str]:
    try:
        return [call.function.span.text for call in calls_of(settings.data)]
    except NetcError:  # told where the data is read
        return []


def _absent(spec: Spec, settings: TrainSettings) -> tuple[str, ...]:
    """That the weights to begin with are not there: a run may still have to make them."""
    if settings.load is None:
        return ()
    try:
        Place(spec.folder, settings.load.span).file(settings.load.file)
    except NetcError:
        return (f"{spec.net}: the weights `{settings.load.file}` are not there yet; training begins with them",)
    return ()
