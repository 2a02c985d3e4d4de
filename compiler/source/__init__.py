"""Text and places in it. Imports nothing of netc; every later stage points back here through a `Span`."""
