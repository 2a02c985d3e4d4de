"""`spec`: a spec of the zoo, or the items of it that a page speaks of, as they stand in the file."""

from __future__ import annotations

from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from docs.extension.zoo import place, zoo


def code(text: str, language: str, classes: list[str]) -> nodes.literal_block:
    """A block of code."""
    block = nodes.literal_block(text, text, language=language, classes=classes)
    block["force"] = True
    return block


class Spec(SphinxDirective):
    """```{spec} vision/lenet5.net` with one item a line (`net LeNet5`, `table C3`, `train`); none gives the whole file.

    `bare` leaves out the comments above the items.
    """

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"bare": directives.flag}

    def run(self) -> list[nodes.Node]:
        file = zoo(self.arguments[0])
        self.env.note_dependency(f"../{place(file.name)}")
        items = [line for line in self.content if line.strip()]
        text = (
            "\n\n".join(file.item_text(i.strip(), "bare" not in self.options) for i in items)
            if items
            else file.text.rstrip()
        )
        caption = nodes.container("", nodes.inline("", place(file.name), classes=["file"]), classes=["strip"])
        return [nodes.container("", caption, code(text, "net", []), classes=["spec"])]
