"""On a terminal: what is shown fits its width; in a pipe nothing is cut and nothing controls."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from netc import specs

Netc = Callable[..., subprocess.CompletedProcess[str]]


def on_terminal(*arguments: str, cwd: Path, columns: int) -> str:
    """What a terminal of so many columns is sent, both streams together."""
    near, far = pty.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")} | {"NO_COLOR": "1", "TERM": "xterm"}
    process = subprocess.Popen([sys.executable, "-m", "netc", *arguments], cwd=cwd, stdin=far, stdout=far, stderr=far, env=environment)
    os.close(far)
    sent = b""
    while True:
        try:
            part = os.read(near, 65536)
        except OSError:  # the terminal's other end is closed
            break
        if not part:
            break
        sent += part
    os.close(near)
    assert process.wait(60) == 0, sent
    return sent.decode().replace("\r\n", "\n")


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "lenet_sigmoid.net").write_text(specs.source("vision/lenet_sigmoid.net"))
    (tmp_path / "small.net").write_text("net Small:\n    input x: real[2]\n    input y: class(2)\n    y ~ softmax(Dense(2)(x))\ntrain:\n    data = xor()\n    epochs = 3\n")
    (tmp_path / "loop.net").write_text("net L:\n    input x: real[1..T, 9]\n    h[0] = 0\n    h[t] = tanh(Dense(9)(x[t]) + Dense(9)(h[t-1]))\n    loss l = sum(h[T])\n")
    return tmp_path


@pytest.mark.parametrize("columns", [40, 60, 78])
@pytest.mark.parametrize("arguments", [("check", "lenet_sigmoid.net"), ("check", "loop.net", "--plan"), ("data",), ("new",), ("runs",)])
def test_reports_fit_the_terminal(arguments: tuple[str, ...], columns: int, spec: Path, netc: Netc) -> None:
    netc("train", "small.net", "--out", "runs/one")
    shown = on_terminal(*arguments, cwd=spec, columns=columns)
    assert not [line for line in shown.split("\n") if len(line) > columns]


def test_the_list_of_codes_fits_a_narrow_terminal(tmp_path: Path) -> None:
    shown = on_terminal("explain", cwd=tmp_path, columns=40)
    assert "\n  E0104  A line ends a block but does\n         not line up with any block\n         around it.\n" in shown
    assert not [line for line in shown.split("\n") if len(line) > 40]


def test_a_narrow_terminal_shows_rows_as_paragraphs(spec: Path) -> None:
    shown = on_terminal("check", "lenet_sigmoid.net", cwd=spec, columns=40)
    assert " c1  what conv 5×5 · output 6×28×28 ·\n     params 156 · connections 122,304 ·\n     MACs 117,600\n" in shown


def test_a_live_line_is_drawn_over_and_gone_at_the_end(spec: Path) -> None:
    shown = on_terminal("train", "small.net", "--out", "run", cwd=spec, columns=60)
    assert "\x1b[1A\x1b[K" in shown and "━" in shown
    last = shown.rstrip("\n").split("\n")[-2:]
    assert "done in 0:00:0" in last[0] and last[1] == "next  netc eval run   ·   netc inspect run   ·   netc predict run FILE"


def test_plain_lines_on_a_terminal_where_asked(spec: Path) -> None:
    shown = on_terminal("train", "small.net", "--out", "run", "--plain", cwd=spec, columns=60)
    assert "\x1b" not in shown and "epoch 3/3  loss" in shown


def test_a_pipe_gets_everything_whole(spec: Path, netc: Netc) -> None:
    assert " c3     conv 5×5    16×10×10   2,416      241,600  240,000\n" in netc("check", "lenet_sigmoid.net").stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is a device of Linux")
def test_a_full_disk_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "n.net").write_text("net N:\n    input x: real[3]\n    y = 2 * x\n    output y\n")
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-m", "netc", "check", "n.net"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 3 and done.stderr == "error: the disk that is written to is full\n"
