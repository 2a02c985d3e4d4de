"""Nets as files: `netc.save` and `netc.open`."""

from __future__ import annotations

from pathlib import Path

from netc.compiler.session import Session
from netc.runtime.model.files import reader
from netc.runtime.model.net import Net
from netc.runtime.model.spec import choose_backend
from netc.runtime.train import checkpoints
from netc.runtime.train.checkpoints import Checkpoint
from netc.runtime.train.runs import open_run
from netc.runtime.train.trainer import load_values


def save(net: Net, path: str | Path) -> None:
    """Write parameters and states as safetensors, with the spec beside them in the same file; atomically."""
    tensors = {f"param/{k}": v for k, v in net.params.items()} | {f"state/{k}": v for k, v in net.state.items()}
    tensors |= {f"const/{k}": v for k, v in net._constants.items()}
    source = net.session.source
    facts = {"net": net.name, "spec": source.text if source else "", "dims": net.session.dims, "dtype": net.dtype, "per": net.per}
    checkpoints.write(Path(path), Checkpoint(tensors, facts))


def open_net(path: str | Path) -> Net:
    """The net of a run folder, or of a file that `save` wrote. Raises NetcError for what cannot be read."""
    path = Path(path)
    if path.is_dir():
        return open_run(path)[0]
    checkpoint = checkpoints.read(path)
    facts = checkpoint.facts
    read = reader(path.parent)
    session = Session(path.name, facts["spec"].encode("utf-8"), read, facts["dims"])
    consts = {k.removeprefix("const/"): v for k, v in checkpoint.tensors.items() if k.startswith("const/")}
    given = {k: v for k, v in consts.items() if not k.startswith("table ")}
    session.check(facts["net"])
    net = Net(session, facts["net"], choose_backend("auto", "auto"), facts["dtype"], 1, read, given, facts["per"])
    load_values(net, checkpoint)
    return net
