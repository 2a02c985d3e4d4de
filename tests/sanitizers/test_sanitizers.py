"""Generated C compiles without a warning and runs clean under the sanitizers, for every spec of the zoo.

Several steps share one file behind one header: compiling that header with the sanitizers takes as long as a step. Here stands one
net of each file; `pytest -m whole tests/sanitizers` takes every net, trained and evaluated, the largest ones at their full size.
"""

from __future__ import annotations

import ctypes
import itertools
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import netc
import numpy as np
import pytest
from netc.compiler.kernels import Kernel, Kernels
from netc.compiler.kernels.c import definitions, header
from netc.compiler.pipeline import Request
from netc.compiler.plan.model import Sizes
from netc.compiler.rewrites import Wanted
from netc.compiler.schedule import Schedule
from netc.compiler.statements.program import Program
from netc.runtime.backends.backend import Blocks, Bound, Leaves
from netc.runtime.backends.choose import Choice
from netc.runtime.backends.native import NativeBackend, NativeBound, toolchain
from netc.runtime.backends.update import Updater
from netc.runtime.model.inputs import prepare
from test_specs import ALL, NETS, ROOT, SIZES, TOO_LARGE, random_inputs

pytestmark = pytest.mark.compiler

RUNNER = (Path(__file__).parent / "run_steps.c").read_text(encoding="utf-8")
WARNINGS = ("-Wall", "-Wextra", "-Werror", "-Wno-unknown-pragmas")
CLEAN = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-sanitize=null,object-size", "-g1", "-w")  # the first finds those too
RACES = ("-fsanitize=thread", "-g1", "-w")
THREADS = 2
LAST = {file: net for file, net in NETS}  # one net of each file; the others of the file are its variants
RESNETS = [f"vision/resnet{n}.net" for n in (18, 34, 50, 101, 152)]
SMALL = {**SIZES, **{f: {"S": 32} for f in RESNETS}}
IMAGES = {"vision/vgg16.net": "32", "vision/alexnet.net": "64"}  # in place of their 224, of which their asserts speak
LARGE = {*TOO_LARGE, *RESNETS}
LATER = LARGE - {"vision/resnet18.net", "vision/alexnet.net"}  # made of the layers of these and of resnet_blocks.net
FEW = ["vision/lenet5.net", "text/lstm_lm.net", "text/seq2seq_attention.net"]


def parts(nets: Sequence[tuple[str, str]], size: int = 4) -> list[list[tuple[str, str]]]:
    """Nets of one folder, a few at a time."""
    folders = [list(group) for _, group in itertools.groupby(nets, lambda n: n[0].partition("/")[0])]
    return [g[k : k + size] for g in folders for k in range(0, len(g), size)]


def named(nets: Sequence[tuple[str, str]]) -> str:
    """The files of some nets, each once."""
    return " ".join(dict.fromkeys(Path(f).stem for f, _ in nets))


def flags(level: str = "-O0") -> tuple[str, ...]:
    """Those of a step, without the ones that make a library, optimise fully or silence warnings."""
    tools = toolchain.find()
    assert isinstance(tools, toolchain.Toolchain)
    return (*tools.command, *(f for f in tools.flags(False) if f not in ("-O3", "-w", "-fPIC")), level)


@cache
def works(options: tuple[str, ...]) -> bool:
    """Whether the compiler has these sanitizers with their libraries."""
    command = [*flags(), *options, "-x", "c", "-", "-o", "/dev/null"]
    return subprocess.run(command, input="int main(void) { return 0; }", text=True, capture_output=True).returncode == 0


@dataclass
class Taken:
    """The steps of some nets: their texts, and what each was given."""

    kernels: list[Kernel] = field(default_factory=list)
    given: list[bytes] = field(default_factory=list)

    def text(self) -> str:
        """One C file: each step's names get its number."""
        head = header(32)
        bodies = [re.sub(r"\b(nest\d+|phase\d+|whole|step)\b", rf"\g<1>_{n}", k.source.removeprefix(head)) for n, k in enumerate(self.kernels)]
        names = ", ".join(f"step_{n}" for n in range(len(bodies)))
        table = f"static void (*const steps[])(void *const *, const long *, const uint64_t *, int, struct update *) = {{{names}}};\n"
        return "\n".join([head, *bodies, definitions(), table, RUNNER])


