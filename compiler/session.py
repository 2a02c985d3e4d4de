"""The one pipeline: a spec through all stages, each stage's result kept.

The command line, Python callers and tests all come through here. A session reads no file itself: it is handed the bytes
of the spec and a function that gives the bytes of what the spec uses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache

from netc import grammar
from netc.compiler.counting.model import Memory, Report
from netc.compiler.counting.report import make_report
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.causality import DrawsUnfit
from netc.compiler.diagnostics.problems.files import UseCycle, UsedFileMissing
from netc.compiler.diagnostics.problems.likelihood import NoLoss, NothingToTrain
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.elaborate import Options, elaborate
from netc.compiler.elaborate.asserts import broken_assert, check_asserts, open_asserts
from netc.compiler.elaborate.cotangents import weighted
from netc.compiler.elaborate.model import Elaborated, unread_target
from netc.compiler.elaborate.module import Module, link
from netc.compiler.gradients import differentiate
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.rewrites import Wanted, lower
from netc.compiler.rewrites.align_shifts import align_shifts
from netc.compiler.rewrites.carry_state import Carried, begun_anew, carry_state
from netc.compiler.rewrites.carry_state import refusals as chunk_refusals
from netc.compiler.rewrites.draw_sequences import Drawing, draw_sequences, not_left_to_right
from netc.compiler.rewrites.feed_draws import feed_draws, no_order
from netc.compiler.rewrites.feed_draws import refusals as draw_refusals
from netc.compiler.rewrites.pad_lengths import pad_lengths
from netc.compiler.rewrites.stack_products import FEWEST
from netc.compiler.rewrites.tree_levels import tree_levels
from netc.compiler.schedule import Circle, Schedule, schedule
from netc.compiler.schedule.circles import find_circle
from netc.compiler.settings import (
    RULES,
    SampleSettings,
    TrainSettings,
    block_of,
    check_blocks,
    read_sample,
    read_settings,
)
from netc.compiler.settings.patterns import unmatched
from netc.compiler.settings.sample import constants_of
from netc.compiler.source.text import Source, Span
from netc.compiler.statements.domains import Length
from netc.compiler.statements.expressions import Kind, Variable
from netc.compiler.statements.garbage import unsearched
from netc.compiler.statements.program import Program
from netc.compiler.syntax import tree
from netc.compiler.syntax.decode import decode
from netc.compiler.syntax.parser import parse

Reader = Callable[[str], bytes | None]
_PLANNED = 300  # nets of up to so many equations are planned by `check`; larger ones would make it slow


@lru_cache(maxsize=1)
def prelude() -> tree.File:
    """The standard library, parsed once in a process. It is data of this package and has no problems."""
    return parse(Source("prelude.net", grammar.source("prelude.net")), Reporter())


def nothing(name: str) -> bytes | None:
    """A reader for specs that use no files."""
    return None


@dataclass(frozen=True)
class Request:
    """What a program is to compute. The same request gives the same program."""

    training: bool = True
    wanted: Wanted = field(default_factory=Wanted)
    gradients: tuple[str, ...] = ()  # paths of parameters, inputs and equations
    weighted: tuple[str, ...] = ()  # the loss is the weighted sum of these equations' elements, instead of the net's own
    ragged: bool = False  # whether the samples of a batch differ in length
    carry: bool = False  # whether the samples are chunks of longer sequences
    levels: tuple[str, ...] = ()  # the trees whose nodes are numbered by height
    drawing: Drawing | None = None  # draw the observed sequences instead of taking them as given
    feeding: bool = False  # whether the net reads its own draws at a share of the points
    stacked: bool = False  # whether products of one recurrent value are one product

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Every step asks for a program by its request: it is worked out once."""
        return hash(tuple(getattr(self, f.name) for f in fields(self)))

    def at(self, sizes: Sizes, called: bool = True) -> Request:
        """The request as it is best run at these sizes.

        Products are stacked for a single sample where each step of the plan is a call (`called`): there a call costs more than its
        numbers, and a part of one row is a run of memory. With more samples the parts are strided, which takes what the fewer calls
        give. A short loop is not worth the copy.
        """
        return replace(self, stacked=called and sizes.batch == 1 and all(n >= FEWEST for n in sizes.lengths.values()))


