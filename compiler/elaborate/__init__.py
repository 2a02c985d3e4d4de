"""Syntax trees to equations: names, layers, sizes, domains and roles are settled here, and all that is wrong is reported.

`model` is the result: one net as equations on scalar expressions, all layers inlined. May import everything above it in
the picture of the pipeline. From the bottom: `ranges` of indices, `arrays`, `layers`, `expressions`, `recurrences`, what is
judged of equations that fail (`judging`), `equations`, `likelihoods`; `body` runs them in order and `net` begins. A newcomer's
question: a net that asks for `training` is elaborated once for each mode (training, evaluation), because a static
`if training` decides which equations exist.
"""

from netc.compiler.elaborate.net import elaborate
from netc.compiler.elaborate.scope import Options

__all__ = ["Options", "elaborate"]
