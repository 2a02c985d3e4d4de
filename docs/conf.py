"""How Sphinx builds the pages. Nothing is fetched, neither here nor where they are read."""

import gc
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import netc  # noqa: E402

gc.set_threshold(500_000)  # as the netc command does: checking a large net makes many objects

project = "netc"
author = "the netc authors"
project_copyright = "2026, the netc authors"
version = release = netc.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "docs.extension"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "attrs_block", "attrs_inline"]
myst_heading_anchors = 3
myst_links_external_new_tab = False
suppress_warnings = ["myst.header"]  # the language reference and the results begin with headings of their own
exclude_patterns = ["systems/*", "extension/*"]
default_role = "code"
smartquotes = False  # options begin with two hyphens
autodoc_typehints = "none"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = "netc"
html_static_path = ["static"]
html_css_files = ["netc.css"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_copy_source = False
html_permalinks_icon = "#"
highlight_language = "text"
pygments_style = "docs.extension.lexer.Light"
pygments_dark_style = "docs.extension.lexer.Dark"
