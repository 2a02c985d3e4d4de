"""Weights from files into a net: strict, by name, so that nothing is left out or fresh unawares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.checkpoints import (
    CheckpointDamaged,
    NameMapWrong,
    WeightSizesDiffer,
    WeightsMissing,
    WeightsUnmatched,
)
from netc.compiler.diagnostics.problems.settings import PatternUnmatched
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings import Weights
from netc.runtime.data.place import Place
from netc.runtime.model.initialise import Array
from netc.runtime.model.net import Net
from netc.runtime.model.values import Values
from safetensors import SafetensorError, safe_open

_OURS = ("param/", "state/")  # how a checkpoint of netc names tensors; its other tensors are no weights


@dataclass(frozen=True)
class Loaded:
    """What became of every tensor and every parameter."""

    loaded: tuple[tuple[str, str], ...]  # the tensor's name in the file, the path in the net
    left: tuple[str, ...]  # tensors of the file that `skip` names
    fresh: tuple[str, ...]  # parameters that keep their first values

    def summary(self) -> str:
        """`loaded 120 · left in the file 2 · fresh fc.W, fc.b`."""
        fresh = ", ".join(self.fresh[:4]) + (f" and {len(self.fresh) - 4} more" if len(self.fresh) > 4 else "")
        return f"loaded {len(self.loaded)} · left in the file {len(self.left)} · fresh {fresh or 'none'}"


def load_weights(net: Net, setting: Weights, place: Place) -> Loaded:
    """Fill a net's parameters and states. Raises NetcError with every tensor and parameter that meets no partner.

    Each tensor of the file and each parameter below `into` is matched by name or named in `skip`. States that the file does
    not hold keep their values only where `skip` names them too.
    """
    file = _found(setting, place)
    tensors = _tensors(file, setting, place)
    renames = _name_map(place.file(setting.names), setting, place) if setting.names else []
    targets: dict[str, Values] = dict.fromkeys(net.params, net.params) | dict.fromkeys(net.state, net.state)
    prefix = f"{setting.into}." if setting.into else ""
    below = [p for p in targets if p.startswith(prefix)]
    if not below:
        raise NetcError(PatternUnmatched(setting.span, f"{prefix}*", suggest(setting.into, _layers(targets))))

    def skipped(name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in setting.skip)

    goes_to = {name: prefix + _renamed(name, renames) for name in tensors}
    left = tuple(n for n in tensors if skipped(n) or skipped(goes_to[n]))
    pairs = {n: p for n, p in goes_to.items() if n not in left and p in targets}
    met = set(pairs.values())
    lost = tuple(n for n in tensors if n not in left and n not in pairs)
    unmet = tuple(p for p in below if p not in met and not skipped(p) and not skipped(p.removeprefix(prefix)))
    problems: list[Problem] = [
        PatternUnmatched(setting.span, pattern, suggest(pattern, [*tensors, *below]))
        for pattern in setting.skip
        if not any(fnmatchcase(n, pattern) for n in (*tensors, *goes_to.values(), *below, *(b.removeprefix(prefix) for b in below)))
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
    return Loaded(tuple(pairs.items()), left, tuple(p for p in net.params if p not in met))


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


def _tensors(file: Path, setting: Weights, place: Place) -> Mapping[str, Array]:
    try:
        with safe_open(file, framework="np") as opened:
            found = {name: opened.get_tensor(name) for name in list(opened.keys())}
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise NetcError(CheckpointDamaged(setting.span, setting.file, str(error).split("\n")[0])) from None
    if any(n.startswith(_OURS) for n in found):
        return {n.partition("/")[2]: v for n, v in found.items() if n.startswith(_OURS)}
    return found


def _name_map(file: Path, setting: Weights, place: Place) -> list[tuple[str, str]]:
    """Lines `theirs ours`; a `*` in both stands for the same text."""
    pairs = []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise place.damaged(setting.names, str(error)) from None
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or any(w.count("*") > 1 for w in words) or words[0].count("*") != words[1].count("*"):
            raise NetcError(NameMapWrong(setting.span, setting.names, number, line.strip()))
        pairs.append((words[0], words[1]))
    return pairs


def _renamed(name: str, renames: Iterable[tuple[str, str]]) -> str:
    """The name after the first line of the map that fits; as it is where none fits."""
    for theirs, ours in renames:
        head, star, tail = theirs.partition("*")
        if not star and name == theirs:
            return ours
        if star and len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail):
            return ours.replace("*", name[len(head) : len(name) - len(tail)])
    return name
