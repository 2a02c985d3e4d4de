"""Golden files: `pytest --update-golden` writes what is found; without it, what is found must be what is written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew (never in CI)")


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # each process of the tests has a core of its own
    os.environ.setdefault("NETC_BACKEND", "numpy")  # small trainings: compiling them would take longer than they do
    if config.getoption("--update-golden") and os.environ.get("CI"):
        raise pytest.UsageError(
            "--update-golden is refused in CI: golden files are written by people and read in review"
        )


def pytest_runtest_setup(item: pytest.Item) -> None:
    if "compiler" in item.keywords:
        from netc.runtime.backends.native import toolchain

        found = toolchain.find()
        if isinstance(found, toolchain.NoToolchain):
            pytest.skip(f"no C compiler: {found.reason}")


@pytest.fixture(scope="session", autouse=True)
def written_anew() -> Iterator[None]:
    """Kernels are not recalled from the user's cache: tests change how they are written."""
    from netc.runtime.backends.native import NativeBackend

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NativeBackend, "recalls", False)
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare a text with a golden file."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--update-golden"):
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path.name} is missing: run pytest --update-golden and read it"
        assert text == path.read_text(encoding="utf-8")

    return compare
