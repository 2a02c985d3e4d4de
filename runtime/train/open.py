"""`netc.open`: the net of a run or of a file."""

from __future__ import annotations

from pathlib import Path

from netc.compiler.checking import check
from netc.compiler.diagnostics.error import MissingError
from netc.compiler.diagnostics.problems.files import FileNotReadable
from netc.compiler.session import Session
from netc.compiler.source.text import typed
from netc.runtime.backends.choose import choose
from netc.runtime.model import checkpoints
from netc.runtime.model.files import reader
from netc.runtime.model.net import Net
from netc.runtime.train.folders import open_run


def open_net(path: str | Path) -> Net:
    """The net of a run folder, or of a file that `Net.save` wrote. Raises NetcError for what cannot be read, MissingError for what is not there.

    >>> import tempfile, pathlib
    >>> net = netc.parse("net N:\\n    input x: real[2]\\n    output y = Dense(2)(x)\\n").build(seed=3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "n.safetensors"
    ...     net.save(file)
    ...     again = netc.open(file)
    >>> bool((again([[1.0, 2.0]]) == net([[1.0, 2.0]])).all())
    True
    """
    path = Path(path)
    if path.is_dir():
        return open_run(path)[0]
    if not path.exists():
        span = typed("command line", str(path))
        near = tuple(p.name for p in path.parent.glob("*") if p.suffix == path.suffix) if path.parent.is_dir() else ()
        raise MissingError(FileNotReadable(span, str(path), "no such run or file", near, "`netc runs` lists those below `runs`, `netc runs FOLDER` those elsewhere"))
    checkpoint = checkpoints.read(path)
    facts = checkpoint.facts
    read = reader(path.parent)
    session = Session(path.name, facts["spec"].encode("utf-8"), read, facts["dims"])
    consts = {k.removeprefix("const/"): v for k, v in checkpoint.tensors.items() if k.startswith("const/")}
    given = {k: v for k, v in consts.items() if not k.startswith("table ")}
    check(session, facts["net"])
    net = Net(session, facts["net"], choose(), facts["dtype"], 1, read, given, facts["per"])
    net.restore(checkpoint.tensors)
    return net
