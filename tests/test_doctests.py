"""The examples in public docstrings say what is so."""

import doctest
from importlib import import_module

import netc
import pytest

MODULES = [
    "netc", "netc.runtime.model.spec", "netc.runtime.model.net", "netc.runtime.model.gradcheck", "netc.runtime.train.runs",
    "netc.runtime.train.open", "netc.runtime.train.weights", "netc.runtime.train.differences", "netc.runtime.data.fields.ragged", "netc.runtime.data.fields.vocabulary", "netc.runtime.data.feeding.streams",
]  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_hold(name: str) -> None:
    found = doctest.testmod(import_module(name), extraglobs={"netc": netc}, optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize("name", [n for n in netc.__all__ if n != "__version__"])
def test_every_public_name_is_documented(name: str) -> None:
    documented = getattr(netc, name)
    assert (documented.__doc__ or "").strip()
