"""What the pages need beside Sphinx: formulas without scripts, `.net` in colour, and all that netc itself knows.

What a page says about netc is asked of netc while the pages are made, so it cannot grow old: a spec's text (`spec`), a
formula beside its equation (`beside`), what a command prints (`netc`), the problems, the commands, the table of systems.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

from docs.extension.beside import Beside
from docs.extension.generated import replace_marks
from docs.extension.lexer import NetLexer
from docs.extension.mathml import block, inline, nothing
from docs.extension.pictures import Picture
from docs.extension.prints import Prints, Worked
from docs.extension.specs import Spec

_SHORT = 40  # characters of code that are not broken between lines


def mark_short_code(app: Sphinx, tree: nodes.document) -> None:
    """Called by Sphinx with each page: code in a line of text that is short gets a class of its own."""
    for code in tree.findall(nodes.literal):
        if len(code.astext()) < _SHORT:
            code["classes"].append("short")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_lexer("net", NetLexer)
    app.add_html_math_renderer("mathml", (inline, nothing), (block, nothing))
    app.add_directive("spec", Spec)
    app.add_directive("beside", Beside)
    app.add_directive("netc", Prints)
    app.add_directive("worked", Worked)
    app.add_directive("picture", Picture)
    app.connect("source-read", replace_marks)
    app.connect("doctree-read", mark_short_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
