"""A spec through all stages, each stage's result kept: text, equations, and the programs made of them.

The command line, Python callers and tests all come through here; `pipeline` are the stages, `checking` what `netc check` says. A session reads no file itself: it is handed the bytes
of the spec and a function that gives the bytes of what the spec uses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from netc import grammar
from netc.compiler.alone.reached import unreached
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.files import UseCycle, UsedFileMissing
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.elaborate import Options, elaborate
from netc.compiler.elaborate.layers.asserts import broken_assert, open_asserts
from netc.compiler.elaborate.model import Elaborated
from netc.compiler.elaborate.module import Module, link
from netc.compiler.pipeline import Compiled, Request, compile_net
from netc.compiler.settings import SampleSettings, TrainSettings, block_of, check_blocks, read_sample, read_settings
from netc.compiler.settings.sample import constants_of
from netc.compiler.source.text import Source, Span
from netc.compiler.statements.domains import Length
from netc.compiler.statements.garbage import unsearched
from netc.compiler.syntax import tree
from netc.compiler.syntax.decode import decode
from netc.compiler.syntax.parser import parse
from netc.compiler.variants.tree_levels import tree_levels

Reader = Callable[[str], bytes | None]


@lru_cache(maxsize=1)
def prelude() -> tree.File:
    """The standard library, parsed once in a process. It is data of this package and has no problems."""
    return parse(Source("prelude.net", grammar.source("prelude.net")), Reporter())


def nothing(name: str) -> bytes | None:
    """A reader for specs that use no files."""
    return None


class Session:
    """One spec file and what became of it.

    `dims` are the sizes given from outside (`-D H=200`). Problems of every stage that has run are in `problems`.
    """

    def __init__(self, name: str, data: bytes, read: Reader = nothing, dims: Mapping[str, int] | None = None) -> None:
        self.name = name
        self.dims = dict(dims or {})
        self.reporter = Reporter()
        self._lock = threading.RLock()
        self._elaborated: dict[tuple[str, bool, str], Elaborated | None] = {}
        self._compiled: dict[tuple[str, str, Request], Compiled] = {}
        self._judged: set[tree.Layer | tree.Def] = set()  # of themselves, because no net applies them
        self._texts: list[tuple[str, str]] = []  # of the files that it uses, by their names, and last its own
        self.source = decode(data, name, self.reporter)
        self.file = parse(self.source, self.reporter) if self.source else None
        self.module = self._link(read) if self.file else None
        self._texts.append(("", self.source.text if self.source else ""))
        self.readable = not self.reporter.failed  # else counts are not what the spec says
        if self.file and self.readable:
            check_blocks(self.file, self.nets, self.reporter)

    # ---- text ----------------------------------------------------------------------------------------------------

    def _link(self, read: Reader) -> Module | None:
        assert self.file is not None
        uses: dict[str, tree.File] = {}
        whole = self._load_uses(self.file, read, uses, (self.name,))
        return link(self.file, uses, prelude(), self.reporter, whole)

    def _load_uses(self, file: tree.File, read: Reader, uses: dict[str, tree.File], chain: tuple[str, ...]) -> bool:
        """Read what a file uses, and what that uses; whether all of it is there."""
        whole = True
        for item in file.items:
            if not isinstance(item, tree.Use):
                continue
            path = item.path.value
            if path in chain:
                self.reporter.report(UseCycle(item.path.span, (*chain, path)))
                continue
            if path in uses:
                continue
            data = read(path)
            if data is None:
                self.reporter.report(UsedFileMissing(item.path.span, path))
                whole = False
                continue
            source = decode(data, path, self.reporter)
            if source is not None:
                uses[path] = parse(source, self.reporter)
                self._texts.append((path, source.text))
                whole = self._load_uses(uses[path], read, uses, (*chain, path)) and whole
            else:
                whole = False
        return whole

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.reporter.problems

    @property
    def unchecked(self) -> tuple[Span, ...]:
        """Equations that could not be checked because of the problems of others."""
        return self.reporter.unchecked

    @property
    def nets(self) -> tuple[str, ...]:
        """The nets of the file, in the order of the text."""
        return tuple(i.name.name for i in self.file.items if isinstance(i, tree.Net)) if self.file else ()

    def name_of(self, net: str) -> Span:
        """Where a net is named."""
        assert self.module is not None
        return self.module.nets[net].name.span

    def block(self, kind: str, net: str) -> tree.Block | None:
        """The `train` or `sample` block that speaks of this net."""
        return block_of(self.file, kind, net) if self.file else None

    def settings(self, net: str, overrides: Mapping[str, str] | None = None) -> TrainSettings:
        """The `train` settings of a net, with what the caller overrides."""
        return read_settings(self.block("train", net), overrides or {}, self.reporter)

    def sample_settings(self, net: str) -> SampleSettings:
        """The `sample` settings of a net. A stop symbol may be named by a constant of the net."""
        items = self.file.items if self.file else ()
        body = next((i.body for i in items if isinstance(i, tree.Net) and i.name.name == net), ())
        return read_sample(self.block("sample", net), {**constants_of((*items, *body)), **self.dims}, self.reporter, (*items, *body))

    # ---- meaning -------------------------------------------------------------------------------------------------

    def elaborate(self, net: str, training: bool = True, per: str = "element") -> Elaborated | None:
        """The net as equations, or None where problems stand in the way."""
        found = self.sound_part(net, training, per)
        return found if found is not None and found.sound else None

    @unsearched()
    def sound_part(self, net: str, training: bool = True, per: str = "element") -> Elaborated | None:
        """The net as far as it is sound."""
        with self._lock:
            key = (net, training, per)
            other = self._elaborated.get((net, not training, per))
            if key not in self._elaborated and other is not None and not other.moded:
                self._elaborated[key] = replace(other, training=training)
            if key not in self._elaborated:
                options = Options(training=training, dims=self.dims, per="sample" if per == "sample" else "element")
                found = elaborate(self.module, net, options, self.reporter) if self.module else None
                self._elaborated[key] = found
            return self._elaborated[key]

    def open_asserts(self, net: str, per: str = "element") -> bool:
        """Whether a net has asserts over a length of its samples."""
        elaborated = self.elaborate(net, True, per)
        return elaborated is not None and bool(open_asserts(elaborated))

    def broken_assert(self, net: str, per: str, lengths: Mapping[Length, int], sample: int) -> Problem | None:
        """The first assert over a length that does not hold for a sample of these lengths."""
        with self._lock:
            elaborated = self.elaborate(net, True, per)
            assert elaborated is not None
            return broken_assert(open_asserts(elaborated), lengths, sample)

    def judge_layers(self) -> tuple[str, ...]:
        """Report what is wrong in the layers and functions of the file that no net applies; their names.

        Those of which a net speaks that was not looked at are left to it.
        """
        with self._lock:
            if self.module is None:
                return ()
            looked_at = {net for net, _, _ in self._elaborated}
            applied = {layer for e in self._elaborated.values() if e is not None for layer in e.applied}
            items = unreached(self.module, applied, (n for n in self.module.nets if n not in looked_at))
            new = [i for i in items if i not in self._judged]
            self._judged.update(new)
            if new or not self.module.nets:
                from netc.compiler.alone.judge import judge_alone  # most files have none

                judge_alone(self.module, Options(dims=self.dims), new, self.reporter)
            return tuple(i.name.name for i in items)

    # ---- programs ------------------------------------------------------------------------------------------------

    def tree_levels(self, net: str, per: str = "element") -> tuple[Length, ...]:
        """The trees whose nodes may be numbered by height, in training and at test time."""
        modes = [self.elaborate(net, training, per) for training in (True, False)]
        first, second = (tree_levels(e) if e is not None else {} for e in modes)
        return tuple(n for n in first if n in second)

    def compile(self, net: str, request: Request, per: str = "element") -> Compiled:
        """Lower, differentiate and order what is asked for. The net must be free of errors."""
        with self._lock:
            key = (net, per, request)
            if key not in self._compiled:
                elaborated = self.elaborate(net, request.training, per)
                assert elaborated is not None and not self.reporter.failed, "compile needs a net without errors"
                found = compile_net(elaborated, request)
                origin = repr((self._texts, sorted(self.dims.items()), key))
                self._compiled[key] = replace(found, program=replace(found.program, origin=origin))
            return self._compiled[key]
