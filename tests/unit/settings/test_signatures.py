"""What the compiler says of sources, steps and settings is what the runtime has."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from netc.compiler.settings.calls import Signature
from netc.compiler.settings.read import ALIASES, KINDS, SETTINGS
from netc.compiler.settings.sources import FILES, SOURCES, STEPS, USUAL
from netc.runtime.data.pipeline.resolve import SOURCES as READERS
from netc.runtime.data.pipeline.steps import CHOOSING, LEARNING, WHAT
from netc.runtime.data.pipeline.steps import STEPS as DONE

_BY_NETC = ("place", "seed", "splits")  # what netc gives, not the spec


@pytest.mark.parametrize(("said", "has"), [(SOURCES, READERS), (STEPS, DONE)], ids=["sources", "steps"])
def test_sources_and_steps_take_what_is_said_of_them(said: dict[str, Signature], has: dict[str, Callable[..., Any]]) -> None:
    assert list(said) == list(has)
    for name, function in has.items():
        taken = {k: p for k, p in inspect.signature(function).parameters.items() if k not in _BY_NETC}
        assert list(taken) == list(said[name].arguments), name
        assert all(p.default is p.empty for p in taken.values()), f"the defaults of {name} stand in its signature"


def test_a_default_is_of_its_own_kind() -> None:
    given = [(n, k, a) for n, s in (SOURCES | STEPS).items() for k, a in s.arguments.items() if a.default is not None]
    empty = [(n, k) for n, k, a in given if a.kind.take(a.default) is None]
    assert empty == []


def test_files_are_of_sources_that_there_are() -> None:
    assert {*FILES, *USUAL.values()} <= set(SOURCES) and {*CHOOSING, *LEARNING, *WHAT} <= set(STEPS)
    assert all(ending in FILES[source] for ending, source in USUAL.items())


def test_every_setting_has_a_kind() -> None:
    assert {*KINDS} == {*SETTINGS, "lr"} and set(ALIASES.values()) <= set(KINDS)
