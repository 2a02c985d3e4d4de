"""Imports point down: no module imports from above its own layer."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
if not (ROOT / "compiler").is_dir():
    pytest.skip("only in a checkout", allow_module_level=True)

# Lowest first. `elaborate.model` is the result that the stages behind it read.
LAYERS = [
    "grammar", "specs", "compiler.source", "compiler.diagnostics", "compiler.syntax", "compiler.statements", "compiler.functions",
    "compiler.settings",
    "compiler.elaborate.model", "compiler.elaborate.module", "compiler.elaborate.roles", "compiler.elaborate.values", "compiler.elaborate.ranges",
    "compiler.elaborate.made", "compiler.elaborate.scope", "compiler.elaborate.left", "compiler.elaborate.misapplied", "compiler.elaborate.arrays", "compiler.elaborate.layers",
    "compiler.elaborate.expressions", "compiler.elaborate.declarations", "compiler.elaborate.recurrences", "compiler.elaborate.judging",
    "compiler.elaborate.equations", "compiler.elaborate.likelihoods", "compiler.elaborate",
    "compiler.counting", "compiler.drawing", "compiler.variants", "compiler.rewrites", "compiler.gradients", "compiler.explaining", "compiler.schedule", "compiler.alone",
    "compiler.plan", "compiler.kernels.c", "compiler.kernels.language", "compiler.kernels.matrices",
    "compiler.kernels.sharing", "compiler.kernels.nests", "compiler.kernels", "compiler.pipeline", "compiler.session", "compiler.checking", "compiler", "runtime.backends", "runtime.charts", 
    "runtime.data.fields", "runtime.data.formats", "runtime.data.seeded", "runtime.data.sources", "runtime.data.pipeline", "runtime.data.binding",
    "runtime.data.feeding", "runtime.data", "runtime.model", "runtime.train",
    "runtime.inspect", "runtime.api", "runtime.cli",
]  # fmt: skip
ENTRY = {"runtime.api.__main__"}  # the entry point starts the command line


def layer(module: str) -> int:
    found = [k for k, name in enumerate(LAYERS) if module == name or module.startswith(name + ".")]
    return max(found, key=lambda k: len(LAYERS[k]))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("netc."):
            yield node.module.removeprefix("netc.")
        elif isinstance(node, ast.ImportFrom) and node.module == "netc" or isinstance(node, ast.Import) and any(a.name == "netc" for a in node.names):
            names = [a.name for a in node.names]
            yield from (n for n in names if n in ("grammar", "specs", "compiler"))
            if isinstance(node, ast.Import):
                yield "runtime.api"


def modules() -> list[tuple[str, Path]]:
    found = []
    for folder in ("grammar", "compiler", "runtime", "specs"):
        for path in (ROOT / folder).rglob("*.py"):
            found.append((".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path))
    return found


def test_imports_point_down() -> None:
    wrong = []
    for module, path in modules():
        if module in ENTRY or module in ("runtime", "compiler"):
            continue
        wrong += [f"{module} imports {name}" for name in imports(path) if layer(name) > layer(module)]
    assert not wrong, "\n".join(wrong)


def test_the_compiler_has_no_arrays_and_no_files() -> None:
    forbidden = {"numpy", "os", "pathlib", "io", "urllib", "subprocess"}
    wrong = []
    for module, path in modules():
        if not module.startswith("compiler"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            wrong += [f"{module} imports {n}" for n in names if n.split(".")[0] in forbidden]
    assert not wrong, "\n".join(wrong)
