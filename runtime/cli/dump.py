"""Print what a net becomes: statements, gradients, schedule, plan or C."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
import netc
from netc.compiler.elaborate.model import Elaborated
from netc.compiler.kernels import Kernels
from netc.compiler.kernels.c import definitions, header
from netc.compiler.pipeline import Compiled, whole_request
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.plan.model import Loop, Step
from netc.compiler.schedule.describe import listing
from netc.compiler.statements.expressions import Kind
from netc.compiler.statements.print import program
from netc.runtime.backends.native import lanes_of, toolchain
from netc.runtime.backends.native.toolchain import Toolchain
from netc.runtime.cli._nets import picked
from netc.runtime.cli._sizes import lengths_of, sizes


@click.command()
@click.argument("file")
@click.option("--net", help="Which net, where the file has several.")
@click.option("--stage", type=click.Choice(["statements", "gradients", "schedule", "plan", "c"]), default="statements", show_default=True, help="What it has become by then.")
@click.option("--batch", type=click.IntRange(1), default=64, show_default=True, help="For the plan and the C text.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="For the C text.")
@click.option("--runtime", is_flag=True, help="The C text with the functions that it calls.")
@click.option("--length", multiple=True, metavar="T=N", help="A length of the samples, for the plan.")
@click.option("-D", "define", multiple=True, metavar="NAME=N", help="Set a size that the spec declares with `dim`.")
def command(
    file: str, net: str | None, stage: str, batch: int, threads: int, runtime: bool, length: tuple[str, ...], define: tuple[str, ...]
) -> int:
    """Print what a net becomes: statements, gradients, schedule, plan or C.

    The C text is that of one training step on this machine, compiled as it stands by `--backend native`.
    """
    spec = netc.load(file, sizes(define))
    spec = picked(spec, net)
    report = spec.check(batch, lengths_of(length, [spec]))
    elaborated = spec.elaborated()
    compiled = spec.session.compile(spec.net, whole_request(elaborated, gradients=stage != "statements").at(Sizes(batch, report.lengths)), spec.per)
    if stage in ("statements", "gradients"):
        click.echo(program(compiled.program))
    elif stage == "schedule":
        click.echo(listing(compiled.schedule))
    elif stage == "c":
        click.echo(_c_text(compiled, elaborated, Sizes(batch, report.lengths), threads, runtime), nl=False)
    else:
        plan = make_plan(
            compiled.schedule, compiled.program, Sizes(batch, report.lengths), "float32", elaborated.leaves(Kind.PARAMETER), elaborated.leaves(Kind.STATE)
        )
        for k, line in enumerate(_steps(plan.steps, 0)):
            click.echo(f"{k:>5} {line}")
        click.echo(f"arena {plan.arena:,} bytes, {len(plan.steps):,} steps")
    return 0


def _c_text(compiled: Compiled, elaborated: Elaborated, sizes: Sizes, threads: int, runtime: bool) -> str:
    """As this machine would compile it; where it has no compiler, as one with narrow vectors would."""
    tools = toolchain.find()
    leaves = elaborated.leaves(Kind.PARAMETER), elaborated.leaves(Kind.STATE)
    lanes = lanes_of(tools, "float32") if isinstance(tools, Toolchain) else 4
    kernel = Kernels(compiled.schedule, compiled.program, "float32", *leaves).at(sizes, threads, lanes)
    return kernel.source + definitions() if runtime else kernel.source.removeprefix(header(32)).lstrip("\n")


def _steps(steps: Sequence[Step], depth: int) -> Iterator[str]:
    """One line for each step; those of a loop below it."""
    for step in steps:
        kind = "  " * depth + type(step).__name__
        if isinstance(step, Loop):
            yield f"{kind} {step.count} times"
            yield from _steps(step.steps, depth + 1)
            continue
        origin = getattr(step, "origin", None)
        out = getattr(step, "out", None)
        shape = "×".join(map(str, out.shape)) if out is not None else ""
        yield f"{kind:<12} {getattr(step, 'function', ''):<12} {shape:<20} {origin.name if origin else ''}"
