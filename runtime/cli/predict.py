"""Give a run's answers for texts and numbers that are typed, and for files: images, tables, arrays or texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
from netc.compiler.source.text import typed
from netc.compiler.statements.expressions import Type, Variable
from netc.runtime.backends.choose import choose
from netc.runtime.cli._backend import backend_options
from netc.runtime.data.fields.model import Array
from netc.runtime.data.fields.vocabulary import Vocabulary, unknown_in, unknown_text
from netc.runtime.model.lengths import open_axes
from netc.runtime.model.net import Net
from netc.runtime.model.spec import Spec
from netc.runtime.train.answers import answers, asked, judged
from netc.runtime.train.confusions import called
from netc.runtime.train.files import ARRAYS, PICTURES, array_of, lines_of, numbers_of, picture_of, rows_of
from netc.runtime.train.folders import open_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("given", nargs=-1, required=True, metavar="FILE|TEXT...")
@backend_options
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
@click.option("--invert/--no-invert", default=None, help="By default dark writing on light paper is inverted for nets trained on mnist or digits.")
def command(
    run: Path, given: tuple[str, ...], as_json: bool, invert: bool | None, backend: str, device: str, threads: int | None, strict: bool
) -> int:
    """Give a run's answers for files, or for texts and numbers that are typed.

    Images and tables (`.csv`, `.tsv`, a sample each row) go through the steps of the run's data, arrays are taken as they are; of a
    text (`.txt`) each line is a sample. What names no file is a text where the net reads words or characters, `netc predict RUN "the
    cat sat"`, as `netc sample --input` takes, and numbers where it reads a vector or a sequence of
    them: `netc predict RUN "5.1 3.5"`.
    """
    net, facts, spec = open_run(run, backend=choose(backend, device, threads, strict))
    inputs = asked(net)
    if len(inputs) != 1:
        raise click.UsageError(f"`predict` serves nets whose answer needs one input; this one needs {', '.join(v.name for v in inputs) or 'none'}.")
    targets = {guess: target for target, guess in judged(net).items()}
    found: list[dict[str, object]] = []
    read = facts["labels"].get(inputs[0].name)
    for text in given:
        for x in _given(text, inputs[0], invert, facts, spec):
            out = net(**{inputs[0].name: x})
            for name, values in (out if isinstance(out, dict) else {answers(net)[0]: out}).items():
                target = targets.get(name, name)
                for sample, one in zip(x, np.asarray(values), strict=True):
                    answer = _decoded(one, facts["labels"].get(target))
                    beside = _beside(net, inputs[0], name, sample, answer.pop("classes", None), read, target, facts["labels"].get(target))
                    unknown, of = unknown_in(sample, read) if text_input(inputs[0], read) else (0, 0)
                    found.append({"file": text, "name": target, **answer, **beside, **({"unknown": unknown, "of": of} if unknown else {})})
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for a in found:
            share = f"  {100 * float(str(a['probability'])):.1f}%" if "probability" in a else ""
            points = a.get("points")
            shown = " ".join("/".join(p.values()) for p in points) if isinstance(points, list) else f"{a['name']} {a['answer']}"
            click.echo(f"{a['file']}: {shown}{share}")
        for a in found:
            if "unknown" in a:
                click.echo(f"note: {a['file']}: {unknown_text(int(str(a['unknown'])), int(str(a['of'])), read or ())}", err=True)
    return 0


def text_input(variable: Variable, labels: list[str] | None) -> bool:
    """Whether a net reads words or characters here."""
    return labels is not None and len(variable.axes) == 1 and not variable.axes[0].known


def _beside(
    net: Net, variable: Variable, name: str, sample: Array, classes: object, read: list[str] | None, target: str, labels: list[str] | None
) -> dict[str, object]:
    """Each symbol with its answer, where there is one answer for each."""
    guess = net.elaborated(False).predictions.get(target) or net.elaborated(False).outputs.get(name)
    if read is None or not isinstance(classes, list) or guess is None or guess.axes[:-1] != variable.axes:
        return {}
    known = tuple(labels) if labels else None
    return {"points": [{variable.name: called(int(s), tuple(read)), target: called(c, known)} for s, c in zip(sample, classes, strict=True)]}


def _given(text: str, variable: Variable, invert: bool | None, facts: dict[str, Any], spec: Spec) -> list[Array]:
    """What the net is called with, once for each."""
    labels, file = facts["labels"].get(variable.name), Path(text)
    if labels is not None and text_input(variable, labels) and not file.is_file() and file.suffix.lower() not in (*ARRAYS, *PICTURES, ".txt"):
        return [Vocabulary(tuple(labels)).read(text, typed("command line", text))[None]]
    if file.suffix.lower() in ARRAYS:
        return [array_of(file, variable)]
    if file.suffix.lower() == ".txt" and labels is not None and len(variable.axes) == 1:
        return [line[None] for line in lines_of(file, labels)]
    if variable.type is Type.REAL and file.suffix.lower() not in PICTURES:
        if open_axes(variable) and not file.is_file():
            return [numbers_of(text, variable)]
        if len(variable.axes) == 1 and not open_axes(variable):
            return [rows_of(text, variable, facts, spec)]
    return [picture_of(file, variable, invert, facts, spec)]


def _decoded(values: Array, labels: list[str] | None) -> dict[str, object]:
    if values.ndim and values.shape[-1] > 1 and np.allclose(values.sum(-1), 1, atol=1e-3) and (values >= 0).all():
        best = values.argmax(-1)
        if values.ndim == 1:
            return {"answer": called(int(best), tuple(labels) if labels else None), "probability": float(values[best])}
        told = Vocabulary(tuple(labels)).text(best.reshape(-1)) if labels else " ".join(map(str, best.reshape(-1)))
        return {"answer": told, "classes": best.tolist() if best.ndim == 1 else None}
    if values.ndim == 0:
        whole = int(values) if float(values) == int(values) else None
        shown = f"{values.item():.6g}" if values.dtype.kind == "f" else str(values.item())
        return {"answer": labels[whole] if labels and whole is not None and 0 <= whole < len(labels) else shown}
    return {"answer": np.array2string(values, precision=4, threshold=20)}
