"""What a wheel holds is what the checkout holds."""

import sys
import tomllib
from pathlib import Path

import netc
import pytest
from netc import grammar, specs

ROOT = Path(__file__).parents[1]
FOLDERS = ("grammar", "compiler", "runtime", "specs")
checkout = pytest.mark.skipif(not (ROOT / "compiler").is_dir(), reason="only in a checkout")


@checkout
def test_every_package_is_listed() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = {f"netc.{p.parent.relative_to(ROOT).as_posix().replace('/', '.')}" for f in FOLDERS for p in (ROOT / f).rglob("__init__.py")}
    assert listed == found - {"netc.runtime.api"} | {"netc"}


@checkout
def test_every_folder_with_modules_is_a_package() -> None:
    missing = {p.parent for f in FOLDERS for p in (ROOT / f).rglob("*.py") if not (p.parent / "__init__.py").exists()}
    assert not missing


def test_data_travels() -> None:
    assert grammar.source("prelude.net").startswith("#")
    assert "start" in grammar.source("net.lark")
    assert "net LeNet5:" in specs.source("vision/lenet5.net")


def test_nothing_is_imported_bare() -> None:
    assert not set(FOLDERS) & set(sys.modules)
    assert netc.__version__
