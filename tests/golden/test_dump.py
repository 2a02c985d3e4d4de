"""What a small net becomes at each stage: `netc dump FILE --stage STAGE`."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from netc.runtime.cli.check import command as check
from netc.runtime.cli.dump import command

HERE = Path(__file__).parent / "dump"


@pytest.mark.parametrize("stage", ["statements", "gradients", "schedule", "plan"])
def test_dump(stage: str, golden: Callable[[Path, str], None]) -> None:
    result = CliRunner().invoke(
        command, [str(HERE / "small.net"), "--stage", stage, "--batch", "4"], standalone_mode=False
    )
    assert result.exit_code == 0, result.output
    golden(HERE / f"{stage}.txt", result.output)


@pytest.mark.parametrize("stage", ["schedule", "plan"])
def test_dump_of_a_recurrence(stage: str, golden: Callable[[Path, str], None]) -> None:
    arguments = [str(HERE / "recurrent.net"), "--stage", stage, "--batch", "4", "--length", "T=6"]
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert result.exit_code == 0, result.output
    golden(HERE / f"recurrent_{stage}.txt", result.output)


def test_outline_of_a_schedule(golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    result = CliRunner().invoke(check, ["recurrent.net", "--plan", "--length", "T=6"], standalone_mode=False)
    assert result.exit_code == 0, result.output
    golden(HERE / "recurrent_outline.txt", re.sub(r"checked in [0-9.]+ s", "checked in … s", result.output))
