"""Sequences drawn from a net: a prompt goes on, or a given input gets its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.generation import NoFirstSymbol, NothingToSample, SampleSettingUnfit
from netc.compiler.diagnostics.problems.values import ValueSizesDiffer
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.elaborate.model import Elaborated, Observation
from netc.compiler.pipeline import Compiled, Request
from netc.compiler.rewrites import Wanted
from netc.compiler.session import Session
from netc.compiler.settings import SampleSettings
from netc.compiler.settings.sample import override
from netc.compiler.source.text import Span, typed
from netc.compiler.statements.domains import Length, difference, sample_lengths
from netc.compiler.statements.expressions import Affine, Kind, Type, Variable
from netc.compiler.variants.draw_sequences import GIVEN, PROMPT, TEMPERATURE, Drawing
from netc.compiler.variants.draws import sequences
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.fields.vocabulary import BOS, EOS, SPECIAL, Vocabulary
from netc.runtime.model.engine import Engine
from netc.runtime.model.initialise import Array, generator
from netc.runtime.model.inputs import Samples, prepare
from netc.runtime.model.lengths import solve, values_of


class Drawable(Protocol):
    """What is asked of a net."""

    session: Session
    name: str
    per: str
    labels: Mapping[str, Sequence[str] | None]
    inputs: tuple[Variable, ...]

    @property
    def engine(self) -> Engine: ...

    def elaborated(self, training: bool = True) -> Elaborated: ...


@dataclass(frozen=True, eq=False)
class Sample:
    """One sequence that was drawn: its points, the first `prompt` of them given. `text` where the run knows the symbols."""

    name: str
    values: Array
    prompt: int
    text: str | None = None
    stopped: bool = False  # whether the stop symbol ended it; that symbol is not among the values
    score: float | None = None  # of a beam: the sum of the logarithms of its probabilities

    def __str__(self) -> str:
        return self.text if self.text is not None else np.array2string(self.values, precision=4, threshold=200)


class Sampler:
    """What is drawn from one net, and how: settings and prompt as numbers."""

    def __init__(self, net: Drawable, settings: SampleSettings) -> None:
        elaborated = net.elaborated(False)
        found = sequences(elaborated)
        span = next((r.span for r in elaborated.rows), typed("spec", net.name))
        if not found:
            raise NetcError(NothingToSample(span, net.name))
        self.net, self.settings, self.elaborated, self.names = net, settings, elaborated, tuple(found)
        self.observation: Observation = next(iter(found.values()))
        self.variable = self.observation.variable
        labels = net.labels.get(self.variable.name)
        self.vocabulary = Vocabulary(tuple(labels)) if labels else None
        self.axis = next(k for k, a in enumerate(self.variable.axes) if sample_lengths(a.hi))
        self.request = Request(False, Wanted(False, False, updates=False, names=self.names), drawing=Drawing(settings.top_k))
        self.compiled: Compiled = net.session.compile(net.name, self.request, net.per)
        self.stop = self._stop()
        self.hidden = 0  # points of the prompt that were put there, and are no part of the sample
        self.prompt = self._prompt()

    # ---- beginning and end -----------------------------------------------------------------------------------------

    @property
    def undrawn(self) -> int:
        """How many points at the beginning no likelihood gives: 1 for `x[t+1] ~ ...`, 0 for `y[t] ~ ...`."""
        place = self.observation.target.indices[self.axis]
        assert isinstance(place, Affine) and place.plain is not None
        return max(0, difference(place.plain.domain.lo + place.const, self.variable.axes[self.axis].lo) or 0)

    def _prompt(self) -> Array:
        given = self.settings.prompt
        span = typed("prompt", given) if isinstance(given, str) else typed("prompt", "prompt")
        if isinstance(given, str) and given and self.vocabulary is None:
            wanted = "this net's symbols have no names here: give numbers"
            raise NetcError(SampleSettingUnfit(span, "prompt", f"`{given}`", wanted))
        if isinstance(given, str):
            values = self.vocabulary.read(given, span) if self.vocabulary else np.zeros(0, np.int32)
        else:
            values = self._numbers(given, span)
        missing = self.undrawn - len(values)
        if missing <= 0:
            return values
        if len(values) or missing > 1 or self.vocabulary is None:
            raise NetcError(NoFirstSymbol(self.observation.span, self.variable.name, self.undrawn))
        return np.array([self._beginning(self.vocabulary)], np.int32)

    def _numbers(self, given: Any, span: Span) -> Array:
        """A prompt that is given as numbers, one point of the sequence in each row."""
        rest = tuple(a.points() for a in self.variable.axes[1:])
        try:
            values = np.asarray(given)
        except ValueError:
            raise NetcError(SampleSettingUnfit(span, "prompt", repr(given), "one sequence is wanted")) from None
        if not len(np.atleast_1d(values)):
            values = np.zeros((0, *rest))
        if values.dtype.kind not in "iufb" or values.ndim != 1 + len(rest) or values.shape[1:] != rest:
            raise NetcError(ValueSizesDiffer(span, "prompt", ("points", *rest), values.shape))
        if self.variable.type is not Type.INTEGER:
            return values.astype(np.float64)
        if (values != np.floor(values)).any():
            raise NetcError(SampleSettingUnfit(span, "prompt", f"{values.tolist()}", "symbols are whole numbers"))
        if self.variable.classes is not None:
            lo = self.variable.classes.first
            hi = lo + self.variable.classes.points() - 1
            if ((values < lo) | (values > hi)).any():
                raise NetcError(SampleSettingUnfit(span, "prompt", f"{values.tolist()}", f"its symbols are {lo} to {hi}"))
        return values.astype(np.int32)

    def _beginning(self, vocabulary: Vocabulary) -> int:
        """A symbol to begin with where none is given: the begin symbol, a line end, else one at random."""
        for symbol in (BOS, "\n"):
            if symbol in vocabulary.codes:
                self.hidden = 1
                return vocabulary.codes[symbol]
        plain = [k for k, s in enumerate(vocabulary.symbols) if s not in SPECIAL]
        return int(generator(self.settings.seed, "first symbol").choice(plain or [0]))

    def _stop(self) -> int | None:
        stop = self.settings.stop
        if stop is None and self.vocabulary is not None:
            return self.vocabulary.codes.get(EOS)
        if not isinstance(stop, str):
            return stop
        if self.vocabulary is None or stop not in self.vocabulary.codes:
            known = f"the net knows {len(self.vocabulary)} symbols" if self.vocabulary else "this net's symbols have no names here"
            raise NetcError(SampleSettingUnfit(typed("stop", stop), "stop", f"`{stop}`", f"{known}, not this one"))
        return self.vocabulary.codes[stop]

    # ---- drawing ---------------------------------------------------------------------------------------------------

    @property
    def asked(self) -> tuple[str, ...]:
        """The inputs that must be given: those that what is drawn depends on."""
        needed = {v.name for v in self.compiled.program.leaves(Kind.INPUT)}
        return tuple(v.name for v in self.net.inputs if v.name in needed and v.name not in self.names)

    def sources(self, inputs: Mapping[str, Any]) -> Samples:
        """The inputs that are not drawn, checked; without any there is one sample."""
        needed = set(self.asked)
        if not inputs and not needed:
            return Samples({}, 1)
        return prepare(inputs, [v for v in self.net.inputs if v.name not in self.names], needed)

    def total(self, samples: Samples) -> dict[Length, Array]:
        """How long each sample is: as its inputs say, else prompt and limit together."""
        axis = self.variable.axes[self.axis]
        if all(n in samples.lengths for n in sample_lengths(axis.hi)):
            return samples.lengths
        points = np.full(samples.batch, len(self.prompt) + self.settings.limit)
        solved = solve(axis, points)
        if solved is None:
            raise NetcError(SampleSettingUnfit(self.observation.span, "limit", str(self.settings.limit), f"the sequence has {axis} points"))
        return {**samples.lengths, solved[0]: solved[1]}

    def draw(self, inputs: Mapping[str, Any]) -> list[Sample]:
        """The samples, those of the first input first."""
        samples = repeated(self.sources(inputs), self.settings.count)
        lengths = self.total(samples)
        arrays = dict(samples.arrays)
        for name in self.names:
            v = self.elaborated.variables[name]
            points = int(values_of(v.axes[self.axis].size, lengths).max())
            prompt = self.prompt if name == self.variable.name else self.prompt[:0]
            arrays[f"{name}.{GIVEN}"] = _padded(v, prompt, points, samples.batch)
            arrays[f"{name}.{PROMPT}"] = np.full(samples.batch, len(prompt))
            arrays[f"{name}.{TEMPERATURE}"] = np.full(samples.batch, self.settings.temperature)
        full = Samples(arrays, samples.batch, lengths)
        compiled, bound = self.net.engine.run(self.request, full, self.settings.seed)
        sizes = np.broadcast_to(values_of(self.variable.axes[self.axis].size, lengths), samples.batch)
        values = bound.read(compiled.program.values[self.variable.name])
        return [self.finished(row[:n]) for row, n in zip(values, sizes, strict=True)]

    def finished(self, values: Array, score: float | None = None) -> Sample:
        """A row as a sample: without what was put before it, up to the stop symbol."""
        begun = len(self.prompt)
        ends = np.flatnonzero(values[begun:] == self.stop) if self.stop is not None and values.ndim == 1 else np.zeros(0, int)
        kept = values[self.hidden : begun + int(ends[0])] if len(ends) else values[self.hidden :]
        text = self.vocabulary.text(kept) if self.vocabulary else None
        return Sample(self.variable.name, kept, begun - self.hidden, text, len(ends) > 0, score)


def settings_for(net: Drawable, given: Mapping[str, Any]) -> SampleSettings:
    """The settings of the spec's `sample` block, with what a caller gives. Raises NetcError for what does not fit."""
    reporter = Reporter()
    settings = override(net.session.sample_settings(net.name), given, reporter)
    if reporter.failed:
        raise NetcError(*reporter.problems)
    return settings


def repeated(samples: Samples, count: int) -> Samples:
    """Every sample so many times."""
    places = np.repeat(np.arange(samples.batch), count)
    arrays: dict[str, Array | Ragged] = {n: a[places] if isinstance(a, Ragged) or a.ndim else a for n, a in samples.arrays.items()}
    return Samples(arrays, len(places), {n: v[places] for n, v in samples.lengths.items()})


def _padded(v: Variable, prompt: Array, points: int, batch: int) -> Array:
    rest = tuple(a.points() for a in v.axes[1:])
    low = v.classes.first if v.classes is not None else 0
    row = np.full((points, *rest), low, prompt.dtype if len(prompt) else np.float64)
    row[: len(prompt)] = prompt[:points]
    return np.broadcast_to(row, (batch, *row.shape))
