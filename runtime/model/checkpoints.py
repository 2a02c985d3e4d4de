"""Checkpoints: tensors in safetensors, everything else as one JSON text beside them; written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.diagnostics.problems.checkpoints import CheckpointDamaged, CheckpointUnfit
from netc.compiler.source.text import typed
from netc.runtime.model.files import write_bytes
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

FORMAT = 2
_KEY = "netc"  # one key: several are not written in a fixed order


@dataclass
class Checkpoint:
    """All that a run needs to go on: tensors by name, and what is not a tensor."""

    tensors: dict[str, np.ndarray[Any, np.dtype[Any]]]
    facts: dict[str, Any] = field(default_factory=dict)


def digest(tensors: dict[str, np.ndarray[Any, np.dtype[Any]]], facts: Mapping[str, Any]) -> str:
    """sha256 over the facts, and over names, sizes and bytes of all tensors in the order of their names."""
    total = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name in sorted(tensors):
        array = np.asarray(tensors[name], order="C")
        total.update(f"{name} {array.dtype} {array.shape}\n".encode())
        total.update(array.tobytes())
    return total.hexdigest()


def write(path: Path, checkpoint: Checkpoint) -> None:
    """Write atomically: a file in the same folder, flushed to disk, then renamed."""
    tensors = {k: np.asarray(v, order="C") for k, v in checkpoint.tensors.items()}
    facts = {**checkpoint.facts, "format": FORMAT}
    facts["checksum"] = digest(tensors, facts)
    data = save(tensors, {_KEY: json.dumps(facts, sort_keys=True)})
    write_bytes(path, data)


def write_tensors(path: Path, tensors: Mapping[str, np.ndarray[Any, np.dtype[Any]]]) -> None:
    """Tensors alone, for other libraries to read."""
    write_bytes(path, save({k: np.asarray(v, order="C") for k, v in tensors.items()}))


def read(path: Path) -> Checkpoint:
    """Read and verify. Raises NetcError for a damaged file or another format."""
    span = typed("command line", str(path))
    try:
        with safe_open(path, framework="np") as file:
            facts = json.loads((file.metadata() or {}).get(_KEY, "null"))
            tensors = {name: file.get_tensor(name) for name in list(file.keys())}
    except (SafetensorError, OSError, ValueError) as error:
        raise NetcError(CheckpointDamaged(span, str(path), str(error))) from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        mend = "open it with the netc that wrote it, or train it again"
        raise NetcError(CheckpointUnfit(span, str(path), "it is not a checkpoint of this version of netc", mend))
    if facts.pop("checksum", None) != digest(tensors, facts):
        raise NetcError(CheckpointDamaged(span, str(path), "its checksum does not match"))
    return Checkpoint(tensors, facts)
