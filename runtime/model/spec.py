"""A spec: a file or a text with one net or several, parsed and ready to be checked or built."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netc.compiler.checking import check, check_library
from netc.compiler.counting.model import Report
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.model import Severity
from netc.compiler.diagnostics.problems.files import FormatUnknown
from netc.compiler.diagnostics.problems.names import NothingToExplain, UnknownNet
from netc.compiler.session import Reader, Session, nothing
from netc.compiler.settings.model import PER, PRECISIONS
from netc.compiler.source.text import Source, Span, typed
from netc.compiler.statements.domains import Length
from netc.runtime.model.files import read_spec, reader

if TYPE_CHECKING:
    from netc.compiler.elaborate.model import Elaborated
    from netc.compiler.explaining.page import Explanation
    from netc.runtime.backends.choose import Choice
    from netc.runtime.model.net import Net


class Spec:
    """One net of a spec (the only one, or the one picked by `spec["Name"]`)."""

    def __init__(self, session: Session, read: Reader, folder: Path, net: str | None = None) -> None:
        self.session, self.read, self.folder = session, read, folder
        self._net = net

    def __repr__(self) -> str:
        return f"<spec {self.session.name}: {self._net or ', '.join(self.nets) or 'no net'}>"

    def __getitem__(self, name: str) -> Spec:
        """The net of this name."""
        if name not in self.session.nets:
            shown = f'spec["{name}"]'
            span = Span(Source("Python", shown), len('spec["'), len(shown) - len('"]'))
            raise NetcError(UnknownNet(span, name, self.session.nets, self.session.name))
        return Spec(self.session, self.read, self.folder, name)

    @property
    def nets(self) -> tuple[str, ...]:
        """The names of the nets in the file."""
        return self.session.nets

    @property
    def net(self) -> str:
        """The name of this net: the one picked, the only one, or the one with a `train` block."""
        if self._net is not None:
            return self._net
        if len(self.nets) == 1:
            return self.nets[0]
        trained = [n for n in self.nets if self.session.block("train", n) is not None]
        if len(trained) >= 1:
            return trained[0]
        if self.nets:
            return self.nets[0]
        self.raise_errors()
        span = Span(Source(self.session.name, ""), 0, 0)
        raise NetcError(UnknownNet(span, "", ()))

    @property
    def text(self) -> str:
        """The text of the spec."""
        return self.session.source.text if self.session.source else ""

    @property
    def lengths(self) -> tuple[str, ...]:
        """The lengths that the samples of this net bring along: `T` of `real[1..T]`."""
        elaborated = self.session.elaborate(self.net, True, self.per)
        return tuple(n.name for n in elaborated.lengths) if elaborated is not None else ()

    @property
    def per(self) -> str:
        """What the loss is a mean over, as the `train` block says: `element` or `sample`."""
        return self.session.settings(self.net).per

    def elaborated(self) -> Elaborated:
        """The equations of the net in training. Raises NetcError where the spec has errors."""
        found = self.session.elaborate(self.net, True, self.per)
        self.raise_errors()
        assert found is not None, "a net without errors has equations"
        return found

    def check(self, batch: int = 64, lengths: Mapping[str, int] | None = None) -> Report:
        """Sizes, counts and problems, without running anything. Never raises for what is wrong in the spec.

        Connections and memory are counted for samples of these `lengths`, 50 where nothing is said.

        >>> report = netc.parse("net N:\\n    input x: real[3]\\n    y = Dense(2)(x)\\n").check()
        >>> report.ok, report.params, report.connections, report.macs
        (True, 8, 8, 6)
        """
        if not self.nets:
            return check_library(self.session)
        return check(self.session, self.net, batch, lengths) or Report(net=self.net, problems=self.session.problems, unchecked=self.session.unchecked)

    def raise_errors(self) -> None:
        """Raise NetcError with the errors of the spec, if any."""
        errors = [p for p in self.session.problems if p.severity is Severity.ERROR]
        if errors:
            raise NetcError(*errors)

    def draw(self, format: str = "svg", depth: int = 0) -> str:
        """The net as a picture in text: `svg`, `mermaid` or `dot`. `depth` opens each row into its layers, so many levels down.

        Raises NetcError where the spec has errors or the format is unknown.

        >>> print(netc.parse("net N:\\n    input x: real[3]\\n    y = Dense(2)(x)\\n").draw("mermaid"))
        flowchart TD
            n0(["<b>x</b><br/>input<br/>3"])
            n1["<b>y</b><br/>dense<br/>2 · 8 parameters"]
            n0 --> n1
        <BLANKLINE>
        """
        from netc.compiler.drawing import FORMATS  # a picture is asked for seldom
        from netc.compiler.drawing.graph import make_graph

        if format not in FORMATS:
            raise NetcError(FormatUnknown(typed("Python", format), format, tuple(FORMATS)))
        report = self.check()
        return FORMATS[format](make_graph(self.elaborated(), report, depth))

    def explain(self, name: str, lengths: Mapping[str, int] | None = None) -> Explanation:
        """An equation, a layer in it, a parameter or an input worked out: sizes, counts, table, gradient, LaTeX.

        Of several nets the one that has the name is meant, this one first. Raises NetcError where none has it.

        >>> print(netc.parse("net N:\\n    input x: real[3]\\n    y = Dense(2)(x)\\n").explain("y").counts[0].products[0])
        Product(what='W', factors=(Factor(points=2, of='i'), Factor(points=3, of='k')), points=6)
        """
        from netc.compiler.explaining.explain import explain  # asked for seldom
        from netc.compiler.explaining.subject import find, listed, meant

        for net in (self, *(self[n] for n in self.nets if n != self.net)):
            report = net.check(lengths=lengths)
            subject = find(net.elaborated(), name)
            if subject is not None:
                return explain(subject, {Length(n): k for n, k in report.lengths.items()})
        elaborated = self.elaborated()
        shown = f"{self.session.name}:{name}"
        span = Span(Source("command line", shown), len(shown) - len(name), len(shown))
        raise NetcError(NothingToExplain(span, name, self.net, listed(elaborated, name), meant(elaborated, name)))

    def _repr_html_(self) -> str:
        """The picture of the net and its counts, in a notebook; its problems where it has errors."""
        from netc.compiler.diagnostics.render.text import render
        from netc.runtime.charts.notebook import embedded, table  # NumPy is not loaded before it is needed

        report = self.check()
        if any(p.severity is Severity.ERROR for p in self.session.problems):
            return "".join(f"<pre>{escape(render(p))}</pre>" for p in self.session.problems)

        def count(n: int | None) -> str:
            return "–" if n is None else f"{n:,}"

        rows = [(r.name, r.what, r.output, count(r.params), count(r.connections), count(r.macs)) for r in report.rows]
        rows.append(("total", "", "", count(report.params), count(report.connections), count(report.macs)))
        counts = table(("name", "what", "output", "params", "connections", "MACs"), rows, (3, 4, 5))
        return embedded(self.draw(), f"the net {self.net}") + counts

    def build(
        self, backend: str | Choice = "auto", device: str = "auto", dtype: str = "float32", seed: int = 1,
        consts: Mapping[str, Any] | None = None, per: str | None = None, threads: int | None = None,
        strict: bool = False,
    ) -> Net:  # fmt: skip
        """A net with first values, ready to run. Raises NetcError where the spec has errors, MissingError without the device.

        `dtype` is float32 or float64; `seed` decides first values; `consts` gives constants that the spec leaves open.
        `backend="native"` compiles each step once, which pays where there are many. `threads` are for it (default: as many as have
        enough to do), and so is `strict`: every operation as written, and the C library's functions. `per="sample"` sums a
        likelihood over the elements of a sample; `"element"` takes their mean.

        >>> spec = netc.parse("net N:\\n    const w[2]\\n    input x: real[2]\\n    output y = sum(w * x)\\n")
        >>> spec.build(consts={"w": [1, 10]})([[2.0, 3.0]]).tolist()
        [32.0]
        """
        from netc.runtime.backends.choose import choose  # checking needs no arrays: NumPy is loaded when a net is built
        from netc.runtime.model.inputs import unknown_name
        from netc.runtime.model.net import Net

        for name, what, known in ((dtype, "precision", PRECISIONS), (per or PER[0], "`per`", PER)):
            if name not in known:
                raise unknown_name(name, what, known)
        self.check()
        self.raise_errors()
        choice = choose(backend, device, threads, strict) if isinstance(backend, str) else backend
        return Net(self.session, self.net, choice, dtype, seed, self.read, consts, per or self.per)


def load(path: str | Path, define: Mapping[str, int] | None = None) -> Spec:
    """Read a spec file. `define` sets sizes, as `-D H=200` does. Problems are found by `check`; a missing file raises.

    >>> from importlib.resources import files
    >>> netc.load(files("netc.specs") / "vision" / "lenet5.net").check().params
    60000
    """
    path = Path(path)
    data = read_spec(path)
    read = reader(path.parent)
    return Spec(Session(str(path), data, read, define), read, path.parent)


def parse(text: str, define: Mapping[str, int] | None = None, name: str = "spec.net") -> Spec:
    """A spec from a text. It can use no files. Problems are found by `check`.

    >>> report = netc.parse("net N:\\n    input x: real[3]\\n    y = x @ z\\n").check()
    >>> [str(p.diagnose().message) for p in report.problems]
    ['nothing is called `z` here']
    """
    return Spec(Session(name, text.encode("utf-8"), nothing, define), nothing, Path("."))