@dataclass(frozen=True)
class Compiled:
    """A net lowered, differentiated and in order, for any batch size."""

    elaborated: Elaborated
    program: Program
    schedule: Schedule
    carried: tuple[Carried, ...] = ()


class Session:
    """One spec file and what became of it.

    `dims` are the sizes given from outside (`-D H=200`). Problems of every stage that has run are in `problems`.
    """

    def __init__(
        self, name: str, data: bytes, read: Reader = nothing, dims: Mapping[str, int] | None = None, per: str = "element"
    ) -> None:
        self.name = name
        self.dims = dict(dims or {})
        self.reporter = Reporter()
        self._lock = threading.RLock()
        self._elaborated: dict[tuple[str, bool, str], Elaborated | None] = {}
        self._compiled: dict[tuple[str, str, Request], Compiled] = {}
        self.source = decode(data, name, self.reporter)
        self.file = parse(self.source, self.reporter) if self.source else None
        self.module = self._link(read) if self.file else None
        self.readable = not self.reporter.failed  # else counts are not what the spec says
        if self.file and self.readable:
            check_blocks(self.file, self.nets, self.reporter)

    # ---- text ----------------------------------------------------------------------------------------------------

    def _link(self, read: Reader) -> Module | None:
        assert self.file is not None
        uses: dict[str, tree.File] = {}
        whole = self._load_uses(self.file, read, uses, (self.name,))
        return link(self.file, uses, prelude(), self.reporter, whole)

    def _load_uses(self, file: tree.File, read: Reader, uses: dict[str, tree.File], chain: tuple[str, ...]) -> bool:
        """Read what a file uses, and what that uses; whether all of it is there."""
        whole = True
        for item in file.items:
            if not isinstance(item, tree.Use):
                continue
            path = item.path.value
            if path in chain:
                self.reporter.report(UseCycle(item.path.span, (*chain, path)))
                continue
            if path in uses:
                continue
            data = read(path)
            if data is None:
                self.reporter.report(UsedFileMissing(item.path.span, path))
                whole = False
                continue
            source = decode(data, path, self.reporter)
            if source is not None:
                uses[path] = parse(source, self.reporter)
                whole = self._load_uses(uses[path], read, uses, (*chain, path)) and whole
            else:
                whole = False
        return whole

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.reporter.problems

    @property
    def unchecked(self) -> tuple[Span, ...]:
        """Equations that could not be checked because of the problems of others."""
        return self.reporter.unchecked

    @property
    def nets(self) -> tuple[str, ...]:
        """The nets of the file, in the order of the text."""
        return tuple(i.name.name for i in self.file.items if isinstance(i, tree.Net)) if self.file else ()

    def block(self, kind: str, net: str) -> tree.Block | None:
        """The `train` or `sample` block that speaks of this net."""
        return block_of(self.file, kind, net) if self.file else None

    def settings(self, net: str, overrides: Mapping[str, str] | None = None) -> TrainSettings:
        """The `train` settings of a net, with what the caller overrides."""
        return read_settings(self.block("train", net), overrides or {}, self.reporter)

    def sample_settings(self, net: str) -> SampleSettings:
        """The `sample` settings of a net. A stop symbol may be named by a constant of the net."""
        items = self.file.items if self.file else ()
        body = next((i.body for i in items if isinstance(i, tree.Net) and i.name.name == net), ())
        return read_sample(self.block("sample", net), {**constants_of((*items, *body)), **self.dims}, self.reporter)

    # ---- meaning -------------------------------------------------------------------------------------------------

    @unsearched()
    def elaborate(self, net: str, training: bool = True, per: str = "element") -> Elaborated | None:
        """The net as equations, or None where problems stand in the way."""
        with self._lock:
            key = (net, training, per)
            other = self._elaborated.get((net, not training, per))
            if key not in self._elaborated and other is not None and not other.moded:
                self._elaborated[key] = replace(other, training=training)
            if key not in self._elaborated:
                options = Options(training=training, dims=self.dims, per="sample" if per == "sample" else "element")
                found = elaborate(self.module, net, options, self.reporter) if self.module else None
                self._elaborated[key] = found
            return self._elaborated[key]

    def check(self, net: str, batch: int = 64, lengths: Mapping[str, int] | None = None) -> Report | None:
        """Everything that can be known without running: problems (in `problems`), sizes and counts."""
        settings = self.settings(net)
        self.sample_settings(net)
        elaborated = self.elaborate(net, True, settings.per)
        self.elaborate(net, False, settings.per)
        if elaborated is None:
            return None
        unfit = self._unfit(elaborated, settings)
        block = self.block("train", net)
        meant = block is not None and (block.net is not None or len(self.nets) == 1)
        if block is not None and meant and elaborated.loss is None and self.readable:
            self.reporter.report(NothingToTrain(block.span, net, self._name(net), unread_target(elaborated)))
        if settings.bptt is not None and not unfit:
            unfit = begun_anew(elaborated, settings.place("bptt"))
        for problem in (*unfit, *self._unmatched(elaborated, settings)):
            self.reporter.report(problem)
        report, counts = make_report(elaborated, batch, lengths or {})
        if self.readable:
            check_asserts(elaborated, counts, self.reporter)
            circle = find_circle(elaborated)
            if circle is not None:
                self.reporter.report(circle)
        if elaborated.loss is not None and len(elaborated.equations) <= _PLANNED and not self.reporter.failed:
            report = replace(report, memory=self._memory(net, Sizes(batch, report.lengths), settings, report.memory.weights))
        return replace(report, problems=self.problems, partial=not self.readable, loss=elaborated.loss is not None, unchecked=self.unchecked)

    def training_problems(self, net: str, settings: TrainSettings) -> tuple[Problem, ...]:
        """Why the net cannot be trained as the settings ask: without a loss, in chunks, on its own draws, or by patterns of nothing."""
        elaborated = self.elaborate(net, True, settings.per)
        if elaborated is None:
            return ()
        if elaborated.loss is None:
            return (NoLoss(self._name(net), net, unread_target(elaborated)),)
        return (*self._unfit(elaborated, settings), *self._unmatched(elaborated, settings))

    def _unmatched(self, elaborated: Elaborated, settings: TrainSettings) -> tuple[Problem, ...]:
        """Patterns over parameters that cover none; of a net with errors not all parameters are known."""
        if self.reporter.failed:
            return ()
        return unmatched(settings, *({v.name for v in elaborated.leaves(kind)} for kind in (Kind.PARAMETER, Kind.STATE)))

    def _name(self, net: str) -> Span:
        assert self.module is not None
        return self.module.nets[net].name.span

    def _unfit(self, elaborated: Elaborated, settings: TrainSettings) -> tuple[Problem, ...]:
        found: tuple[Problem, ...] = ()
        if elaborated.loss is None:
            return found
        if settings.bptt is not None:
            found += chunk_refusals(elaborated, settings.place("bptt"))
        if settings.scheduled_sampling is not None:
            found += self._draw_problems(elaborated, settings.place("scheduled_sampling"))
        return found

    def _draw_problems(self, elaborated: Elaborated, span: Span) -> tuple[Problem, ...]:
        refused = draw_refusals(elaborated, span)
        if refused or self.reporter.failed:
            return refused
        try:
            compile_net(elaborated, Request(feeding=True))
        except NetcError as error:
            return tuple(replace(p, setting=span) if isinstance(p, DrawsUnfit) else p for p in error.problems)
        return ()

    def _memory(self, net: str, sizes: Sizes, settings: TrainSettings, shown: int) -> Memory:
        """What a training step holds: the plan's arena and blocks, and what the optimiser keeps."""
        elaborated = self.elaborate(net, True, settings.per)
        assert elaborated is not None
        parameters, states = elaborated.leaves(Kind.PARAMETER), elaborated.leaves(Kind.STATE)
        request = Request(gradients=tuple(v.name for v in parameters), feeding=settings.scheduled_sampling is not None)
        compiled = self.compile(net, request.at(sizes), settings.per)
        held = make_plan(compiled.schedule, compiled.program, sizes, settings.precision, parameters, states).bytes()
        weights = held.get("parameters", 0)
        return Memory(shown, sum(held.values()) + len(RULES[settings.optimizer.rule].slots) * weights, sizes.batch, True)

    def open_asserts(self, net: str, per: str = "element") -> bool:
        """Whether a net has asserts over a length of its samples."""
        elaborated = self.elaborate(net, True, per)
        return elaborated is not None and bool(open_asserts(elaborated))

    def broken_assert(self, net: str, per: str, lengths: Mapping[Length, int], sample: int) -> Problem | None:
        """The first assert over a length that does not hold for a sample of these lengths."""
        with self._lock:
            elaborated = self.elaborate(net, True, per)
            assert elaborated is not None
            return broken_assert(open_asserts(elaborated), lengths, sample)

    # ---- programs ------------------------------------------------------------------------------------------------

    def tree_levels(self, net: str, per: str = "element") -> tuple[Length, ...]:
        """The trees whose nodes may be numbered by height, in training and at test time."""
        modes = [self.elaborate(net, training, per) for training in (True, False)]
        first, second = (tree_levels(e) if e is not None else {} for e in modes)
        return tuple(n for n in first if n in second)

    def compile(self, net: str, request: Request, per: str = "element") -> Compiled:
        """Lower, differentiate and order what is asked for. The net must be free of errors."""
        with self._lock:
            key = (net, per, request)
            if key not in self._compiled:
                elaborated = self.elaborate(net, request.training, per)
                assert elaborated is not None and not self.reporter.failed, "compile needs a net without errors"
                self._compiled[key] = compile_net(elaborated, request)
            return self._compiled[key]


