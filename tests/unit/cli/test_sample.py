"""`netc sample` on runs: text on stdout, talk on stderr, the same as JSON."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from subprocess import CompletedProcess

import netc as api
import pytest

Netc = Callable[..., CompletedProcess[str]]
SPECS = Path(str(files("netc.specs")))


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    api.train(api.load(SPECS / "sequence" / "hello.net"), out=folder / "hello")
    return folder


@pytest.fixture(scope="module")
def dates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    api.train(api.load(SPECS / "text" / "seq2seq.net"), out=folder / "dates", steps=5, data="dates(samples=200)")
    return folder


def test_the_hello_net_says_hello(hello: Path, netc: Netc) -> None:
    done = netc("sample", "hello", cwd=hello)
    assert done.stdout == "hello\n"
    assert done.stderr.startswith("4 symbols in ") and done.stderr.endswith(" · seed 1\n")


def test_the_command_line_goes_before_the_block(hello: Path, netc: Netc) -> None:
    assert netc("sample", "hello", "--prompt", "he", "--limit", "2", "--temperature", "0", cwd=hello).stdout == "hell\n"
    assert netc("sample", "hello", "--stop", "o", "--count", "2", "--limit", "9", "--temperature", "0", cwd=hello).stdout == "hell\nhell\n"


def test_json_says_all_that_is_known(hello: Path, netc: Netc) -> None:
    document = json.loads(netc("sample", "hello", "--json", "--temperature", "0", cwd=hello).stdout)
    assert document["samples"] == [{"name": "x", "text": "hello", "values": [0, 1, 2, 2, 3], "prompt": 1, "stopped": False}]


def test_what_was_memorised_is_told(hello: Path, netc: Netc, monkeypatch: pytest.MonkeyPatch) -> None:
    (hello / "seen.txt").write_text("hell is other people")
    done = netc("sample", "hello", "--temperature", "0", "--check-memorised", "seen.txt", cwd=hello)
    assert 'longest stretch that stands in seen.txt: 3 characters, "ell"\n' in done.stderr
    (hello / "texts").mkdir()
    (hello / "seen.txt").rename(hello / "texts" / "seen.txt")
    assert '3 characters, "ell"\n' in netc("sample", "hello", "--temperature", "0", "--check-memorised", "texts/seen.txt", cwd=hello).stderr
    assert "no such file" in netc("sample", "hello", "--check-memorised", "seen.txt", cwd=hello, code=3).stderr
    monkeypatch.setenv("NETC_DATA", str(hello / "texts"))
    assert '3 characters, "ell"\n' in netc("sample", "hello", "--temperature", "0", "--check-memorised", "seen.txt", cwd=hello).stderr


def test_a_symbol_that_the_run_does_not_know_is_shown(hello: Path, netc: Netc) -> None:
    assert "[R111]" in netc("sample", "hello", "--prompt", "hex", code=1, cwd=hello).stderr


def test_inputs_come_from_the_test_part_or_from_the_command_line(dates: Path, netc: Netc) -> None:
    lines = netc("sample", "dates", "--inputs", "2", cwd=dates).stdout.splitlines()
    assert len(lines) == 2 and all("  →  " in line for line in lines)
    (given,) = netc("sample", "dates", "--input", "3 May 1979", "--beam", "2", cwd=dates).stdout.splitlines()
    assert given.startswith("3 May 1979  →  ")
    both = netc("sample", "dates", "--input", "3 May 1979", "--input", "MAY 14 2001", "--beam", "2", cwd=dates).stdout.splitlines()
    assert both[0] == given and both[1].startswith("MAY 14 2001  →  ")
    (named,) = json.loads(netc("sample", "dates", "--input", "x=3 May 1979", "--json", cwd=dates).stdout)["samples"]
    assert named["inputs"] == {"x": "3 May 1979"} and named["score"] < 0
