"""The loop language: loops, conditions and lines. What a line says is an assignment or a call of the runtime."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field


@dataclass
class Line:
    """One statement, without its semicolon."""

    text: str


@dataclass
class Store:
    """An assignment to memory; it goes where nobody loads from `name`."""

    name: str
    text: str


@dataclass
class Comment:
    text: str


@dataclass
class Loop:
    """`index` from `lo` to `hi`, both included. `vector`: turns do not depend on each other."""

    index: str
    lo: str
    hi: str
    body: list[Node] = field(default_factory=list)
    vector: bool = False
    down: bool = False
    step: str = ""
    unroll: bool = False
    reduces: tuple[str, ...] = ()  # what the turns add up or compare, as OpenMP names it: `+:total`


@dataclass
class If:
    condition: str
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] = field(default_factory=list)


@dataclass
class Scope:
    """Names declared inside end with it."""

    body: list[Node] = field(default_factory=list)


Node = Line | Store | Comment | Loop | If | Scope


def print_c(nodes: Sequence[Node], depth: int = 1) -> list[str]:
    """As lines of C."""
    pad = "    " * depth
    lines: list[str] = []
    for node in nodes:
        match node:
            case Line() | Store():
                lines.append(f"{pad}{node.text};")
            case Comment():
                lines.append(f"{pad}// {node.text}")
            case If():
                lines += [f"{pad}if ({node.condition}) {{", *print_c(node.body, depth + 1)]
                lines += [f"{pad}}} else {{", *print_c(node.otherwise, depth + 1)] if node.otherwise else []
                lines.append(f"{pad}}}")
            case Scope():
                lines += [f"{pad}{{", *print_c(node.body, depth + 1), f"{pad}}}"]
            case Loop():
                i = node.index
                if node.reduces:
                    clauses = " ".join(f"reduction({r})" for r in node.reduces)
                    lines.append(f'{pad}_Pragma("omp simd {clauses}")')
                elif node.vector or node.unroll:
                    lines.append(f"{pad}{'EACH' if node.unroll else 'INDEPENDENT'}")
                start, test, step = (node.hi, f">= {node.lo}", "--") if node.down else (node.lo, f"<= {node.hi}", "++")
                head = f"for (long {i} = {start}; {i} {test}; {i}{f' += {node.step}' if node.step else step})"
                lines += [f"{pad}{head} {{", *print_c(node.body, depth + 1), f"{pad}}}"]
    return lines


def without_stores(nodes: Sequence[Node], loaded: Container[str]) -> list[Node]:
    """Only what somebody reads is stored."""
    kept: list[Node] = []
    for node in nodes:
        if isinstance(node, Store) and node.name not in loaded:
            continue
        if isinstance(node, Loop | If | Scope):
            node.body[:] = without_stores(node.body, loaded)
            if not any(not isinstance(n, Comment) for n in node.body):
                continue
        kept.append(node)
    return kept
