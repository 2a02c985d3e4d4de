"""Compiled libraries on disk, found by what they were made from.

An entry is `<key>/<digest of the library>.so`, or of an object `.o`, or of a kernel `.json`: its name proves its content, and one move makes it whole.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BUILDING = "building-"
_LIMIT = 512 << 20  # bytes; beyond it the entries used longest ago go


def folder() -> Path:
    """Where compiled steps are kept: under $NETC_CACHE, or in the user's cache of this system."""
    import platformdirs

    return Path(os.environ.get("NETC_CACHE") or platformdirs.user_cache_dir("netc")) / "native"


def key(*parts: str) -> str:
    """One name for everything that decides what a compiler makes."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}:".encode() + part.encode())
    return digest.hexdigest()


def lookup(name: str) -> Path | None:
    """What is kept under a key, if it is there and whole. A damaged one is removed."""
    for path in sorted((folder() / name).glob("*.*")):
        try:
            if _digest(path) == path.stem:
                os.utime(path)
                return path
            path.unlink()
        except OSError:
            continue
    return None


def copy(name: str, to: Path) -> bool:
    """Copy what is kept under a key, and say whether it was there; another process may remove it at any time."""
    path = lookup(name)
    try:
        return path is not None and bool(shutil.copyfile(path, to))
    except OSError:
        return False


def remove(path: Path) -> None:
    """Forget a library that does not load."""
    path.unlink(missing_ok=True)


def keep(made: Path, name: str) -> Path:
    """Move a fresh library to its place. Of two processes that made the same one, either may win."""
    place = folder() / name / f"{_digest(made)}{made.suffix}"
    place.parent.mkdir(exist_ok=True)
    os.replace(made, place)
    _shrink(place)
    return place


@contextmanager
def workplace() -> Iterator[tuple[Path, bool]]:
    """A folder to build in, and whether it lies in the cache: where that cannot be written, a temporary one."""
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        place, kept = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=folder())), True
    except OSError:
        place, kept = Path(tempfile.mkdtemp(prefix="netc-")), False
    try:
        yield place, kept
    finally:
        shutil.rmtree(place, ignore_errors=True)


def size() -> int:
    """The bytes of everything kept."""
    return sum(n for _, n, _ in _entries())


def _entries() -> list[tuple[float, int, Path]]:
    """When each library was last used, its bytes, and where it lies. Other processes build, and remove, beside us."""
    found = []
    for place in folder().glob("*"):
        if place.name.startswith(_BUILDING):
            continue
        try:
            for path in place.iterdir():
                facts = path.stat()
                found.append((facts.st_mtime, facts.st_size, path))
        except OSError:
            continue
    return sorted(found)


def _shrink(newest: Path) -> None:
    entries = _entries()
    total = sum(n for _, n, _ in entries)
    for _, n, path in entries:
        if total <= _LIMIT:
            return
        if path != newest:
            path.unlink(missing_ok=True)
            total -= n


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
