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

from netc.compiler.diagnostics.error import NetcError
from netc.runtime.model.gradcheck import gradcheck
from netc.runtime.model.net import Gradient, Net
from netc.runtime.model.spec import Spec, load, parse
from netc.runtime.train.files import open_net as open
from netc.runtime.train.files import save
from netc.runtime.train.runs import Run, train

__version__ = "0.1.0"
__all__ = ["Gradient", "Net", "NetcError", "Run", "Spec", "__version__", "gradcheck", "load", "open", "parse", "save", "train"]
