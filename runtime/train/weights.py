"""Weights from files into a net and back: strict, by name, so that nothing is left out or fresh unawares."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.checkpoints import (
    CheckpointDamaged,
    NameMapWrong,
    NamesMeet,
    WeightSizesDiffer,
    WeightsMissing,
    WeightsUnmatched,
)
from netc.compiler.diagnostics.problems.settings import PatternUnmatched
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings import TrainSettings, Weights
from netc.compiler.settings.patterns import matches
from netc.compiler.source.text import Span, typed
from netc.runtime.data.formats.place import Place
from netc.runtime.model.checkpoints import write_tensors
from netc.runtime.model.initialise import Array
from netc.runtime.model.net import Net
from netc.runtime.model.spec import Spec
from netc.runtime.model.values import Values
from netc.runtime.train.name_map import NameMap, WrongLine, read_map
from netc.runtime.train.progress import Progress
from safetensors import SafetensorError, safe_open

_OURS = ("param/", "state/")  # how a checkpoint of netc names tensors; its other tensors are no weights


@dataclass(frozen=True)
class Loaded:
    """What became of every tensor and every parameter."""

    loaded: tuple[tuple[str, str], ...]  # the tensor's name in the file, the path in the net
    left: tuple[str, ...]  # tensors of the file that `skip` names
    fresh: tuple[str, ...]  # parameters that keep their first values
    sizes: Mapping[str, int] = field(default_factory=dict)  # how many numbers each parameter and state has

    def summary(self) -> str:
        """`loaded 120 · left in the file 2 · fresh fc.W, fc.b`."""
        return f"loaded {len(self.loaded)} · left in the file {len(self.left)} · fresh {_some(self.fresh) or 'none'}"

    def table(self, settings: TrainSettings | None = None) -> str:
        """What was loaded, left and fresh, a line for each layer."""
        rows = [("layer", "holds", "numbers", "from the file", "rate" if settings else "")]
        rows += [(layer, held, f"{size:,}", origin, rate) for layer, held, size, origin, rate in self.rows(settings)]
        widths = [max(len(r[k]) for r in rows) for k in range(5)]
        lines = ["  ".join(c.rjust(w) if k == 2 else c.ljust(w) for k, (c, w) in enumerate(zip(r, widths, strict=True))).rstrip() for r in rows]
        return "\n".join([*(f" {line}" for line in lines), *([f" left in the file: {_some(self.left)}"] if self.left else [])])

    def rows(self, settings: TrainSettings | None = None) -> list[tuple[str, str, int, str, str]]:
        """By layer: what it holds, how many numbers, from where, and at which rate it is trained: `frozen`, `× 10`."""
        source = {path: name for name, path in self.loaded}
        groups: dict[tuple[str, bool, str], list[str]] = {}
        for path in self.sizes:
            rate = _rate(path, settings) if settings is not None else ""
            groups.setdefault((path.rpartition(".")[0] or path, path in source, rate), []).append(path)
        found = []
        for (layer, loaded, rate), paths in groups.items():
            theirs = [source[p] for p in paths] if loaded else []
            origin = "fresh" if not loaded else "same name" if theirs == paths else _together(theirs)
            found.append((layer, ", ".join(p.rpartition(".")[2] for p in paths), sum(self.sizes[p] for p in paths), origin, rate))
        return found


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _together(names: Sequence[str]) -> str:
    """`bn1.{weight, bias}`."""
    heads = {n.rpartition(".")[0] for n in names}
    if len(heads) != 1 or len(names) == 1:
        return _some(names)
    return f"{heads.pop()}.{{{', '.join(n.rpartition('.')[2] for n in names)}}}"


def _rate(path: str, settings: TrainSettings) -> str:
    if any(matches(path, p) for p in settings.freeze):
        return "frozen"
    factors = [f for pattern, f in settings.rates if matches(path, pattern)]
    return f"× {factors[-1]:g}" if factors else "× 1"


def fill(net: Net, setting: Weights, place: Place) -> Loaded:
    """Fill a net's parameters and states. Raises NetcError with every tensor and parameter that meets no partner.

    Each tensor of the file and each parameter below `into` is matched by name or named in `skip`. States that the file does
    not hold keep their values only where `skip` names them too.
    """
    file = _found(setting, place)
    tensors = _tensors(file, setting)
    renames = _name_map(setting.names, setting.span, place) if setting.names else NameMap()
    targets: dict[str, Values] = dict.fromkeys(net.params, net.params) | dict.fromkeys(net.state, net.state)
    prefix = f"{setting.into}." if setting.into else ""
    below = [p for p in targets if p.startswith(prefix)]
    if not below:
        raise NetcError(PatternUnmatched(setting.span, f"{prefix}*", suggest(setting.into, _layers(targets))))

    def skipped(name: str) -> bool:
        return any(matches(name, pattern) for pattern in setting.skip)

    goes_to = {name: prefix + renames.ours(name) for name in tensors}
    left = tuple(n for n in tensors if skipped(n) or skipped(goes_to[n]))
    pairs = {n: p for n, p in goes_to.items() if n not in left and p in targets}
    met = set(pairs.values())
    lost = tuple(n for n in tensors if n not in left and n not in pairs)
    unmet = tuple(p for p in below if p not in met and not skipped(p) and not skipped(p.removeprefix(prefix)))
    problems: list[Problem] = [
        PatternUnmatched(setting.span, pattern, suggest(pattern, [*tensors, *below]))
        for pattern in setting.skip
        if not any(matches(n, pattern) for n in (*tensors, *goes_to.values(), *below, *(b.removeprefix(prefix) for b in below)))
    ]
    if lost or unmet:
        guesses = [(n, suggest(prefix + n, unmet)) for n in lost]
        guess = next(((n, g) for n, g in guesses if g is not None), None)
        problems.append(WeightsUnmatched(setting.span, setting.file, lost, unmet, guess))
    for name, path in pairs.items():
        if tensors[name].shape != targets[path].slices[path][1]:
            problems.append(WeightSizesDiffer(setting.span, name, tensors[name].shape, path, targets[path].slices[path][1]))
    if problems:
        raise NetcError(*problems)
    for name, path in pairs.items():
        targets[path][path] = tensors[name]
    sizes = {p: math.prod(targets[p].slices[p][1]) for p in targets}
    return Loaded(tuple(pairs.items()), left, tuple(p for p in net.params if p not in met), sizes)


def _found(setting: Weights, place: Place) -> Path:
    """The file itself, or the best checkpoint of the run folder."""
    try:
        file = place.file(setting.file)
        return place.file(str(Path(setting.file) / "best.safetensors")) if file.is_dir() else file
    except MissingError:
        raise MissingError(WeightsMissing(setting.span, setting.file, str(place.folder / setting.file))) from None


def _layers(paths: Iterable[str]) -> set[str]:
    """Every prefix of a path that ends at a dot."""
    return {p[:k] for p in paths for k, c in enumerate(p) if c == "."}


def _tensors(file: Path, setting: Weights) -> Mapping[str, Array]:
    try:
        with safe_open(file, framework="np") as opened:
            found = {name: opened.get_tensor(name) for name in list(opened.keys())}
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise NetcError(CheckpointDamaged(setting.span, setting.file, str(error).split("\n")[0])) from None
    if any(n.startswith(_OURS) for n in found):
        return {n.partition("/")[2]: v for n, v in found.items() if n.startswith(_OURS)}
    return found


def _name_map(name: str, span: Span, place: Place) -> NameMap:
    file = place.file(name)
    try:
        return read_map(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise place.damaged(name, str(error)) from None
    except WrongLine as wrong:
        raise NetcError(NameMapWrong(span, name, wrong.number, wrong.text)) from None


def begin_with(net: Net, settings: TrainSettings, spec: Spec, progress: Progress | None) -> Loaded | None:
    """The weights that the settings name, before the first step; None where they name none."""
    if settings.load is None:
        return None
    place = Place(spec.folder, settings.load.span, anywhere=settings.origins["load"].source in ("command line", "Python"))
    loaded = fill(net, settings.load, place)
    if progress is not None:
        progress.say(f"{settings.load.file}: {loaded.summary()}\n{loaded.table(settings)}")
    return loaded


# ---- from Python, and back ---------------------------------------------------------------------------------------


def load_weights(
    net: Net, file: str | Path, *, into: str = "", names: str | Path = "", skip: Sequence[str] = ()
) -> Loaded:  # fmt: skip
    """Fill a net that was built from a file of weights, or from the best checkpoint of a run; the same as `load` in a spec.

    `into` puts the file's names below a layer, `names` is a name map, `skip` names what stays out. Gives what became of each tensor
    and each parameter. Raises NetcError with every tensor and parameter that meets no partner or has other sizes, and where the
    file cannot be read; MissingError where it is not there.

    >>> import tempfile, pathlib
    >>> spec = netc.parse("net N:\\n    input x: real[2]\\n    output y = Dense(2)(x)\\n")
    >>> one, other = spec.build(seed=1), spec.build(seed=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "n.safetensors"
    ...     _ = netc.save_weights(one, file)
    ...     netc.load_weights(other, file).summary()
    'loaded 2 · left in the file 0 · fresh none'
    """
    span = typed("Python", str(file))
    return fill(net, Weights(str(file), span, into, str(names), tuple(skip)), Place(Path.cwd(), span, anywhere=True))


def save_weights(net: Net, file: str | Path, *, names: str | Path = "", below: str = "") -> dict[str, str]:
    """Write parameters and states as safetensors under the names of another library; gives their names by path.

    `names` is a name map, as `load` reads it; `below` leaves a layer's name away, and all that is not in it. Raises NetcError
    where two would have one name.
    """
    span = typed("Python", str(file))
    renames = _name_map(str(names), span, Place(Path.cwd(), span, anywhere=True)) if names else NameMap()
    prefix = f"{below}." if below else ""
    paths = [p for p in (*net.params, *net.state) if p.startswith(prefix)]
    if not paths:
        raise NetcError(PatternUnmatched(span, f"{prefix}*", suggest(below, _layers([*net.params, *net.state]))))
    found = {p: renames.theirs(p.removeprefix(prefix)) for p in paths}
    for p, name in found.items():
        other = next(q for q in paths if found[q] == name)
        if other != p:
            raise NetcError(NamesMeet(span, name, other, p))
    values = {found[p]: (net.params if p in net.params else net.state)[p] for p in paths}
    write_tensors(Path(file), values)
    return found
