"""Give a run's answers for files: images or arrays."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
from netc.compiler.diagnostics.error import MissingError
from netc.compiler.diagnostics.problems.environment import ExtraAbsent
from netc.compiler.source.text import Source, Span
from netc.runtime.data.model import Array, Dataset, Field, Splits
from netc.runtime.data.place import Place
from netc.runtime.data.steps import resize
from netc.runtime.model.initialise import shape_of
from netc.runtime.train.runs import open_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.option("--invert/--no-invert", default=None, help="Dark writing on light paper is inverted by itself; this overrides it.")
def command(run: Path, files: tuple[Path, ...], as_json: bool, invert: bool | None) -> int:
    """Give a run's answers for files: images or arrays."""
    net, facts, _ = open_run(run)
    inputs = [v for v in net.inputs if v.name not in net.observed]
    if len(inputs) != 1:
        raise click.UsageError(f"`predict` serves nets with one input; this one has {', '.join(v.name for v in inputs)}.")
    answers = []
    for file in files:
        x = _read(file, shape_of(inputs[0]), invert)
        out = net(**{inputs[0].name: x})
        for name, values in (out if isinstance(out, dict) else {net.observed[0] if net.observed else "output": out}).items():
            labels = (facts.get("labels") or {}).get(name)
            for one in np.asarray(values):
                answers.append({"file": str(file), "name": name, **_decoded(one, labels)})
    if as_json:
        click.echo(json.dumps(answers, indent=2))
    else:
        for a in answers:
            share = f"  {100 * float(str(a['probability'])):.1f}%" if "probability" in a else ""
            click.echo(f"{a['file']}: {a['name']} {a['answer']}{share}")
    return 0


def _decoded(values: Array, labels: list[str] | None) -> dict[str, object]:
    if values.ndim == 1 and len(values) > 1 and np.isclose(values.sum(), 1, atol=1e-3) and (values >= 0).all():
        best = int(values.argmax())
        return {"answer": labels[best] if labels else str(best), "probability": float(values[best])}
    if values.ndim == 0:
        whole = int(values) if float(values) == int(values) else None
        return {"answer": labels[whole] if labels and whole is not None and 0 <= whole < len(labels) else str(values.item())}
    return {"answer": np.array2string(values, precision=4, threshold=20)}


def _read(file: Path, shape: tuple[int, ...], invert: bool | None) -> Array:
    place = Place(file.parent, Span(Source("command line", str(file)), 0, len(str(file))), anywhere=True)
    if file.suffix == ".npy":
        try:
            array = np.load(file, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise place.damaged(file, str(error)) from None
        return np.asarray(array if array.ndim == len(shape) + 1 else array[None])
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise MissingError(ExtraAbsent(place.span, "Pillow", "images", "reading images")) from None
    try:
        with Image.open(file) as image:
            grey = np.asarray(image.convert("L"), np.float32) / np.float32(255)
    except (OSError, UnidentifiedImageError) as error:
        raise place.damaged(file, str(error)) from None
    if invert if invert is not None else grey.mean() > 0.5:
        grey = 1 - grey
    if len(shape) < 2:
        raise place.damaged(file, "the net takes no images")
    field = Field("image", grey[None])
    sized = resize(Splits("image", Dataset((field,))), shape[-1]).train.fields[0].array
    return sized.reshape(1, *shape)
