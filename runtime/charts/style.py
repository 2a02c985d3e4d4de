"""How pictures look in a page: text takes the page's own colour. The rules hold below an element of class `netc` alone."""

CHARTS = """
.netc svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:11px}
.netc svg text{fill:currentColor}.netc svg .title{font-size:13px;font-weight:600}.netc svg .quiet{opacity:.7}
.netc svg .pixels{image-rendering:pixelated}
.netc svg .frame{fill:none;stroke:currentColor;stroke-opacity:.28;stroke-width:.8}
.netc svg .line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.netc svg .rule{fill:none;stroke:currentColor;stroke-opacity:.16}
.netc svg .mark{fill:none;stroke:currentColor;stroke-opacity:.6;stroke-dasharray:4 3}
"""
