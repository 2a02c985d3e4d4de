"""Pages that netc writes itself: `<!-- generated: problems -->` in a page becomes the Markdown of that name."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable

import click
from netc.compiler.checking import check_text
from netc.compiler.diagnostics.catalogue import examples, topics
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.render.text import render
from netc.compiler.settings import sources as signatures
from netc.runtime.cli import root
from netc.runtime.data.pipeline.resolve import SOURCES
from netc.runtime.data.pipeline.steps import STEPS
from sphinx.application import Sphinx

from docs.systems import markdown as systems
from docs.systems import spec_of


def problems() -> str:
    """Every problem: what `netc explain` says, and what netc says of the wrong example."""
    parts = []
    for about, found in topics().items():
        parts.append(f"## {about}\n")
        parts += [_problem(p) for p in found]
    return "\n".join(parts)


def _problem(problem: type[Problem]) -> str:
    text = inspect.cleandoc(problem.__doc__ or "").partition("Wrong:\n")[0].rstrip()
    example = examples(problem)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", problem.__name__).lower()
    parts = [f"({problem.code})=\n### {problem.code} {words}\n", text.replace("$", "\\$"), ""]
    if example.wrong:
        shown = [p for p in check_text(example.wrong) if p.code == problem.code][:1]
        parts += [_code("net", example.wrong), *(_code("text", render(p, width=92)) for p in shown)]
    if example.right:
        parts += ["Right:\n", _code("net", example.right)]
    return "\n".join(parts)


def _code(language: str, text: str) -> str:
    return f"```{language}\n{textwrap.dedent(text).rstrip()}\n```\n"


def commands() -> str:
    """Every command with its arguments and options, as `--help` tells them."""
    context = click.Context(root, info_name="netc")
    parts = []
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        usage = " ".join(command.collect_usage_pieces(inner))
        parts.append(f"## netc {name}\n\n{inspect.cleandoc(command.help or '')}\n\n```text\nnetc {name} {usage}\n```\n")
        rows = [_option(p, inner) for p in command.get_params(inner) if isinstance(p, click.Option)]
        parts.append("| option | does |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _option(option: click.Option, context: click.Context) -> str:
    names, text = option.get_help_record(context) or ("", "")
    return f"| `{names.replace('|', chr(0x2223))}` | {text.replace('|', chr(92) + '|')} |"


def large_nets() -> str:
    """The nets for pictures of 224 x 224: parameters, and multiply-adds for one of them."""
    rows = ["| net | parameters | multiply-adds | weights |", "|---|--:|--:|--:|"]
    for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "vgg16", "alexnet"):
        report = spec_of(f"vision/{name}.net").check()
        macs, weights = report.macs / 1e9, report.memory.weights / 2**20
        rows.append(f"| `vision/{name}.net` | {report.params:,} | {macs:.2f} · 10⁹ | {weights:.0f} MiB |")
    return "\n".join(rows) + "\n"


def sources() -> str:
    """The data sources and steps, with all that their own documentation says."""
    parts = []
    for title, functions, taken in (("Sources", SOURCES, signatures.SOURCES), ("Steps", STEPS, signatures.STEPS)):
        parts.append(f"## {title}\n")
        for name, function in functions.items():
            words = (inspect.getdoc(function) or "").replace("$", "\\$").replace("<", "\\<").replace("*", "\\*")
            parts.append(f"### {name}\n\n```text\n{taken[name].usage(name)}\n```\n\n{_code_kept(words)}\n")
    return "\n".join(parts)


def _code_kept(text: str) -> str:
    """Nothing is escaped inside code."""
    return re.sub(r"`[^`]*`", lambda m: m[0].replace("\\", ""), text)


GENERATED: dict[str, Callable[[], str]] = {
    "problems": problems,
    "commands": commands,
    "systems": systems,
    "large_nets": large_nets,
    "sources": sources,
}


def replace_marks(app: Sphinx, page: str, source: list[str]) -> None:
    """Called by Sphinx with the text of each page."""
    source[0] = re.sub(r"<!-- generated: (\w+) -->", lambda m: GENERATED[m[1]](), source[0])
