"""The zoo: one spec for each system, with its source, its numbers proved by `assert`, and its result."""

from importlib.resources import files


def source(name: str) -> str:
    """The text of a spec by its path below this folder, such as `vision/lenet5.net`."""
    return files(__name__).joinpath(*name.split("/")).read_text(encoding="utf-8")