class Taking(NativeBackend):
    """Takes down what would be compiled and run."""

    def __init__(self) -> None:
        super().__init__(THREADS)
        self.taken = Taken()

    def bind(
        self, schedule: Schedule, program: Program, sizes: Sizes, dtype: str, leaves: Leaves, blocks: Blocks, updater: Updater | None = None
    ) -> Bound:
        update = updater.update if updater is not None else None
        kernel = Kernels(schedule, program, dtype, *leaves, update).at(sizes, self.threads, self.lanes(dtype))
        self.taken.kernels.append(kernel)
        return NativeBound(kernel, _Given(kernel, self.taken), blocks, self, THREADS, updater)


class _Given:
    """In place of the library's function: what it is called with."""

    restype = None

    def __init__(self, kernel: Kernel, taken: Taken) -> None:
        self.kernel, self.taken, self.number = kernel, taken, len(taken.kernels) - 1

    def __call__(self, at: Any, sizes: Any, keys: Any, threads: int, update: Any) -> None:
        kernel = self.kernel
        shared = kernel.plan.arena - THREADS * sizes[0]
        size = [max(b.elements, 1) * 4 for b in kernel.pointers]
        own = [b.block == "arena" and b.offset >= shared for b in kernel.pointers]
        values = [ctypes.string_at(at[k], n) for k, n in enumerate(size)]
        told = b""
        if update is not None:
            told = bytes(update._obj)
            values += _update_buffers(update._obj)
            size, own = [len(v) for v in values], [*own, *[False] * _UPDATE_BUFFERS]
        numbers = [self.number, len(size), len(sizes), len(keys), threads, sizes[0], *sizes]
        numbers += [n for pair in zip(size, own, strict=True) for n in pair]
        self.taken.given.append(np.array(numbers, np.int64).tobytes() + bytes(keys) + b"".join(values) + told)


_UPDATE_BUFFERS = 7


def _update_buffers(a: Any) -> list[bytes]:
    """What an update works on, in the order of the runner; nothing where there is no such array."""
    sizes = [4 * a.count] * 5 + [24 * a.limited, 8 * a.limited]
    places = [a.parameters, a.gradients, a.slots[0], a.slots[1], a.scale, a.groups, a.limits]
    return [ctypes.string_at(at, n) if at else b"" for at, n in zip(places, sizes, strict=True)]


def loaded(file: str) -> netc.Spec:
    """A spec at sizes that take no time."""
    if file not in IMAGES:
        return netc.load(ROOT / file, SMALL.get(file))
    lines = (ROOT / file).read_text(encoding="utf-8").replace("224", IMAGES[file]).splitlines(keepends=True)
    return netc.parse("".join(line for line in lines if not line.lstrip().startswith("assert")))


def taken(nets: Sequence[tuple[str, str]], training: bool = True, load: Callable[[str], netc.Spec] = loaded, batch: int = 3) -> Taken:
    """A training step, or an evaluation, of each net on samples that differ in length."""
    backend = Taking()
    for file, net in nets:
        built = load(file)[net].build(Choice(backend, "cpu", ""))
        inputs = prepare(random_inputs(built, batch), built.inputs, set())
        loss = built.elaborated().loss is not None
        learning = tuple(built.params) if loss else ()
        train, evaluate = Request(True, Wanted(loss, loss, True, False, True), learning), Request(False, Wanted(loss, loss, True, True, False))
        built.engine.run(train if training else evaluate, inputs, 3, 1)
    return backend.taken


def compiled(text: str, command: Sequence[str], made: Path) -> None:
    done = subprocess.run([*command, "-x", "c", "-", "-o", str(made), "-lm"], input=text, text=True, capture_output=True)
    assert not done.returncode and not done.stderr, done.stderr[:3000]


def run_clean(steps: Taken, options: tuple[str, ...], place: Path, level: str = "-O0") -> None:
    """Compile once, run each step in a process of its own."""
    if not works(options):
        pytest.skip(f"the compiler has no {options[0]}")
    compiled(steps.text(), [*flags(level), *options], place / "steps")
    for given in steps.given:
        done = subprocess.run([str(place / "steps")], input=given, capture_output=True, timeout=900)
        assert not done.returncode and not done.stderr, done.stderr.decode(errors="replace")[:3000]


