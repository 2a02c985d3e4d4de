"""Time a training step on each backend."""

from __future__ import annotations

import json

import click
import netc
from netc.compiler.diagnostics.error import MissingError
from netc.compiler.settings.model import PRECISIONS
from netc.runtime.backends.choose import BACKENDS, Choice, choose
from netc.runtime.backends.native import NativeBackend
from netc.runtime.backends.native.timed import measured_peak
from netc.runtime.cli._backend import native_options
from netc.runtime.cli._nets import picked
from netc.runtime.cli._peers import compare as beside
from netc.runtime.cli._sizes import lengths_of, sizes
from netc.runtime.cli.output import table
from netc.runtime.train.shares import Share, time_equations
from netc.runtime.train.timing import Timing, time_steps

_SHOWN = 14  # shares; the others together take little


@click.command()
@click.argument("file")
@click.option("--net", help="Which net, where the file has several.")
@click.option("--backend", "backends", multiple=True, type=click.Choice(BACKENDS), help="Which backends (default: all that work here).")
@native_options
@click.option("--batch", type=click.IntRange(1), default=64, show_default=True, help="How many samples a step takes.")
@click.option("--length", multiple=True, metavar="T=N", help="A length of the samples (default 50).")
@click.option("--dtype", type=click.Choice(PRECISIONS), default="float32", show_default=True, help="The precision.")
@click.option("--seconds", type=click.FloatRange(0), default=3.0, show_default=True, help="How long each is measured.")
@click.option("-D", "define", multiple=True, metavar="NAME=N", help="Set a size that the spec declares with `dim`.")
@click.option("--compare", type=click.Choice(["torch"]), help="Also set a whole training step beside the same step in PyTorch, where benchmarks/peers has it.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
def command(
    file: str, net: str | None, backends: tuple[str, ...], threads: int | None, strict: bool, batch: int, length: tuple[str, ...], dtype: str,
    seconds: float, define: tuple[str, ...], compare: str | None, as_json: bool,
) -> int:  # fmt: skip
    """Time a training step on each backend: the loss and all gradients of random samples of the same lengths.

    The optimiser and the data are left out. The first step holds all that is prepared and compiled. Of a compiled step it says
    where the time goes: which equations, forward or backward, take which share; and how much of what the machine can do in a
    large product is reached. Operations are those of the equations as written: what is worked out once for many may exceed it.
    """
    spec = netc.load(file, sizes(define))
    spec = picked(spec, net)
    report = spec.check(batch, lengths_of(length, [spec]))
    spec.raise_errors()
    found: list[tuple[Choice, Timing]] = []
    for choice in _chosen(backends, threads, strict):
        built = spec.build(choice, dtype=dtype)
        found.append((choice, time_steps(built, batch, report.lengths, seconds)))
    work = 6 * report.macs * batch / 1e9  # a multiply-add is two operations; backwards there are twice as many
    native = next((c.backend for c, _ in found if isinstance(c.backend, NativeBackend)), None)
    peak = measured_peak(native.threads, dtype) / 1e9 if native is not None else None
    shares = time_equations(spec, native.threads, batch, report.lengths, dtype, seconds / 3, strict) if native is not None else []
    if as_json:
        rows = [_document(choice, t, work, peak) for choice, t in found]
        document = {"file": file, "net": spec.net, "batch": batch, "lengths": report.lengths, "dtype": dtype, "macs": report.macs}
        parts = [{"equations": s.equations, "way": s.way, "seconds": s.seconds, "share": s.share} for s in shares]
        click.echo(json.dumps({**document, "peak_gflops": peak, "backends": rows, "shares": parts}, indent=2))
        return 0
    basis = ", ".join([f"batch {batch}", *(f"{n} = {k}" for n, k in report.lengths.items()), dtype])
    rows_ = [
        (str(choice), f"{1000 * t.quick:,.2f} ms", f"{1000 * t.median:,.2f} ms", f"{len(t.steps):,}", f"{work / t.quick:,.1f}",
         f"{work / t.quick / peak:.0%}" if peak else "–", f"{t.first:,.2f} s")
        for choice, t in found
    ]  # fmt: skip
    head = ("backend", "p10", "median", "steps", "GFLOP/s", "of peak", "first step")
    click.echo(f"{file}  net {spec.net}: one training step, {basis}\n\n{table(head, rows_, (1, 2, 3, 4, 5, 6))}\n")
    if shares and peak is not None:
        click.echo(f"peak: {peak:,.1f} GFLOP/s, a large product by the same code\n\n{_shares(shares)}\n")
    if compare is not None:
        beside(compare, file, spec.net)
    return 0


def _chosen(asked: tuple[str, ...], threads: int | None, strict: bool) -> list[Choice]:
    """What was asked for; else all that work here."""
    if asked:
        return [choose(name, threads=threads, strict=strict) for name in asked]
    found = []
    for name in BACKENDS:
        try:
            found.append(choose(name, threads=threads, strict=strict))
        except MissingError:
            continue
    return found


def _shares(shares: list[Share]) -> str:
    """The greatest, each with a bar; what is left in one row."""
    shown = [s for s in shares if s.share >= 0.005][:_SHOWN]
    rows = [(s.title, s.way, f"{1000 * s.seconds:,.3f} ms", f"{s.share:.1%}") for s in shown]
    left = shares[len(shown) :]
    if left:
        rows.append((f"{len(left)} more", "", f"{1000 * sum(s.seconds for s in left):,.3f} ms", f"{sum(s.share for s in left):.1%}"))
    return table(("equations, as their loops are shared", "way", "a step", "share"), rows, (2, 3))


def _document(choice: Choice, t: Timing, work: float, peak: float | None) -> dict[str, object]:
    return {
        "backend": t.backend, "device": str(choice), "p10": t.quick, "median": t.median, "steps": len(t.steps), "first_step": t.first,
        "gflops": work / t.quick, "of_peak": work / t.quick / peak if peak else None,
    }  # fmt: skip
