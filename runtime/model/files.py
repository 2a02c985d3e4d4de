"""Files: a spec and what it uses are read, from its own folder alone; what is written is there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.compiler.diagnostics.problems.files import FileNotReadable, FileNotWritable
from netc.compiler.source.text import typed

LARGEST = 4 << 20  # a spec is text that people write: more than this is a mistake


def read_spec(path: Path) -> bytes:
    """The bytes of a spec named by the user. Raises MissingError with the reason where it cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            raise MissingError(FileNotReadable(typed("command line", str(path)), str(path), f"larger than {LARGEST >> 20} MiB"))
        return path.read_bytes()
    except OSError as error:
        reason = "a folder, not a file" if path.is_dir() else (error.strerror or "unreadable").lower()
        raise MissingError(FileNotReadable(typed("command line", str(path)), str(path), reason, _near(path))) from None


def reader(folder: Path) -> Callable[[str], bytes | None]:
    """Reads files named by `use`: below the folder only; None where there is none to read."""
    root = folder.resolve()

    def read(name: str) -> bytes | None:
        path = (root / name).resolve()
        if not path.is_relative_to(root) or not path.is_file() or path.stat().st_size > LARGEST:
            return None
        return path.read_bytes()

    return read


def _near(path: Path) -> tuple[str, ...]:
    """Specs that lie in the same folder."""
    try:
        return tuple(sorted(p.name for p in path.parent.glob("*.net")))
    except OSError:
        return ()


def write_text(path: Path, text: str) -> None:
    """Replace a file whole by a text."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """Replace a file whole or not at all, also where the power is cut. Raises NetcError where it cannot be written."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise not_writable(path, error) from None
    finally:
        with suppress(OSError):
            temporary.unlink()
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError:
        return  # not every system opens folders
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def not_writable(path: Path, error: OSError) -> NetcError:
    """What is raised where a file or a folder cannot be written."""
    return NetcError(FileNotWritable(typed("command line", str(path)), str(path), (error.strerror or "unwritable").lower()))
