"""The language: its grammar, its standard library, and the pages that describe both."""

from importlib.resources import files


def source(name: str) -> str:
    """The text of a file of this package: `net.lark`, `prelude.net`, `mistakes.toml`, `reference.md`."""
    return (files(__name__) / name).read_text(encoding="utf-8")
