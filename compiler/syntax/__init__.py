"""Text to spanned syntax trees, with recovery at the next statement; and back to text in one style (`format`).

May import `source`, `diagnostics` and `grammar`. What a bracket means is decided later, by `elaborate`.
"""
