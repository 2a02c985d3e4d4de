"""What a user gives to a run: arrays, texts, numbers, and pictures and tables that go the way of the run's own data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import MissingError, NetcError
from netc.compiler.diagnostics.problems.files import FileNotReadable
from netc.compiler.diagnostics.problems.values import InputUnfit
from netc.compiler.source.text import typed
from netc.compiler.statements.expressions import Variable
from netc.runtime.data.fields.model import Array
from netc.runtime.data.fields.vocabulary import Vocabulary
from netc.runtime.data.formats import npy, pictures
from netc.runtime.data.formats.place import Place
from netc.runtime.data.formats.tables import read_table
from netc.runtime.data.formats.text_files import read_text
from netc.runtime.data.pipeline.prepare import prepared, prepared_rows
from netc.runtime.data.pipeline.resolve import arguments_of, source_call
from netc.runtime.model.initialise import shape_of
from netc.runtime.model.lengths import open_axes
from netc.runtime.model.spec import Spec
from netc.runtime.train.runs import settings_of

ARRAYS = (".npy", ".npz")
TABLES = (".csv", ".tsv")
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


def numbers_of(text: str, variable: Variable) -> Array:
    """Numbers as typed, with blanks, commas or semicolons between, in the sizes of the input."""
    span = typed("command line", text)
    try:
        values = np.array([float(w) for w in text.replace(",", " ").replace(";", " ").split()])
    except ValueError:
        mend = "give numbers, or a file: .npy, .npz, .png, .jpg, .txt"
        raise NetcError(InputUnfit(span, text, variable.name, "it is neither a file that netc reads nor numbers", mend)) from None
    shape = [a.points() if a.known else -1 for a in variable.axes]
    fixed = int(np.prod([n for n in shape if n > 0], dtype=np.int64))
    fits = values.size % fixed == 0 and values.size > 0 if shape.count(-1) == 1 else -1 not in shape and values.size == fixed
    if not fits:
        sizes = "×".join("any" if n < 0 else str(n) for n in shape) or "one number"
        reason = f"it holds {values.size} number{'s' if values.size != 1 else ''}, and a sample takes {sizes}"
        raise NetcError(InputUnfit(span, text, variable.name, reason, "give as many as one sample takes"))
    return values.reshape(1, *shape)


def rows_of(text: str, variable: Variable, facts: dict[str, Any], spec: Spec) -> Array:
    """The rows of a table, or one as typed, on the way of the run's own data."""
    settings = settings_of(spec, facts["given"])
    table = Path(text).suffix.lower() in TABLES
    rows = _rows_of_a_table(Path(text), variable, facts, spec) if table else numbers_of(text, variable)
    return prepared_rows(settings.data, rows, folder=spec.folder, seed=settings.seed, replace=facts["data_argument"])


def _rows_of_a_table(file: Path, variable: Variable, facts: dict[str, Any], spec: Spec) -> Array:
    """With or without the column that the net learnt to tell, the others in the order of the run's own."""
    place = place_of(file)
    table = read_table(str(file), replace(place, folder=Path()))
    wanted = variable.axes[0].points()
    columns = list(range(len(table.names)))
    call = source_call(settings_of(spec, facts["given"]).data, facts["data_argument"])
    if len(columns) == wanted + 1 and call is not None and call.function.span.text == "csv":
        columns.remove(table.column(arguments_of(call, source=True)["target"]))
    if len(columns) != wanted:
        reason = f"its rows have {len(columns)} cells, and the net takes {wanted} numbers for each sample"
        raise place.damaged(file, reason, "leave out the columns that the net does not read")
    return np.array([[table.number(row, k) for k in columns] for row in range(len(table.rows))], np.float32)


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