@unsearched()
def compile_net(elaborated: Elaborated, request: Request, aligned: bool = False) -> Compiled:
    """The stages after elaboration. What is drawn is aligned where there is no order otherwise."""
    given = elaborated
    if request.weighted:
        elaborated = weighted(elaborated, request.weighted)
    carried: tuple[Carried, ...] = ()
    wanted = request.wanted
    if request.drawing is not None:
        elaborated = draw_sequences(elaborated, request.drawing)
        elaborated = align_shifts(elaborated, frozenset(wanted.names)) if aligned else elaborated
    if request.feeding:
        elaborated = feed_draws(elaborated)
    if request.carry:
        elaborated, carried = carry_state(elaborated)
        wanted = replace(wanted, names=(*wanted.names, *(c.leaves.name for c in carried)))
    levels = tree_levels(elaborated)
    if request.ragged:
        elaborated = pad_lengths(elaborated, {n: v for n, v in levels.items() if n.name in request.levels})
    wrt = _variables(elaborated, request.gradients)
    wanted = replace(wanted, kept=tuple(v.name for v in wrt if v.kind is Kind.TEMPORARY))
    program = lower(elaborated, wanted, request.stacked)
    if wrt:
        program = differentiate(program, wrt)
    try:
        return Compiled(elaborated, program, schedule(program, tuple(levels.values())), carried)
    except Circle as circle:
        if request.drawing is not None and not aligned:
            return compile_net(given, request, aligned=True)
        if request.drawing is not None:
            raise NetcError(not_left_to_right(elaborated)) from circle
        if request.feeding:
            raise NetcError(no_order(elaborated)) from circle
        raise


def _variables(elaborated: Elaborated, paths: Sequence[str]) -> list[Variable]:
    return [elaborated.variables[p] for p in paths]


@dataclass(frozen=True)
class Checked:
    """What `check_text` found."""

    problems: tuple[Problem, ...]
    reports: tuple[Report, ...]


def check_text(text: str, name: str = "spec.net", read: Reader = nothing, dims: Mapping[str, int] | None = None) -> Checked:
    """Check every net of a text."""
    session = Session(name, text.encode("utf-8"), read, dims)
    reports = [session.check(net) for net in session.nets]
    return Checked(session.problems, tuple(r for r in reports if r is not None))
