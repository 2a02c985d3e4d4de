"""Print what a net becomes: equations, statements, gradients, schedule or plan."""

from __future__ import annotations

import click
import netc
from netc.compiler.plan import Sizes, make_plan
from netc.compiler.rewrites import Wanted
from netc.compiler.session import Request
from netc.compiler.statements.expressions import Kind
from netc.compiler.statements.print import program, statement
from netc.runtime.cli.check import sizes


@click.command()
@click.argument("file")
@click.option("--net")
@click.option("--stage", type=click.Choice(["statements", "gradients", "schedule", "plan"]), default="statements", show_default=True)
@click.option("--batch", type=click.IntRange(1), default=64, show_default=True, help="For the plan.")
@click.option("-D", "define", multiple=True, metavar="NAME=N")
def command(file: str, net: str | None, stage: str, batch: int, define: tuple[str, ...]) -> int:
    """Print what a net becomes: statements, gradients, schedule or plan."""
    spec = netc.load(file, sizes(define))
    spec = spec[net] if net else spec
    spec.check()
    spec.raise_errors()
    elaborated = spec.session.elaborate(spec.net)
    assert elaborated is not None
    names = tuple(v.name for v in elaborated.leaves(Kind.PARAMETER)) if elaborated.loss is not None and stage != "statements" else ()
    wanted = Wanted() if elaborated.loss is not None else Wanted(False, names=tuple(r.name for r in elaborated.rows if r.variable is not None))
    compiled = spec.session.compile(spec.net, Request(True, wanted, names))
    if stage in ("statements", "gradients"):
        click.echo(program(compiled.program))
    elif stage == "schedule":
        click.echo("\n".join(statement(s) for s in compiled.schedule.items))
    else:
        plan = make_plan(
            compiled.schedule, compiled.program, Sizes(batch), "float32", elaborated.leaves(Kind.PARAMETER), elaborated.leaves(Kind.STATE)
        )
        for k, step in enumerate(plan.steps):
            origin = getattr(step, "origin", None)
            out = getattr(step, "out", None)
            shape = "×".join(map(str, out.shape)) if out is not None else ""
            click.echo(f"{k:>5} {type(step).__name__:<12} {getattr(step, 'function', ''):<12} {shape:<20} {origin.name if origin else ''}")
        click.echo(f"arena {plan.arena:,} bytes, {len(plan.steps):,} steps")
    return 0