@pytest.mark.parametrize("nets", parts([n for n in LAST.items() if n[0] not in LARGE]), ids=named)
def test_every_spec_compiles_without_a_warning_and_runs_clean(nets: list[tuple[str, str]], tmp_path: Path) -> None:
    steps = taken(nets)
    compiled(steps.text(), [*flags(), *WARNINGS], tmp_path / "warned")
    run_clean(steps, CLEAN, tmp_path)


@pytest.mark.parametrize("file", [pytest.param(f, marks=[pytest.mark.whole] if f in LATER else []) for f in sorted(LARGE)])
def test_large_spec_compiles_without_a_warning_and_runs_clean(file: str, tmp_path: Path) -> None:
    test_every_spec_compiles_without_a_warning_and_runs_clean([(file, LAST[file])], tmp_path)


def test_no_spec_is_left_out() -> None:
    assert {*LAST} == {f for f in ALL if "\nnet " in (ROOT / f).read_text(encoding="utf-8")}


@pytest.mark.whole
@pytest.mark.parametrize("training", [True, False], ids=["trained", "evaluated"])
@pytest.mark.parametrize("nets", parts([n for n in NETS if n[0] not in LARGE], 6), ids=named)
def test_every_net_runs_clean_and_optimising_finds_nothing_to_warn_of(nets: list[tuple[str, str]], training: bool, tmp_path: Path) -> None:
    steps = taken(nets, training)
    compiled(steps.text(), [*flags("-O2"), *WARNINGS], tmp_path / "warned")
    run_clean(steps, CLEAN, tmp_path)
    run_clean(steps, RACES, tmp_path)


@pytest.mark.whole
@pytest.mark.parametrize("file", IMAGES)
def test_full_size_runs_clean(file: str, tmp_path: Path) -> None:
    run_clean(taken([(file, LAST[file])], load=lambda f: netc.load(ROOT / f), batch=1), CLEAN, tmp_path, "-O1")


@pytest.mark.parametrize(
    "settings",
    [
        {"optimizer": "adam(0.01)", "clip": 0.1},
        {"optimizer": "sgd(0.01, momentum=0.9, nesterov=true, decay=0.1)", "clip_value": 0.01, "freeze": '["*.b"]'},
    ],
    ids=["adam, norm", "momentum, value, frozen"],
)
def test_updates_run_clean(settings: dict[str, Any], tmp_path: Path) -> None:
    backend = Taking()
    spec = netc.parse("net N:\n    input x: real[3]\n    input y: class(2)\n    y ~ softmax(x -> Dense(5, act=tanh) -> Dense(2))\n")
    data = {"x": np.ones((4, 3)), "y": np.zeros(4, int)}
    netc.train(spec, data=data, backend=Choice(backend, "cpu", ""), steps=1, batch=4, **settings)
    steps = backend.taken
    (kernel,) = steps.kernels
    steps.kernels[0] = replace(kernel, source=f"#define UPDATE\n{kernel.source.removeprefix(header(32))}")
    compiled(steps.text(), [*flags(), *WARNINGS], tmp_path / "warned")
    run_clean(steps, CLEAN, tmp_path)


def test_a_place_beside_a_buffer_is_found(tmp_path: Path) -> None:
    steps = taken([("basics/regression.net", LAST["basics/regression.net"])])
    (kernel,) = steps.kernels
    beside = kernel.pointers[0].elements * 4
    steps.kernels[0] = replace(kernel, source=kernel.source.replace("    team_run(", f"    ((volatile char *)at[0])[{beside}] = 1;\n    team_run("))
    with pytest.raises(AssertionError, match="heap-buffer-overflow"):
        run_clean(steps, CLEAN, tmp_path)


def test_evaluation_runs_clean(tmp_path: Path) -> None:
    run_clean(taken([(f, LAST[f]) for f in FEW], training=False), CLEAN, tmp_path)


def test_threads_do_not_race(tmp_path: Path) -> None:
    run_clean(taken([(f, LAST[f]) for f in FEW]), RACES, tmp_path)


@pytest.mark.as_users_have_it
def test_optimising_finds_nothing_to_warn_of(tmp_path: Path) -> None:
    """What is known of the flow of values is known to an optimising compiler alone."""
    compiled(taken([(FEW[1], LAST[FEW[1]])]).text(), [*flags("-O2"), *WARNINGS], tmp_path / "warned")
