"""What a small net becomes at each stage: `netc dump FILE --stage STAGE`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from netc.runtime.cli.dump import command

HERE = Path(__file__).parent / "dump"


@pytest.mark.parametrize("stage", ["statements", "gradients", "schedule", "plan"])
def test_dump(stage: str, golden: Callable[[Path, str], None]) -> None:
    result = CliRunner().invoke(
        command, [str(HERE / "small.net"), "--stage", stage, "--batch", "4"], standalone_mode=False
    )
    assert result.exit_code == 0, result.output
    golden(HERE / f"{stage}.txt", result.output)
