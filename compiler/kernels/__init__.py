"""Statements as loops: a schedule becomes one program in a small loop language, printed in a C-family dialect.

`kernel` is the way through: `sharing` settles who does what, and where; `nests` writes each statement as loops, those apart
that `matrices` finds to be products; `language` is what both write in, `c` the text that stands in front; `binding` gives a
text its sizes. May import everything above it in the picture of the pipeline, the plan too. A newcomer's question: no number of the batch or of a length stands in the text, so sizes are polynomials (`language.sizes`),
and one text serves all batches that decide alike (`sharing.choices`).
"""

from netc.compiler.kernels.binding import Kernel
from netc.compiler.kernels.kernel import Kernels
from netc.compiler.kernels.work import worth

__all__ = ["Kernel", "Kernels", "worth"]
