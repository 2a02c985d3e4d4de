"""Text files: read whole, UTF-8, with the place of what cannot be read."""

from __future__ import annotations

from netc.runtime.data.formats.place import Place

LARGEST = 4 << 30


def read_text(name: str, place: Place, largest: int = LARGEST, mend: str = "") -> str:
    """The text of a file, line ends as `\\n`, without a byte order mark. Raises NetcError with byte and line where it is not UTF-8."""
    path = place.file(name)
    try:
        if path.stat().st_size > largest:
            raise place.damaged(name, f"it is larger than {largest >> 20:,} MiB", mend)
        data = path.read_bytes()
    except OSError as error:
        raise place.damaged(name, error.strerror or str(error)) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        reason = f"byte {error.start:,} (line {line:,}, byte {column} of it) is 0x{data[error.start]:02x}, which is not UTF-8"
        raise place.damaged(name, reason) from None
    if not text.strip():
        raise place.damaged(name, "it is empty")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_lines(name: str, place: Place) -> list[str]:
    """The lines of a file; line k of the file is item k - 1."""
    return read_text(name, place).split("\n")
