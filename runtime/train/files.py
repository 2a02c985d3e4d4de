"""Files that a user gives to a run: arrays, texts, and pictures that go the way of the run's own data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netc.compiler.diagnostics.error import MissingError
from netc.compiler.diagnostics.problems.files import FileNotReadable
from netc.compiler.source.text import typed
from netc.compiler.statements.expressions import Variable
from netc.runtime.data import npy, pictures
from netc.runtime.data.model import Array
from netc.runtime.data.place import Place
from netc.runtime.data.prepare import prepared
from netc.runtime.data.text_files import read_text
from netc.runtime.data.vocabulary import Vocabulary
from netc.runtime.model.initialise import shape_of
from netc.runtime.model.lengths import open_axes
from netc.runtime.model.spec import Spec
from netc.runtime.train.runs import settings_of

ARRAYS = (".npy", ".npz")
PICTURES = pictures.ENDINGS


def place_of(file: Path) -> Place:
    """The place of a file as it was typed. Raises MissingError where there is no such file, with what was meant."""
    place = Place(file.parent, typed("command line", str(file)), anywhere=True)
    if not file.is_file():
        near = tuple(p.name for p in file.parent.glob(f"*{file.suffix}")) if file.parent.is_dir() and not file.is_dir() else ()
        reason, mend = ("a folder, not a file", "name the files in it") if file.is_dir() else ("no such file", "correct the path")
        raise MissingError(FileNotReadable(place.span, str(file), reason, near, mend))
    return place


def array_of(file: Path, variable: Variable) -> Array:
    """The samples in a NumPy file: one, or several along the first axis."""
    place = place_of(file)
    found = npy.load(file, place, file)
    if len(found) != 1:
        raise place.damaged(file, f"it holds {len(found)} arrays, and one is wanted")
    (array,) = found.values()
    shape = tuple(None if k in open_axes(variable) else a.points() for k, a in enumerate(variable.axes))
    batch = array if array.ndim == len(shape) + 1 else array[None]
    fits = batch.ndim == len(shape) + 1 and all(want in (None, have) for have, want in zip(batch.shape[1:], shape, strict=True))
    if not fits or array.dtype.kind not in "iufb":
        raise place.damaged(file, f"it holds {sizes_text(array.shape)}, and the net takes {sizes_text(shape)} for each sample")
    return batch


def lines_of(file: Path, labels: Sequence[str]) -> list[Array]:
    """The lines of a text as numbers of the run's symbols."""
    place, vocabulary = place_of(file), Vocabulary(tuple(labels))
    return [vocabulary.read(line, place.span) for line in read_text(str(file), place).splitlines() if line.strip()]


def picture_of(file: Path, variable: Variable, invert: bool | None, facts: dict[str, Any], spec: Spec) -> Array:
    """The picture in the sizes, the colours and the range in which the net saw its own data."""
    place = place_of(file)
    if open_axes(variable):
        raise place.damaged(file, f"the net takes sequences as `{variable.name}`, which is no picture", "give the numbers as a NumPy file")
    shape = shape_of(variable)
    colour = len(shape) >= 3 and shape[-3] == 3
    picture = pictures.read(file, place, not colour)
    light_on_dark = facts["data"] in ("mnist", "digits")
    if invert if invert is not None else light_on_dark and picture.mean() > 0.5:
        picture = 1 - picture
    settings = settings_of(spec, facts["given"])
    x = prepared(settings.data, picture, shape, folder=spec.folder, seed=settings.seed, replace=facts["data_argument"])
    if x is None:
        raise place.damaged(file, f"the net takes {sizes_text(shape)}, which is no picture", "give the numbers as a NumPy file")
    return x


def sizes_text(shape: tuple[int | None, ...]) -> str:
    """`28×28`; an axis of any length is `n`."""
    return "×".join("n" if n is None else str(n) for n in shape) or "one number"
