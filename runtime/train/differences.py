"""What differs between two nets, each a spec, a file or the folder of a run."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from netc.compiler.diagnostics.error import UsageError
from netc.compiler.diagnostics.problems.names import UnknownNet
from netc.compiler.explaining.compare import Comparison, Side, compare
from netc.compiler.explaining.difference import difference
from netc.compiler.source.text import Source, Span
from netc.runtime.model.spec import Spec, load
from netc.runtime.train.folders import setting_text, shown_settings, spec_of
from netc.runtime.train.runs import settings_of


class Difference(Comparison):
    """What differs; as text it reads like a `diff`."""

    def __str__(self) -> str:
        return difference(self)

    def __repr__(self) -> str:
        return str(self) or "<no difference>"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self)) or 'no difference'}</pre>"


def diff(before: Spec | str | Path, after: Spec | str | Path, net: str | None = None) -> Difference:
    """Compare two specs, or a spec and a run, in equations, sizes, counts, parameters and settings.

    Of files with several nets `net` picks one, in both or in that which has it. Raises NetcError where a spec has errors.

    >>> a, b = (netc.parse(f"net N:\\n    input x: real[3]\\n    y = Dense({n})(x)\\n") for n in (2, 4))
    >>> [(c.name, c.what, c.before, c.after) for c in netc.diff(a, b).changes][:2]
    [('y', 'output', '2', '4'), ('y', 'params', '8', '16')]
    """
    sides = [_opened(before), _opened(after)]
    if net is not None:
        if not any(net in spec.nets for spec, _ in sides):
            known, both = (tuple(dict.fromkeys(x)) for x in ((n for spec, _ in sides for n in spec.nets), (spec.session.name for spec, _ in sides)))
            shown = f"--net {net}"
            raise UsageError(UnknownNet(Span(Source("command line", shown), len("--net "), len(shown)), net, known, " and ".join(both)))
        sides = [(spec[net] if net in spec.nets else spec, given) for spec, given in sides]
    else:
        first, second = sides[0][0], sides[1][0]
        if first.net != second.net and first.net in second.nets:
            sides[1] = (second[first.net], sides[1][1])
    found = compare(_side(*sides[0]), _side(*sides[1]))
    return Difference(found.before, found.after, found.changes)


def _opened(what: Spec | str | Path) -> tuple[Spec, dict[str, Any]]:
    """A spec, and what was set from outside when a run began."""
    if isinstance(what, Spec):
        return what, {}
    if Path(what).is_dir():
        spec, facts = spec_of(what)
        return spec, facts["given"]
    return load(what), {}


def _side(spec: Spec, given: dict[str, Any]) -> Side:
    report = spec.check()
    elaborated = spec.elaborated()
    settings = settings_of(spec, given)
    shown = {name: setting_text(entry["value"]) for name, entry in shown_settings(settings).items()}
    return Side(f"{spec.session.name}  net {spec.net}", elaborated, report, shown)
