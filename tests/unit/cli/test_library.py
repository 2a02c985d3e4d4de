"""`netc check` of a file without a net: what it declares, and the mistakes in it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Netc = Callable[..., CompletedProcess[str]]
LIBRARY = """def squash(a) = 1.7159 * tanh(2/3 * a)
table C3[2, 3]:
    X . X
    . X X
layer Cell(H, bias=true)(x: real[X], h: real[H]) -> h': real[H]:
    param W[H, X], U[H, H] init glorot
    param b[H] init 0 where bias
    h' = squash(W @ x + U @ h + b)
"""
SHOWN = """cells.net  no net: each layer and function is checked by itself

 name    what                                          output
 ─────────────────────────────────────────────────────────────────
 squash  function (a)
 C3      table                                         2×3
 Cell    layer (H, bias=true)(x: real[X], h: real[H])  h': real[H]
 note    sizes and parameters are counted where a net applies a layer
 time    checked in … s

"""


def test_what_a_library_declares_is_listed(netc: Netc, tmp_path: Path) -> None:
    (tmp_path / "cells.net").write_text(LIBRARY, encoding="utf-8")
    done = netc("check", "cells.net")
    assert (re.sub(r"\d+\.\d\d s", "… s", done.stdout), done.stderr) == (SHOWN, "")
    (tmp_path / "bad.net").write_text(LIBRARY.replace("U @ h", "V @ h"), encoding="utf-8")
    document = json.loads(netc("check", "bad.net", "--json", code=1).stdout)
    assert (document["ok"], document["net"], document["params"], document["memory"]) == (False, "", None, None)
    assert [(r["name"], r["what"], r["params"], r["line"]) for r in document["rows"]][0] == ("squash", "function (a)", None, 1)
    assert [(p["code"], p["line"]) for p in document["problems"]] == [("E0201", 8)]
    assert "no net: nothing is counted" in netc("check", "cells.net", "--expect", "params=3", code=1).stderr
    assert "no net here declares `dim Q`" in netc("check", "cells.net", "-D", "Q=3", code=1).stderr
