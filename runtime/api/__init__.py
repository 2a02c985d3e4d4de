"""netc: neural nets declared by equations, checked, counted, differentiated, planned and trained.

>>> import netc
>>> spec = netc.parse('''
... net Line:
...     input x: real[2]
...     input y: real
...     param w[2] init 1
...     guess = sum(w * x)
...     y ~ normal(guess, 1)
... ''')
>>> report = spec.check()
>>> report.ok, report.params
(True, 2)
>>> net = spec.build()
>>> net.evaluate({"x": [[3.0, 4.0]]}, "guess")["guess"].tolist()
[7.0]
>>> net.gradient({"x": [[3.0, 4.0]], "y": [5.0]}).params["w"].tolist()
[6.0, 8.0]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from netc.compiler.diagnostics.error import DivergedError as DivergedError
    from netc.compiler.diagnostics.error import MissingError as MissingError
    from netc.compiler.diagnostics.error import NetcError as NetcError
    from netc.runtime.model.gradcheck import gradcheck as gradcheck
    from netc.runtime.model.net import Net as Net
    from netc.runtime.model.results import Gradient as Gradient
    from netc.runtime.model.spec import Spec as Spec
    from netc.runtime.model.spec import load as load
    from netc.runtime.model.spec import parse as parse
    from netc.runtime.train.differences import diff as diff
    from netc.runtime.train.open import open_net as open
    from netc.runtime.train.runs import Run as Run
    from netc.runtime.train.runs import train as train
    from netc.runtime.train.weights import load_weights as load_weights
    from netc.runtime.train.weights import save_weights as save_weights

__version__ = "0.1.0"
__all__ = [
    "DivergedError", "Gradient", "MissingError", "Net", "NetcError", "Run", "Spec", "__version__", "diff", "gradcheck", "load", "load_weights",
    "open", "parse", "save_weights", "train",
]  # fmt: skip

# Loaded at the first use: checking a spec needs no NumPy.
_PLACES = {
    "DivergedError": "compiler.diagnostics.error",
    "MissingError": "compiler.diagnostics.error",
    "NetcError": "compiler.diagnostics.error",
    "diff": "runtime.train.differences",
    "gradcheck": "runtime.model.gradcheck",
    "Gradient": "runtime.model.results",
    "Net": "runtime.model.net",
    "Spec": "runtime.model.spec",
    "load": "runtime.model.spec",
    "parse": "runtime.model.spec",
    "open": "runtime.train.open:open_net",
    "Run": "runtime.train.runs",
    "train": "runtime.train.runs",
    "load_weights": "runtime.train.weights",
    "load_ipython_extension": "notebook",  # `%load_ext netc`
    "save_weights": "runtime.train.weights",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'netc' has no attribute {name!r}")
    module, _, inside = _PLACES[name].partition(":")
    value = getattr(import_module(f"netc.{module}"), inside or name)
    globals()[name] = value
    return value
