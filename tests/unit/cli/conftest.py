"""The command line as a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Done = subprocess.CompletedProcess[str]


@pytest.fixture
def netc(tmp_path: Path) -> Callable[..., Done]:
    """Run `netc ...` in the test's folder; `code` is the exit code that is expected."""

    def run(*arguments: str, code: int = 0, cwd: Path = tmp_path) -> Done:
        command = [sys.executable, "-m", "netc", *arguments]
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert not set(done.stdout + done.stderr) & set("\x1b\r\b")
        return done

    return run
