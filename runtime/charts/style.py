"""How pictures look in a page: text takes the page's own colour."""

CHARTS = """
svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:11px}
svg text{fill:currentColor}svg .title{font-size:13px;font-weight:600}svg .quiet{opacity:.62}
svg .pixels{image-rendering:pixelated}svg .frame{fill:none;stroke:currentColor;stroke-opacity:.28;stroke-width:.8}
svg .line{fill:none;stroke-width:1.8;stroke-linejoin:round}
svg .rule{fill:none;stroke:currentColor;stroke-opacity:.16}svg .mark{fill:none;stroke:currentColor;stroke-opacity:.6;stroke-dasharray:4 3}
"""
