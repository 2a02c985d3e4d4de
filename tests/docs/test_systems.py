"""The table of systems: forty rows, none without a spec, a result and a command that netc understands."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import netc
import pytest
import test_specs
from netc.runtime.cli import root

ROOT = Path(__file__).parents[2]
if not (ROOT / "docs" / "systems").is_dir():
    pytest.skip("only in a checkout", allow_module_level=True)

TIMED = {"text/lstm_lm.net", "text/mut1_lm.net"}  # made to be timed: benchmarks/ has their results


@pytest.fixture(scope="module")
def systems() -> Iterator[Any]:
    sys.path.insert(0, str(ROOT))
    yield import_module("docs.systems")
    sys.path.remove(str(ROOT))


def test_there_are_forty_rows_with_results(systems: Any) -> None:
    assert [r.number for r in systems.rows()] == list(range(1, 41))
    assert [r.number for r in systems.rows() if len(r.result) < 8] == []


def test_every_spec_with_a_net_stands_in_a_row(systems: Any) -> None:
    named = {s for r in systems.rows() for s in r.specs}
    assert {f for f in test_specs.ALL if netc.load(test_specs.ROOT / f).nets} - TIMED == named


def test_a_row_has_the_number_that_its_specs_say(systems: Any) -> None:
    for row in systems.rows():
        for spec in row.specs:
            said = re.search(r"\(systems rows? ([\d and,]+)\)", (test_specs.ROOT / spec).read_text(encoding="utf-8"))
            if said is not None and row.number <= 37:  # the last three look into nets of other rows
                assert str(row.number) in re.findall(r"\d+", said[1]), f"{row.number}: {spec}"


def test_commands_of_rows_are_understood(systems: Any) -> None:
    for row in systems.rows():
        for words in row.commands:
            command = root.get_command(click.Context(root), words[1])
            assert words[0] == "netc" and command is not None
            given = command.make_context(words[1], words[2:]).params
            if given.get("net"):
                assert given["net"] in [n for _, n in row.nets]
        made = [words[k + 1] for words in row.commands for k, w in enumerate(words) if w == "--out"]
        read = [w for words in row.commands[1:] for w in words[2:3] if words[1] in ("inspect", "sample")]
        assert set(read) <= set(made), row.command  # nobody has to train something else before


def test_gradients_of_every_row_are_recorded(systems: Any) -> None:
    recorded = systems.measured()["gradients"]
    known = {f"{s} {n}" for r in systems.rows() for s, n in r.nets if s not in test_specs.TOO_LARGE}
    missing = [
        k
        for k in sorted(known - set(recorded))
        if netc.load(test_specs.ROOT / k.split()[0])[k.split()[1]].build().params
    ]
    assert missing == []
    assert {k: e for k, e in recorded.items() if e > 1e-6} == {}


def test_links_of_rows_lead_to_pages(systems: Any) -> None:
    assert [r.page for r in systems.rows() if r.page and not (ROOT / "docs" / r.page).is_file()] == []


def test_the_page_of_a_row_shows_one_of_its_specs(systems: Any) -> None:
    silent = []
    for row in systems.rows():
        text = (ROOT / "docs" / row.page).read_text(encoding="utf-8") if row.page.startswith("chapters/") else ""
        if text and row.number < 38 and not any(s in text for s in row.specs):
            silent.append(row.number)
    assert silent == []


def test_the_loss_of_a_training_is_drawn_from_all_its_steps(systems: Any) -> None:
    pictures = import_module("docs.systems.pictures")
    spec = netc.load(test_specs.ROOT / "sequence" / "hello.net")
    drawn = pictures.losses(spec, group=10)
    ((_, means),) = drawn.series
    assert len(means) == 20 and means[0] > 0.5 > 0.01 > means[-1]
    alone = pictures.alone(drawn)
    assert alone.startswith("<svg xmlns=") and "prefers-color-scheme" in alone
