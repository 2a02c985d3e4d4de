"""The net that `--net NAME` asks for."""

from __future__ import annotations

import netc
from netc.compiler.diagnostics.error import UsageError
from netc.compiler.diagnostics.problems.names import UnknownNet
from netc.compiler.source.text import Source, Span


def picked(spec: netc.Spec, net: str | None) -> netc.Spec:
    """That net of a spec, or the spec as it is where none is asked for. Raises UsageError for a net that it does not have."""
    if net is None:
        return spec
    if net not in spec.nets:
        spec.raise_errors()  # where its header has a mistake, that is what to tell
        shown = f"--net {net}"
        raise UsageError(UnknownNet(Span(Source("command line", shown), len(shown) - len(net), len(shown)), net, spec.nets, spec.session.name))
    return spec[net]
