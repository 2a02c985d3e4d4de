"""Puts off Python's search for garbage while a net is compiled.

A program is some hundred thousand small objects that live on. Each time a few of them are made Python looks whether others stand
in circles that nobody reaches, finds none, and has taken a quarter of the time of compiling ResNet-152.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def unsearched() -> Iterator[None]:
    """Within, and in a function that this decorates, there is no search; then it is as it was."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()
