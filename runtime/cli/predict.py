"""Give a run's answers for files: images, arrays or texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import numpy as np
from netc.compiler.statements.expressions import Variable
from netc.runtime.backends.choose import choose
from netc.runtime.cli._backend import backend_options
from netc.runtime.data.model import Array
from netc.runtime.data.vocabulary import Vocabulary
from netc.runtime.model.spec import Spec
from netc.runtime.train.answers import answers, asked, judged
from netc.runtime.train.files import ARRAYS, array_of, lines_of, picture_of
from netc.runtime.train.folders import open_run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@backend_options
@click.option("--json", "as_json", is_flag=True)
@click.option("--invert/--no-invert", default=None, help="By default dark writing on light paper is inverted for nets trained on mnist or digits.")
def command(
    run: Path, files: tuple[Path, ...], as_json: bool, invert: bool | None, backend: str, device: str, threads: int | None, strict: bool
) -> int:
    """Give a run's answers for files.

    Images go through the steps of the run's data, arrays are taken as they are; of a text (`.txt`) each line is a sample.
    """
    net, facts, spec = open_run(run, backend=choose(backend, device, threads, strict))
    inputs = asked(net)
    if len(inputs) != 1:
        raise click.UsageError(f"`predict` serves nets whose answer needs one input; this one needs {', '.join(v.name for v in inputs) or 'none'}.")
    targets = {guess: target for target, guess in judged(net).items()}
    found: list[dict[str, object]] = []
    for file in files:
        for x in _given(file, inputs[0], invert, facts, spec):
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


def _given(file: Path, variable: Variable, invert: bool | None, facts: dict[str, Any], spec: Spec) -> list[Array]:
    """What the net is called with, once for each."""
    labels = facts["labels"].get(variable.name)
    if file.suffix.lower() in ARRAYS:
        return [array_of(file, variable)]
    if file.suffix.lower() == ".txt" and labels is not None and len(variable.axes) == 1:
        return [line[None] for line in lines_of(file, labels)]
    return [picture_of(file, variable, invert, facts, spec)]


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
