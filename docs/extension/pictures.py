"""`picture`: a net as `netc draw` draws it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import netc
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from docs.extension.zoo import SPECS


class Picture(SphinxDirective):
    """```{picture} vision/lenet5.net`, with `net` where the file has several and `depth` to open layers."""

    required_arguments = 1
    option_spec: ClassVar = {"net": directives.unchanged, "depth": int, "alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        self.env.note_dependency(f"../specs/{name}")
        spec = netc.load(SPECS / name)
        spec = spec[self.options["net"]] if "net" in self.options else spec
        depth = self.options.get("depth", 0)
        images = Path(self.env.app.outdir) / "_images"
        images.mkdir(parents=True, exist_ok=True)
        file = f"{Path(name).stem}-{spec.net}-{depth}.svg"
        (images / file).write_text(spec.draw("svg", depth), encoding="utf-8")
        up = "../" * self.env.docname.count("/")
        alt = self.options.get("alt", f"the net {spec.net}")
        html = f'<figure class="net"><img src="{up}_images/{file}" alt="{alt}"></figure>'
        return [nodes.raw("", html, format="html")]
