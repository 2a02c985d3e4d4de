"""Find all problems of specs and show their sizes and counts."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence

import click
import netc
from netc.compiler.counting.model import Report
from netc.compiler.diagnostics.error import MissingError
from netc.compiler.diagnostics.model import Problem, Severity
from netc.compiler.diagnostics.render import concise, github
from netc.compiler.pipeline import whole_request
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.plan.describe import general_path
from netc.compiler.schedule.describe import done_to, outline
from netc.compiler.source.text import Span
from netc.compiler.statements.expressions import Kind
from netc.runtime.cli._nets import picked
from netc.runtime.cli._sizes import lengths_of, sizes
from netc.runtime.cli.output import bytes_text, fitting, show_problems, table
from netc.runtime.train.beforehand import beforehand

_LANES = 16  # numbers in a vector, of which the space of a compiled step depends a little: those of AVX-512


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--net", help="Only this net, where the file has several.")
@click.option("-D", "define", multiple=True, metavar="NAME=N", help="Set a size that the spec declares with `dim`.")
@click.option("--batch", type=click.IntRange(1), help="Batch size for the memory estimate (default: that of `train`, else 64).")
@click.option("--length", multiple=True, metavar="T=N", help="At which length of the samples to count (default 50).")
@click.option("--format", "form", type=click.Choice(["table", "concise", "json", "github"]), default="table", help="How problems and counts are shown.")
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option("--expect", multiple=True, metavar="COUNT=N", help="Fail unless params, connections or macs is N.")
@click.option("--plan", is_flag=True, help="Show what is computed at once, what along which axis, and the space it takes.")
def command(
    files: tuple[str, ...], net: str | None, define: tuple[str, ...], batch: int | None, length: tuple[str, ...], form: str,
    as_json: bool, expect: tuple[str, ...], plan: bool,
) -> int:  # fmt: skip
    """Find all problems of specs and show their sizes and counts."""
    expected = sizes(expect)
    for name in expected:
        if name not in ("params", "connections", "macs"):
            raise click.UsageError(f"`--expect` takes params, connections or macs, not `{name}`.")
    form = "json" if as_json else form
    if plan and form != "table":
        raise click.UsageError("`--plan` is a text for people: it goes with `--format table`.")
    documents: list[dict[str, object]] = []
    failed = missing = False
    for file in files:
        try:
            spec = netc.load(file, sizes(define))
        except MissingError as error:
            documents.append({"file": file, **Report(net="", problems=error.problems).to_dict()})
            _problems(error.problems, form)
            missing = True
            continue
        nets = (picked(spec, net).net,) if net is not None else spec.nets
        lengths = lengths_of(length, [spec[name] for name in nets]) if length else {}
        begun = time.perf_counter()
        reports = [spec[name].check(_batch(spec, name, batch), lengths) for name in nets] or [spec.check()]
        seconds = time.perf_counter() - begun
        problems = spec.session.problems
        wrong = any(p.severity is Severity.ERROR for p in problems)
        failed = failed or wrong
        if form == "json":
            documents += [{"file": file, **r.to_dict()} for r in reports]
        else:
            if form == "table":
                for report in reports:
                    if report.rows and report.net:
                        click.echo(report_table(file, report, seconds / len(reports)))
                if not spec.nets and spec.session.readable:
                    click.echo(library_table(file, reports[0], seconds))
            _problems(problems, form, spec.session.unchecked)
        if wrong:
            continue
        for report in reports:
            failed = _unexpected(report, expected) or failed
            if plan and report.net:
                _show_plan(spec, report, _batch(spec, report.net, batch))
        notes = beforehand(spec, file, nets) if form == "table" else ()
        if notes:
            click.echo("\n".join(fitting(note, 1) for note in notes) + "\n")
    if form == "json":
        json.dump(documents[0] if len(documents) == 1 else documents, sys.stdout, indent=2)
        click.echo()
    return 1 if failed else 3 if missing else 0


def _batch(spec: netc.Spec, net: str, given: int | None) -> int:
    """What is asked for; else what the net is trained with, where the file says."""
    session = spec.session
    return given or (session.settings(net).batch if session.block("train", net) is not None else 64)


def _problems(problems: tuple[Problem, ...], form: str, unchecked: tuple[Span, ...] = ()) -> None:
    if form == "concise":
        for p in problems:
            click.echo(concise.render(p))
    elif form == "github":
        for p in problems:
            click.echo(github.render(p))
    elif form == "table":
        show_problems(problems, unchecked=unchecked, counted=True)


def _unexpected(report: Report, expected: dict[str, int]) -> bool:
    if expected and not report.net:
        click.echo("no net: nothing is counted", err=True)
        return True
    wrong = {k: n for k, n in expected.items() if getattr(report, k) != n}
    for k, n in wrong.items():
        click.echo(f"{report.net}: expected {n:,} {k}, found {getattr(report, k):,}", err=True)
    return bool(wrong)


def _show_plan(spec: netc.Spec, report: Report, batch: int) -> None:
    """What is computed at once and what along which axis; what was done for that; what has no fast form."""
    from netc.compiler.kernels import Kernels  # loaded where it is asked for

    per = spec.session.settings(report.net).per
    elaborated = spec.session.elaborate(report.net, True, per)
    if elaborated is None:
        return
    sizes = Sizes(batch, report.lengths)
    compiled = spec.session.compile(report.net, whole_request(elaborated).at(sizes), per)
    leaves = elaborated.leaves(Kind.PARAMETER), elaborated.leaves(Kind.STATE)
    plan = make_plan(compiled.schedule, compiled.program, sizes, "float32", *leaves)
    kernel = Kernels(compiled.schedule, compiled.program, "float32", *leaves).at(sizes, 1, _LANES)
    space = f"space for values: {bytes_text(plan.arena)} on NumPy, {bytes_text(kernel.plan.arena)} compiled (native, one thread)"
    done = done_to("what saves time", compiled.program.notes)
    parts = (outline(compiled.schedule), done, done_to("slow on NumPy", general_path(plan)), space)
    shown = "\n\n".join(_indented(p) for p in parts if p)
    click.echo(f"{report.net}{': one training step' if elaborated.loss else ''}\n{shown}\n")


def _indented(part: str) -> str:
    """Lines one to the right; on a terminal what does not fit goes on below where its last column begins."""
    lines = part.split("\n")
    column = max(line.rfind("   ") + 3 for line in lines)
    return "\n".join(fitting(f" {line}".rstrip(), column + 1) for line in lines)


def report_table(file: str, report: Report, seconds: float) -> str:
    """The table of one net, and how long it took to check."""

    def count(n: int | None) -> str:
        return "–" if n is None else f"{n:,}"

    rows = [(r.name, r.what, r.output, count(r.params), count(r.connections), count(r.macs)) for r in report.rows]
    least = "≥ " if report.partial else ""
    params, connections, macs = (f"{least}{n:,}" for n in (report.params, report.connections, report.macs))
    rows.append(("total", "partial" if report.partial else "", "", params, connections, macs))
    head = f"{file}  net {report.net}"
    shown = table(("name", "what", "output", "params", "connections", "MACs"), rows, (3, 4, 5), (len(rows) - 1,), elastic=1)
    width = max(len(line) for line in shown.split("\n"))
    basis = ", ".join(["batch B", *(f"{n} = {k}" for n, k in report.lengths.items()), "float32"])
    right = basis if len(head) + len(basis) + 2 <= width or not sys.stdout.isatty() else ""
    memory = report.memory
    at = "".join(f", {n} = {k}" for n, k in report.lengths.items())
    how = "planned" if memory.planned else f"estimated{at}"
    foot = f" memory  weights {bytes_text(memory.weights)} · training with B={memory.batch} about {bytes_text(memory.training)} ({how})"
    loss = "" if report.loss or report.partial or report.unchecked else fitting(" note    no loss: nothing can be trained from this (`y ~ ...` or `loss name = ...` says what to make small)", 9) + "\n"
    alone = fitting(f" alone   no net applies {_listed(report.alone)}: checked by {'itself' if len(report.alone) == 1 else 'themselves'}", 9) + "\n" if report.alone else ""
    return f"{head}{right:>{max(width - len(head), len(right) + 2)}}".rstrip() + f"\n\n{shown}\n{fitting(foot, 9)}\n{alone}{loss} time    checked in {seconds:.2f} s\n"


def library_table(file: str, report: Report, seconds: float) -> str:
    """What a file without a net declares, and how long it took to check."""
    head = f"{file}  no net: each layer and function is checked by itself" if report.rows else f"{file}  no net, and no layer"
    rows = [(r.name, r.what, r.output) for r in report.rows]
    shown = f"\n{table(('name', 'what', 'output'), rows, (), elastic=1)}\n" if rows else ""
    note = fitting(" note    sizes and parameters are counted where a net applies a layer", 9) + "\n" if rows else ""
    return f"{fitting(head, 1)}\n{shown}{note} time    checked in {seconds:.2f} s\n"


def _listed(names: Sequence[str]) -> str:
    """`a`, `b` and `c`; of many the first few."""
    most = [f"`{n}`" for n in names[:6]] + ([f"{len(names) - 6} more"] if len(names) > 6 else [])
    return " and ".join([", ".join(most[:-1]), most[-1]] if most[1:] else most)
