"""The team of threads: barriers hold, idle threads sleep, callers do not meet, a forked child has its own."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from netc.runtime.backends.native import toolchain


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_no_thread_runs_ahead_of_a_barrier(threads: int, library) -> None:
    turns = 10_000 if threads <= toolchain.threads() else 300  # threads that share a core wait for each other's time
    assert library().count(threads, ctypes.c_long(turns)) == threads * turns


def test_runs_of_changing_size_follow_each_other(library) -> None:
    for k in range(1000):
        threads = 1 + k % 4
        assert library().count(threads, ctypes.c_long(2)) == 2 * threads


def test_two_callers_take_turns(library) -> None:
    found: list[int] = []

    def call(threads: int) -> None:
        found.extend(library().count(threads, ctypes.c_long(3)) for _ in range(500))

    callers = [threading.Thread(target=call, args=(n,)) for n in (2, 3)]
    for c in callers:
        c.start()
    for c in callers:
        c.join()
    assert sorted(found) == [6] * 500 + [9] * 500


def test_a_team_without_work_sleeps(library) -> None:
    library().count(3, ctypes.c_long(10))
    time.sleep(0.05)
    before = time.process_time()
    time.sleep(0.4)
    assert time.process_time() - before < 0.1


@pytest.mark.parametrize("bits", [32, 64])
def test_denormal_numbers_are_zero_inside_and_kept_outside(bits: int, library) -> None:
    seen = np.zeros(3, np.float32 if bits == 32 else np.float64)
    library(bits).tiny_numbers(ctypes.c_void_p(seen.ctypes.data))
    assert (seen[:2] == 0).all() and seen[2] > 0


def test_a_forked_child_has_a_team_of_its_own(library) -> None:
    script = f"""
        import ctypes, os, signal
        lib = ctypes.CDLL({library()._name!r})
        assert lib.count(3, ctypes.c_long(10)) == 30
        for _ in range(20):
            child = os.fork()
            if child == 0:
                signal.alarm(30)
                os._exit(0 if lib.count(3, ctypes.c_long(10)) == 30 else 1)
            assert os.waitpid(child, 0)[1] == 0
        assert lib.count(3, ctypes.c_long(10)) == 30
    """
    subprocess.run([sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)], check=True, timeout=120)
