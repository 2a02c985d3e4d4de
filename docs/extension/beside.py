"""`beside`: each formula of the lecture beside the line of the spec that says the same."""

from __future__ import annotations

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from docs.extension.specs import code
from docs.extension.zoo import place, zoo


class Beside(SphinxDirective):
    """```{beside} sequence/gates.net MGU`, then lines `left side := formula`; a line that begins with a blank goes on.

    The equation is looked up by its left side, so what is shown is what the spec says. Several left sides are joined by `;`.
    """

    required_arguments = 2
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        file, item = zoo(self.arguments[0]), self.arguments[1]
        self.env.note_dependency(f"../{place(file.name)}")
        rows: list[nodes.Node] = [_head(f"{place(file.name)} · {item}")]
        for line in _joined(list(self.content)):
            left, mark, latex = line.partition(":=")
            if not mark:
                raise self.error(f"`{line}` has no `:=`")
            texts = [file.equation(item, part.strip()) for part in left.split(";")]
            formula = nodes.container(
                "", nodes.math_block(latex.strip(), latex.strip(), nowrap=False, number=None, label=None)
            )
            said = nodes.container("", code("\n".join(texts), "net", []))
            rows.append(nodes.container("", formula, said, classes=["pair"]))
        return [nodes.container("", *rows, classes=["beside"])]


def _head(place: str) -> nodes.container:
    cells = (nodes.inline("", "the lecture", classes=["side"]), nodes.inline("", place, classes=["side", "file"]))
    return nodes.container("", *cells, classes=["pair", "strip"])


def _joined(lines: list[str]) -> list[str]:
    joined: list[str] = []
    for line in lines:
        if line.startswith(" ") and joined:
            joined[-1] += "\n" + line
        elif line.strip():
            joined.append(line)
    return joined
