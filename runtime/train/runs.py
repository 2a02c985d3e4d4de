"""Runs on disk, and training from a spec: what `netc train` and `netc.train` do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from netc.compiler.checking import training_problems
from netc.compiler.counting.report import make_tally
from netc.compiler.diagnostics.error import DivergedError, NetcError
from netc.compiler.diagnostics.problems.settings import SettingUnfit
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.session import nothing
from netc.compiler.settings import Origin, TrainSettings, read_settings
from netc.compiler.source.text import Source, Span, typed
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend
from netc.runtime.charts.model import Axis, Lines
from netc.runtime.charts.notebook import fragment
from netc.runtime.data.binding.bind import Labels, bind
from netc.runtime.data.binding.given import arrays_given
from netc.runtime.data.fields.model import Splits
from netc.runtime.data.pipeline.resolve import resolve
from netc.runtime.model.net import Net
from netc.runtime.model.spec import Spec
from netc.runtime.train.evaluation import Evaluation, evaluate, summary
from netc.runtime.train.folders import begin_folder, fitting, schedule_text, spec_hash, spec_of, write_report
from netc.runtime.train.progress import Progress
from netc.runtime.train.restarts import Attempt, Keeper, Trainings
from netc.runtime.train.trainer import Outcome, Position
from netc.runtime.train.weights import Loaded


@dataclass(repr=False)
class Run:
    """A finished (or interrupted) training."""

    net: Net  # with the best parameters by the validation part, or the last where there is none
    settings: TrainSettings
    data: Splits  # its parts, bound to the inputs of the net
    outcome: Outcome
    folder: Path | None = None  # where it is kept
    labels: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()  # one for each seed that was tried to the end
    loaded: Loaded | None = None  # what became of the weights that it began with

    @property
    def winner(self) -> Attempt | None:
        """Of several trainings the one whose parameters the net has; None where there was only one."""
        found = [a for a in self.attempts if a.position == vars(self.outcome.position)]
        return found[0] if len(self.attempts) > 1 and found else None

    @property
    def history(self) -> list[dict[str, Any]]:
        """One entry for each epoch: `epoch`, `step`, `loss`, and of the validation part `validation_loss` and its metrics. Losses of likelihoods are in nats."""
        return self.outcome.history

    @property
    def test(self) -> Evaluation | None:
        """The test part, evaluated with the best parameters, or the last where there is no validation part."""
        return self.outcome.test

    def _repr_html_(self) -> str:
        """The losses over the epochs and the result, in a notebook."""
        found = {k: np.array([float(e.get(k, np.nan)) for e in self.history]) for k in ("loss", "validation_loss")}
        series = tuple((k.replace("_", " "), v) for k, v in found.items() if np.isfinite(v).any())
        chart = Lines(self.net.name, series, Axis("epoch", 1), "loss", log=all((v[np.isfinite(v)] > 0).all() for _, v in series))
        return fragment(self._told(), (chart,) if series else ())

    def __repr__(self) -> str:
        return f"<run of {self.net.name}: {self._told()}>"

    def _told(self) -> str:
        result = f" · test {summary(self.test, self.labels)}" if self.test is not None else ""
        epochs = len(self.history)
        return f"{self.data.name} · {epochs} {'epoch' if epochs == 1 else 'epochs'} · {self.outcome.reason}{result}"

    def evaluate(self, part: str = "test") -> Evaluation:
        """Loss, metrics and confusions of a part of the data: `train`, `validation`, `test` or `all`. Raises KeyError for a part that is not there."""
        found = self.data.judged(part)
        if not found:
            raise KeyError(f"the data has no part `{part}`; it has {', '.join(self.data.parts())}")
        return evaluate(self.net, found, streams=streams_of(self.settings))


def settings_of(
    spec: Spec, overrides: Mapping[str, str] | None = None, environment: Mapping[str, str] | None = None, caller: str = "command line"
) -> TrainSettings:
    """The settings of a net with what the caller and the environment override. Raises NetcError where they are wrong."""
    reporter = Reporter()
    settings = read_settings(spec.session.block("train", spec.net), overrides or {}, reporter, environment, caller)
    if reporter.failed:
        raise NetcError(*reporter.problems)
    return settings


def streams_of(settings: TrainSettings) -> int | None:
    """As how many streams a text is evaluated: as it was trained; None where its windows are samples of their own."""
    return settings.batch if settings.bptt is not None else None


def data_of(
    spec: Spec, settings: TrainSettings, net: Net, given: str | Mapping[str, Any] | None, labels: Labels | None = None, before: str | None = None
) -> Splits:
    """The data, bound to the net's inputs: from the setting, a name or a path, or arrays by input name.

    `labels` are those of a run by input: other data than the run's takes their numbers. `before` named the run's data.
    """
    span = settings.data.span if settings.data is not None else typed("spec", "data")
    if isinstance(given, Mapping):
        splits = arrays_given(given, net.inputs)
    else:
        splits = resolve(settings.data, folder=spec.folder, seed=settings.seed, replace=given, before=before, all_symbols=labels is not None)
        if given is not None:
            span = Span(Source("command line", f"--data {given}"), 7, 7 + len(given))
    return bind(splits, net.inputs, span, labels)


def train(
    spec: Spec | None = None, *, net: Net | None = None, data: str | Mapping[str, Any] | None = None, out: str | Path | None = None,
    resume: str | Path | None = None, progress: Progress | None = None, device: str = "auto",
    backend: str | Choice = "auto", shuffle: bool = True, settings: TrainSettings | None = None, **more: Any,
) -> Run:  # fmt: skip
    """Train a spec, or go on with a net that was built. The net of the run has the best parameters by the validation part, or the last.

    `data` is a source as a spec names it, a path, or arrays by input name: the samples as their first axis (or a list of arrays, where
    they differ in length), then the axes of the input; classes are whole numbers. Further keywords are settings (`epochs=20`,
    `lr=0.01`, `time_limit=60`, in seconds), as Python values or as texts of the language; `settings` gives all of them at once.

    With `out` the run is kept in a folder; `resume` goes on with one, bit for bit, with its own spec, settings and data where none are
    given. `progress` is told of each step (`Progress`); `shuffle=False` keeps the samples in their order.

    Raises NetcError for what is wrong with spec, settings or data, MissingError where a file or a device is not there, DivergedError
    where a number becomes infinite or undefined.

    >>> spec = netc.parse("net Xor:\\n    input x: real[2]\\n    input y: class(2)\\n"
    ...                   "    y ~ softmax(x -> Dense(8, act=tanh) -> Dense(2))\\n")
    >>> run = netc.train(spec, data="xor", epochs=30, optimizer="adam(0.03)")
    >>> len(run.history), run.test.metrics["error"] < 0.05
    (30, True)
    """
    begun, chosen, data = _asked(spec, net, data, resume, settings, more)

    def build(seed: int) -> Net:
        return begun.build(backend, device, chosen.precision, seed)

    first = net if net is not None else build(chosen.seed)
    if progress is not None and isinstance(first.backend, NativeBackend):
        first.backend.say = _once(progress.say)
    splits = data_of(begun, chosen, first, data)
    folder = Path(resume) if resume else Path(out) if out else None
    own = {"spec": begun.text, "spec_sha256": spec_hash(begun.text), "net": begun.net, "schedule": schedule_text(chosen.optimizer.rate)}
    keeper = Keeper(folder, own)
    trainings = Trainings(begun, chosen, splits, keeper, build, first, progress, shuffle)

    def ready() -> None:
        if folder is not None and not resume:
            begin_folder(folder, begun, chosen, first, splits, data)
        _announce(progress, begun, first, splits, chosen, folder)

    started = time.monotonic()
    try:
        outcome = trainings.run(fitting(Path(resume), "last", begun) if resume else None, ready)
    except DivergedError:
        if folder is not None and trainings.trainer is not None:
            write_report(folder, _ended("diverged", time.monotonic() - started, trainings.trainer.position, trainings.trainer.history))
        raise
    trained, labels = trainings.net, {f.name: f.labels for f in splits.train.fields}
    trained.labels = dict(labels)
    run = Run(trained, chosen, splits, outcome, folder, labels, tuple(keeper.done), trainings.loaded)
    if outcome.reason != "interrupted":
        _finish(run, keeper, time.monotonic() - started)
    return run


def _asked(
    spec: Spec | None, net: Net | None, data: str | Mapping[str, Any] | None, resume: str | Path | None, settings: TrainSettings | None,
    more: Mapping[str, Any],
) -> tuple[Spec, TrainSettings, str | Mapping[str, Any] | None]:  # fmt: skip
    """What is to be trained, how, and on what; a run that goes on has its own where the caller gives none."""
    texts = {k: v if isinstance(v, str) else _as_text(v) for k, v in more.items() if v is not None}
    if resume is not None:
        begun, facts = spec_of(resume)
        spec = spec or begun
        data = facts["data_argument"] if data is None else data
        texts = {**facts["given"], **(dict(settings.given) if settings else {}), **texts}
        settings = None
    if spec is None:
        if net is None:
            raise TypeError("train needs a spec, a net that was built, or a run to resume")
        spec = Spec(net.session, nothing, Path("."), net.name)
    chosen = settings or settings_of(spec, texts, caller="Python")
    unfit = training_problems(spec.session, spec.net, chosen)
    if unfit:
        raise NetcError(*unfit)
    if net is not None and chosen.restarts > 1:
        raise NetcError(SettingUnfit(typed("settings", "restarts"), "restarts", str(chosen.restarts), "1 with a net that was built", "restarts=1"))
    return spec, chosen, data


def _finish(run: Run, keeper: Keeper, seconds: float) -> None:
    """The best parameters (without a validation part the last), and what they come to on the test part."""
    run.outcome = replace(keeper.winner().outcome(seconds), pace=run.outcome.pace)
    if keeper.best is not None:
        run.net.restore(keeper.best.tensors)
    if run.data.test is not None:
        run.outcome.test = run.evaluate()
    if run.folder is not None:
        write_report(run.folder, _ending(run))


def _ended(reason: str, seconds: float, at: Position, history: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "reason": reason, "seconds": round(seconds, 3), "epochs": at.epoch, "steps": at.step, "best_epoch": at.best_epoch, "history": history,
    }  # fmt: skip


def _ending(run: Run) -> dict[str, Any]:
    """How a run ended, as facts."""
    facts = _ended(run.outcome.reason, run.outcome.seconds, run.outcome.position, run.history)
    if run.winner is not None:
        facts["seed"] = run.winner.seed
        facts["restarts"] = [{"seed": a.seed, "reason": a.reason, "best": a.best, "best_epoch": a.position["best_epoch"]} for a in run.attempts]
    if run.test is not None:
        facts["test"] = {"size": run.test.size, "loss": run.test.loss, **run.test.metrics}
        if run.test.text is not None:
            facts["test"]["perplexity"] = run.test.perplexity
    return facts


def _announce(progress: Progress | None, spec: Spec, net: Net, splits: Splits, settings: TrainSettings, folder: Path | None) -> None:
    if progress is None:
        return
    elaborated = spec.session.elaborate(spec.net, True, net.per)
    assert elaborated is not None, "what is trained was built"
    count = make_tally(elaborated, 1, {}).parameters("")
    progress.say(f"{spec.net}  {count:,} parameters · {splits.statement or splits.name} · {net.choice}")
    say_notes(progress, splits, settings)
    if folder is not None:
        progress.say(f"run {folder}  (stop any time with Ctrl-C: it saves)")


def _once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Says nothing twice: that something is compiled need not be told of each program."""
    said: set[str] = set()

    def one(text: str) -> None:
        if text not in said:
            said.add(text)
            say(text)

    return one


def say_notes(progress: Progress, splits: Splits, settings: TrainSettings) -> None:
    """What the readers of the data think should be known, and what the data make of some settings."""
    for note in (*splits.notes, *_altered(settings, splits)):
        progress.say(f"note: {note}")


def _altered(settings: TrainSettings, splits: Splits) -> Iterator[str]:
    samples = splits.train.size
    if settings.batch > samples and settings.bptt is None and settings.origins.get("batch", Origin("default")).source != "default":
        yield f"`batch = {settings.batch}` is more than the {samples:,} samples for training: each step takes all of them"
    if settings.patience is not None and splits.validation is None:
        yield f"`patience = {settings.patience}` looks at the loss of training: the data have no part for validation"


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value)
