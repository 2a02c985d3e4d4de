"""The folder of a run: what is written when it begins and ends, and opened again."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import MissingError, NetcError, UsageError
from netc.compiler.diagnostics.problems.checkpoints import CheckpointDamaged, CheckpointUnfit, NoRun, RunExists
from netc.compiler.session import Session
from netc.compiler.settings import SETTINGS, Optimiser, Schedule, TrainSettings
from netc.compiler.source.text import typed
from netc.runtime.backends.choose import Choice
from netc.runtime.data.fields.model import Splits
from netc.runtime.model import checkpoints
from netc.runtime.model.checkpoints import Checkpoint
from netc.runtime.model.files import not_writable, read_spec, reader, write_bytes
from netc.runtime.model.net import Net
from netc.runtime.model.spec import Spec


def new_folder(name: str, below: Path = Path("runs")) -> Path:
    """`runs/NAME-DATE`, with a number where that exists."""
    stem = f"{name.lower()}-{time.strftime('%Y%m%d-%H%M%S')}"
    folder, k = below / stem, 2
    while folder.exists():
        folder, k = below / f"{stem}-{k}", k + 1
    return folder


def spec_hash(text: str) -> str:
    """What tells a spec from what it was."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def shown_settings(settings: TrainSettings) -> dict[str, dict[str, Any]]:
    """Every setting with its value, as a number or as a spec writes it, and where it comes from."""
    found = {}
    for name in SETTINGS:
        origin = settings.origins.get(name)
        found[name] = {"value": _value(settings, name), "origin": origin.source if origin else "default"}
    return found


def _value(settings: TrainSettings, name: str) -> int | float | str | None:
    match getattr(settings, name):
        case Optimiser():
            return optimiser_text(settings)
        case Schedule() as schedule:
            return schedule_text(schedule)
        case tuple() as given:
            call = "group" if name == "rates" else "limit"
            items = [f'"{x}"' if isinstance(x, str) else f'{call}("{x[0]}", {x[1]:g})' for x in given]
            return f"[{', '.join(items)}]"
        case int() | float() | str() | None as plain:
            return plain
        case written:  # data, and weights to begin with
            text: str = written.span.text
            return text


def setting_text(value: object) -> str:
    """A setting in words. A number as it would be written: 5 and 5.0 are the same."""
    return "none" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)


def optimiser_text(settings: TrainSettings) -> str:
    """`sgd(rate=0.1, momentum=0.9)`."""
    o = settings.optimizer
    return f"{o.rule}({', '.join([f'rate={schedule_text(o.rate)}', *(f'{k}={v:g}' for k, v in o.constants)])})"


def schedule_text(schedule: Schedule) -> str:
    """`linear(0, 0.25)`."""
    values = ", ".join(f"{v:g}" for v in schedule.values)
    text = values if schedule.rule == "constant" else f"{schedule.rule}({values})"
    if schedule.rule == "steps":
        text = f"steps([{', '.join(f'{e:g}' for e in schedule.epochs)}], [{values}])"
    return f"warmup({schedule.warmup}, {text})" if schedule.warmup else text


def begin_folder(folder: Path, spec: Spec, settings: TrainSettings, net: Net, splits: Splits, data: object) -> None:
    """The spec and the facts of a run that begins. Raises UsageError where the folder holds a run."""
    if (folder / "run.json").exists():
        raise UsageError(RunExists(typed("command line", str(folder)), str(folder)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "spec.net").write_text(spec.text, encoding="utf-8", newline="")
    except OSError as error:
        raise not_writable(folder, error) from None
    facts = {
        "net": spec.net, "spec": spec.session.name, "spec_sha256": spec_hash(spec.text), "dims": spec.session.dims,
        "folder": str(spec.folder.resolve()), "settings": shown_settings(settings), "given": dict(settings.given), "data": splits.name,
        "data_argument": data if isinstance(data, str) else None, "split": splits.statement,
        "versions": {"netc": _version(), "python": platform.python_version(), "numpy": np.__version__},
        "backend": net.backend.name, "device": str(net.choice), "dtype": net.dtype, "labels": {f.name: f.labels for f in splits.train.fields},
    }  # fmt: skip
    write_bytes(folder / "run.json", json.dumps(facts, indent=2, sort_keys=True).encode())


def _version() -> str:
    from importlib.metadata import version

    return version("netc")


def fitting(folder: Path, name: str, spec: Spec) -> Checkpoint:
    """A checkpoint of a run. Raises MissingError where there is none, NetcError where it is of another spec."""
    path = folder / f"{name}.safetensors"
    span = typed("command line", str(folder))
    if not path.exists():
        raise MissingError(NoRun(span, str(folder), path.name))
    checkpoint = checkpoints.read(path)
    if checkpoint.facts.get("spec_sha256") != spec_hash(spec.text):
        raise NetcError(CheckpointUnfit(span, str(path), "the spec has changed since"))
    return checkpoint


def write_report(folder: Path, facts: Mapping[str, Any]) -> None:
    """How a run ended."""
    write_bytes(folder / "report.json", json.dumps(facts, indent=2, sort_keys=True).encode())


def spec_of(folder: str | Path) -> tuple[Spec, dict[str, Any]]:
    """The spec of a run as it was, reading what it uses where it lay, and the run's facts."""
    folder = Path(folder)
    span = typed("command line", str(folder))
    if not (folder / "run.json").is_file():
        raise MissingError(NoRun(span, str(folder), "run.json"))
    try:
        facts = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        home = Path(facts["folder"]) if Path(facts["folder"]).is_dir() else folder
        text, dims, net = read_spec(folder / "spec.net"), facts["dims"] or None, facts["net"]
        for needed in ("given", "data", "data_argument", "dtype", "labels", "settings"):
            facts[needed]
    except (ValueError, KeyError, TypeError) as error:
        raise NetcError(CheckpointDamaged(span, str(folder / "run.json"), f"not as netc writes it ({error})")) from None
    read = reader(home)
    return Spec(Session(str(folder / "spec.net"), text, read, dims), read, home, net), facts


def open_run(folder: str | Path, which: str = "best", backend: str | Choice = "auto") -> tuple[Net, dict[str, Any], Spec]:
    """The net of a run with the parameters of its `best` (or `last`) checkpoint, the run's facts, and its spec."""
    folder = Path(folder)
    spec, facts = spec_of(folder)
    net = spec.build(backend, dtype=facts["dtype"])
    name = which if (folder / f"{which}.safetensors").exists() else "last"
    net.restore(fitting(folder, name, spec).tensors)
    net.labels = facts["labels"]
    return net, facts, spec
