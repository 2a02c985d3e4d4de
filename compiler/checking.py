"""What can be said of a net before anything runs: sizes, counts and memory, and whether it can be trained as its settings ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from netc.compiler.counting.model import Memory, Report, ReportRow
from netc.compiler.counting.report import make_report, make_tally
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.causality import DrawsUnfit
from netc.compiler.diagnostics.problems.generation import NothingToSample
from netc.compiler.diagnostics.problems.likelihood import NoLoss, NothingToTrain
from netc.compiler.elaborate.layers.asserts import check_asserts
from netc.compiler.elaborate.model import Counts, Elaborated, unread_target
from netc.compiler.elaborate.unread import unread_parameters
from netc.compiler.pipeline import Request, compile_net, training_request
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.rewrites import Wanted
from netc.compiler.schedule.circles import find_circles
from netc.compiler.session import Session
from netc.compiler.settings import TrainSettings, update_of
from netc.compiler.settings.patterns import unmatched
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Kind
from netc.compiler.syntax import tree
from netc.compiler.variants.carry_state import begun_anew
from netc.compiler.variants.carry_state import refusals as chunk_refusals
from netc.compiler.variants.draw_sequences import Drawing
from netc.compiler.variants.draws import sequences
from netc.compiler.variants.feed_draws import refusals as draw_refusals

_PLANNED = 300  # nets of up to so many equations are planned by a check; larger ones would make it slow


def check(session: Session, net: str, batch: int = 64, lengths: Mapping[str, int] | None = None) -> Report | None:
    """All problems of a net (they are the session's), its sizes and its counts; None where it could not be elaborated."""
    settings = session.settings(net)
    session.sample_settings(net)
    elaborated = session.elaborate(net, True, settings.per)
    session.elaborate(net, False, settings.per)
    if elaborated is None:
        part = session.sound_part(net, True, settings.per)
        if part is not None:
            _judge(session, part, make_tally(part, batch, lengths or {}))
            session.judge_layers()
        return None
    for problem in (*_misfits(session, elaborated, settings), *_unread(session, elaborated, settings.per)):
        session.reporter.report(problem)
    report, counts = make_report(elaborated, batch, lengths or {})
    if _judge(session, elaborated, counts):
        for problem in _undrawn(session, elaborated, settings.per):
            session.reporter.report(problem)
    if elaborated.loss is not None and len(elaborated.equations) <= _PLANNED and not session.reporter.failed:
        report = replace(report, memory=_memory(session, elaborated, Sizes(batch, report.lengths), settings, report.memory.weights))
    alone = session.judge_layers()
    return replace(
        report, problems=session.problems, partial=not session.readable, loss=elaborated.loss is not None, unchecked=session.unchecked, alone=alone
    )


def check_library(session: Session) -> Report:
    """All problems of a file without a net, and what it declares; what its layers hold, only a net says that applies them."""
    session.judge_layers()
    rows = []
    for item in session.file.items if session.file else ():
        match item:
            case tree.Layer(settings=settings, inputs=inputs, outputs=outputs):
                rows.append(_declared(item, f"layer ({_written(settings)})({_written(inputs)})", _written(outputs)))
            case tree.Def(parameters=parameters):
                rows.append(_declared(item, f"function ({_written(parameters)})"))
            case tree.Table(rows=drawn):
                rows.append(_declared(item, "table", f"{len(drawn)}×{len(drawn[0]) if drawn else 0}"))
            case _:
                pass
    return Report("", tuple(rows), problems=session.problems, partial=not session.readable, loss=False, unchecked=session.unchecked)


def _declared(item: tree.Layer | tree.Def | tree.Table, what: str, output: str = "") -> ReportRow:
    return ReportRow(item.name.name, what, output, None, None, None, item.name.span.line)


def _written(header: tuple[tree.Parameter, ...]) -> str:
    return ", ".join(p.span.text for p in header)


def _unread(session: Session, elaborated: Elaborated, per: str) -> tuple[Problem, ...]:
    """Parameters that nothing reads; where there are mistakes, an equation that could not be checked may."""
    tested = session.elaborate(elaborated.name, False, per)
    if session.module is None or tested is None or not _whole(session, elaborated):
        return ()
    return unread_parameters((elaborated, tested), session.module)


def _whole(session: Session, elaborated: Elaborated) -> bool:
    """Whether all that the spec says of a net is known, whatever else is wrong in the file."""
    return session.readable and elaborated.lost is None


def _undrawn(session: Session, elaborated: Elaborated, per: str) -> tuple[Problem, ...]:
    """Why no sequence can be drawn from the net, where a `sample` block asks for that."""
    block = session.block("sample", elaborated.name)
    tested = session.elaborate(elaborated.name, False, per)
    if block is None or tested is None or not _whole(session, elaborated) or (block.net is None and len(session.nets) > 1):
        return ()
    try:
        compile_net(tested, Request(False, Wanted(False, False, updates=False, names=tuple(sequences(tested))), drawing=Drawing()))
    except NetcError as error:
        return tuple(replace(p, span=block.span, asked=True) if isinstance(p, NothingToSample) else p for p in error.problems)
    return ()


def check_text(text: str) -> tuple[Problem, ...]:
    """The problems of every net of a text, and of the layers that none of them applies."""
    session = Session("spec.net", text.encode("utf-8"))
    for net in session.nets:
        check(session, net)
    session.judge_layers()
    return session.problems


def _judge(session: Session, elaborated: Elaborated, counts: Counts) -> bool:
    """Asserts, and equations without an order; of a net with mistakes, those of its sound part. Whether there is an order."""
    check_asserts(elaborated, counts, session.reporter)
    circles = find_circles(elaborated)
    for circle in circles:
        session.reporter.report(circle)
    return not circles


def training_problems(session: Session, net: str, settings: TrainSettings) -> tuple[Problem, ...]:
    """Why the net cannot be trained as the settings ask: without a loss, in chunks, on its own draws, or by patterns of nothing."""
    elaborated = session.elaborate(net, True, settings.per)
    if elaborated is None:
        session.judge_layers()
        return ()
    if elaborated.loss is None:
        return (NoLoss(session.name_of(net), net, unread_target(elaborated)),)
    return _refusals(session, elaborated, settings)


def _misfits(session: Session, elaborated: Elaborated, settings: TrainSettings) -> tuple[Problem, ...]:
    """What of the `train` block does not fit the net."""
    if elaborated.loss is None:
        block = session.block("train", elaborated.name)
        if block is None or not session.readable or (block.net is None and len(session.nets) > 1):
            return ()
        return (NothingToTrain(block.span, elaborated.name, session.name_of(elaborated.name), unread_target(elaborated)),)
    refused = _refusals(session, elaborated, settings)
    if settings.bptt is not None and not refused:
        return begun_anew(elaborated, settings.place("bptt"))
    return refused


def _refusals(session: Session, elaborated: Elaborated, settings: TrainSettings) -> tuple[Problem, ...]:
    """Why a net with a loss cannot be trained in chunks, on its own draws, or by its patterns, where the settings ask for that."""
    found: tuple[Problem, ...] = ()
    if _whole(session, elaborated):  # else not all parameters are known
        found += unmatched(settings, *({v.name for v in elaborated.leaves(kind)} for kind in (Kind.PARAMETER, Kind.STATE)))
    if settings.bptt is not None:
        found += chunk_refusals(elaborated, settings.place("bptt"))
    if settings.scheduled_sampling is not None:
        found += _draw_problems(session, elaborated, settings.place("scheduled_sampling"))
    return found


def _draw_problems(session: Session, elaborated: Elaborated, span: Span) -> tuple[Problem, ...]:
    refused = draw_refusals(elaborated, span)
    if refused or not _whole(session, elaborated):
        return refused
    try:
        compile_net(elaborated, Request(feeding=True))
    except NetcError as error:
        return tuple(replace(p, setting=span) if isinstance(p, DrawsUnfit) else p for p in error.problems)
    return ()


def _memory(session: Session, elaborated: Elaborated, sizes: Sizes, settings: TrainSettings, shown: int) -> Memory:
    """What a training step holds: the plan's arena and blocks, and what the optimiser keeps."""
    parameters, states = elaborated.leaves(Kind.PARAMETER), elaborated.leaves(Kind.STATE)
    request = training_request(tuple(v.name for v in parameters), feeding=settings.scheduled_sampling is not None)
    compiled = session.compile(elaborated.name, request.at(sizes), settings.per)
    held = make_plan(compiled.schedule, compiled.program, sizes, settings.precision, parameters, states).bytes()
    weights = held.get("parameters", 0)
    return Memory(shown, sum(held.values()) + len(update_of(settings.optimizer).slots) * weights, sizes.batch, True)
