"""An equation worked out: what it reads, how its counts arise, its table, its gradient, LaTeX; and two nets compared.

What lives here only reads what other stages made, and gives text; it may import all of them but the session. An explanation
speaks of equations as the user would write them, so layers' names are cut short and copies left out.
"""

from __future__ import annotations
