"""Where data files may lie, and the errors of reading them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.compiler.diagnostics.problems.data import DataMissing, FileDamaged, OutsideFolder
from netc.compiler.source.text import Span


@dataclass(frozen=True)
class Place:
    """The folder of the spec, where the data was asked for, and whether a path may leave the folder."""

    folder: Path
    span: Span
    anywhere: bool = False

    def file(self, name: str) -> Path:
        """A file that the spec names. Raises NetcError where it leaves the folder, MissingError where it is not there."""
        base = Path.cwd() if self.anywhere else self.folder.resolve()
        path = (base / name).resolve()
        if not self.anywhere and not path.is_relative_to(base):
            raise NetcError(OutsideFolder(self.span, name))
        if not path.exists():
            raise MissingError(DataMissing(self.span, name, (str(path),), (), "correct the path, or use `--data`"))
        return path

    def damaged(self, path: object, reason: str, mend: str = "") -> NetcError:
        """What is raised for a file that cannot be used, with a way out where there is a better one than another file."""
        return NetcError(FileDamaged(self.span, str(path), reason, mend))


def roots(place: Place) -> list[tuple[str, Path]]:
    """Folders in which named data is looked for, in order, with what they are called."""
    import platformdirs

    home = Path.home()
    found = [("the spec's folder", place.folder), ("netc's cache", Path(platformdirs.user_cache_dir("netc")) / "data")]
    if os.environ.get("NETC_DATA"):
        found.insert(1, ("$NETC_DATA", Path(os.environ["NETC_DATA"])))
    return [*found, ("torchvision's data", home / "data"), ("torchvision's data", Path("data")), ("Keras's data", home / ".keras" / "datasets")]
