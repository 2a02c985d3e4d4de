"""Give a run's answers for files: images, arrays or texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import netc
import numpy as np
from netc.compiler.diagnostics.error import MissingError
from netc.compiler.diagnostics.problems.files import FileNotReadable
from netc.compiler.source.text import Source, Span
from netc.runtime.data import npy, pictures
from netc.runtime.data.model import Array
from netc.runtime.data.place import Place
from netc.runtime.data.prepare import prepared
from netc.runtime.data.text_files import read_text
from netc.runtime.data.vocabulary import Vocabulary
from netc.runtime.train.answers import answers, asked, judged
from netc.runtime.train.runs import open_run, settings_of


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.option("--invert/--no-invert", default=None, help="By default dark writing on light paper is inverted for nets trained on mnist or digits.")
def command(run: Path, files: tuple[Path, ...], as_json: bool, invert: bool | None) -> int:
    """Give a run's answers for files.

    Images go through the steps of the run's data, arrays are taken as they are, and of a text (`.txt`) each line is a sample.
    """
    net, facts, spec = open_run(run)
    inputs = asked(net)
    if len(inputs) != 1:
        raise click.UsageError(f"`predict` serves nets whose answer needs one input; this one needs {', '.join(v.name for v in inputs) or 'none'}.")
    targets = {guess: target for target, guess in judged(net).items()}
    found: list[dict[str, object]] = []
    for file in files:
        shape = tuple(a.points() if a.known else None for a in inputs[0].axes)
        if not file.is_file():
            near = tuple(p.name for p in file.parent.glob(f"*{file.suffix}")) if file.parent.is_dir() else ()
            raise MissingError(FileNotReadable(_place(file).span, str(file), "no such file", near, "correct the path"))
        for x in _samples(file, shape, facts["labels"].get(inputs[0].name), invert, facts, spec):
            out = net(**{inputs[0].name: x})
            for name, values in (out if isinstance(out, dict) else {answers(net)[0]: out}).items():
                target = targets.get(name, name)
                found += [{"file": str(file), "name": target, **_decoded(one, facts["labels"].get(target))} for one in np.asarray(values)]
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for a in found:
            share = f"  {100 * float(str(a['probability'])):.1f}%" if "probability" in a else ""
            click.echo(f"{a['file']}: {a['name']} {a['answer']}{share}")
    return 0


def _samples(
    file: Path, shape: tuple[int | None, ...], labels: list[str] | None, invert: bool | None, facts: dict[str, Any], spec: netc.Spec
) -> Iterator[Array]:
    """What the net is called with, batch after batch."""
    suffix = file.suffix.lower()
    if suffix in (".npy", ".npz"):
        yield _array(file, shape)
    elif suffix == ".txt" and labels is not None and shape == (None,):
        vocabulary, place = Vocabulary(tuple(labels)), _place(file)
        yield from (vocabulary.read(line, place.span)[None] for line in read_text(str(file), place).splitlines() if line.strip())
    else:
        yield _picture(file, shape, invert, facts, spec)


def _decoded(values: Array, labels: list[str] | None) -> dict[str, object]:
    if values.ndim and values.shape[-1] > 1 and np.allclose(values.sum(-1), 1, atol=1e-3) and (values >= 0).all():
        best = values.argmax(-1)
        if values.ndim == 1:
            return {"answer": labels[best] if labels else str(best), "probability": float(values[best])}
        return {"answer": Vocabulary(tuple(labels)).text(best.reshape(-1)) if labels else " ".join(map(str, best.reshape(-1)))}
    if values.ndim == 0:
        whole = int(values) if float(values) == int(values) else None
        return {"answer": labels[whole] if labels and whole is not None and 0 <= whole < len(labels) else str(values.item())}
    return {"answer": np.array2string(values, precision=4, threshold=20)}


def _array(file: Path, shape: tuple[int | None, ...]) -> Array:
    place = _place(file)
    found = npy.load(file, place, file)
    if len(found) != 1:
        raise place.damaged(file, f"it holds {len(found)} arrays, and one is wanted")
    (array,) = found.values()
    batch = array if array.ndim == len(shape) + 1 else array[None]
    fits = batch.ndim == len(shape) + 1 and all(n in (None, m) for n, m in zip(shape, batch.shape[1:], strict=True))
    if not fits or array.dtype.kind not in "iufb":
        raise place.damaged(file, f"it holds {_sizes(array.shape)}, and the net takes {_sizes(shape)} for each sample")
    return batch


def _picture(file: Path, shape: tuple[int | None, ...], invert: bool | None, facts: dict[str, Any], spec: netc.Spec) -> Array:
    """The picture in the sizes, the colours and the range in which the net saw its own data."""
    place = _place(file)
    colour = len(shape) >= 3 and shape[-3] == 3
    picture = pictures.read(file, place, not colour)
    light_on_dark = facts["data"] in ("mnist", "digits")
    if invert if invert is not None else light_on_dark and picture.mean() > 0.5:
        picture = 1 - picture
    settings = settings_of(spec, facts["given"])
    known = tuple(n for n in shape if n is not None)
    x = None
    if known == shape:
        x = prepared(settings.data, picture, known, folder=spec.folder, seed=settings.seed, replace=facts["data_argument"])
    if x is None:
        raise place.damaged(file, f"the net takes {_sizes(shape)}, which is no picture", "give the numbers as a NumPy file")
    return x


def _place(file: Path) -> Place:
    return Place(file.parent, Span(Source("command line", str(file)), 0, len(str(file))), anywhere=True)


def _sizes(shape: tuple[int | None, ...]) -> str:
    return "×".join("T" if n is None else str(n) for n in shape) or "one number"
