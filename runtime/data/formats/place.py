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
    all_symbols: bool = False  # whether those of all parts are kept, as a run will number them anew

    def kept(self, symbols: int) -> int:
        """How many symbols a vocabulary keeps of those it is asked for; 0 for all."""
        return 0 if self.all_symbols else symbols

    def file(self, name: str) -> Path:
        """A file that the spec names, below its own folder, $NETC_DATA or netc's cache; one that was typed may lie anywhere.

        Raises NetcError where the name leaves these folders, MissingError where the file is in none of them.
        """
        bases = [Path.cwd() if self.anywhere else self.folder, *own_roots()]
        paths = [(base.resolve(), (base / name).resolve()) for base in bases]
        inside = [self.anywhere or path.is_relative_to(base) for base, path in paths]
        found = next((path for (_, path), own in zip(paths, inside, strict=True) if own and path.exists()), None)
        if found is None and not inside[0]:
            raise NetcError(OutsideFolder(self.span, name))
        if found is None:
            help = "correct the path, put the file below the spec's folder or $NETC_DATA, or use `--data`"
            tried = dict.fromkeys(str(path) for (_, path), own in zip(paths, inside, strict=True) if own)
            raise MissingError(DataMissing(self.span, name, tuple(tried), (), help))
        return found

    def damaged(self, path: object, reason: str, mend: str = "") -> NetcError:
        """What is raised for a file that cannot be used, with a way out where there is a better one than another file."""
        return NetcError(FileDamaged(self.span, str(path), reason, mend))


def own_roots() -> list[Path]:
    """Folders of data that are netc's own: $NETC_DATA where it is set, and the cache."""
    import platformdirs

    given = [Path(os.environ["NETC_DATA"])] if os.environ.get("NETC_DATA") else []
    return [*given, Path(platformdirs.user_cache_dir("netc")) / "data"]


def roots(place: Place) -> list[tuple[str, Path]]:
    """Folders in which named data is looked for, in order, with what they are called."""
    home = Path.home()
    *given, cache = own_roots()
    found = [("the spec's folder", place.folder), *(("$NETC_DATA", g) for g in given), ("netc's cache", cache)]
    return [*found, ("torchvision's data", home / "data"), ("torchvision's data", Path("data")), ("Keras's data", home / ".keras" / "datasets")]
