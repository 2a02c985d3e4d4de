"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from netc.runtime.backends.native import toolchain


def facts() -> dict[str, str]:
    """Processor, cores, versions, BLAS and the settings of its threads."""
    build = np.show_config(mode="dicts")
    blas = build["Build Dependencies"]["blas"]
    threads = {
        k: v for k, v in os.environ.items() if k in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    }
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas['name']} {blas['version']}",
        "threads": ", ".join(f"{k}={v}" for k, v in threads.items()) or "as BLAS chooses",
    }


def peers() -> dict[str, str]:
    """The compiler that netc takes, and the versions of the systems beside it."""
    found = toolchain.find()
    installed = {n: version(n) for n in ("torch", "jax", "jaxlib") if find_spec(n) is not None}
    return {"compiler": str(found), **installed}


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.processor() or "unknown",
    )
