"""What `netc check` says of a spec's data and weights, which it does not read."""

from __future__ import annotations

from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.model import Severity
from netc.compiler.settings import TrainSettings
from netc.runtime.data.formats.place import Place
from netc.runtime.model.spec import Spec


def beforehand(spec: Spec, file: str, nets: tuple[str, ...]) -> tuple[str, ...]:
    """What was not looked at of these nets, and the command that does; nothing of a spec with errors."""
    if any(p.severity is Severity.ERROR for p in spec.session.problems):
        return ()
    notes: list[str] = []
    unread: list[str] = []
    for one in (spec[name] for name in nets if spec.session.block("train", name) is not None):
        settings = spec.session.settings(one.net)
        notes += _absent(one, settings)
        if settings.data is not None:
            unread.append(one.net)
    if unread:
        net = "" if len(spec.nets) == 1 else f" --net {unread[0] if len(unread) == 1 else 'NAME'}"
        which = f" ({', '.join(unread)})" if len(spec.nets) > 1 else ""
        notes.append(f"data not checked{which}: `netc train {file}{net} --dry-run` reads it")
    return tuple(notes)


def _absent(spec: Spec, settings: TrainSettings) -> tuple[str, ...]:
    """That the weights to begin with are not there: a run may still have to make them."""
    if settings.load is None:
        return ()
    try:
        Place(spec.folder, settings.load.span).file(settings.load.file)
    except NetcError:
        return (f"{spec.net}: the weights `{settings.load.file}` are not there yet; training begins with them",)
    return ()
