"""Type-checks the checkout: `python tests/typecheck.py`.

The import package is laid out by a mapping that type checkers cannot follow, so the folders are linked as `netc/...` below
`.types` and mypy and pyright are pointed there. Pyright needs Node, which its package fetches where there is none: where neither
is to be had, that is said, and mypy alone decides.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def lay_out() -> None:
    """Links, not copies; links that point nowhere any more are removed."""
    mapping: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]
    package = ROOT / ".types" / "netc"
    package.mkdir(parents=True, exist_ok=True)
    wanted = {name.removeprefix("netc."): ROOT / folder for name, folder in mapping.items() if name != "netc"}
    wanted |= {p.name: p for p in (ROOT / mapping["netc"]).iterdir() if p.name != "__pycache__"}
    for link in package.iterdir():
        if link.is_symlink() and link.name not in wanted:
            link.unlink()
    for name, target in wanted.items():
        link = package / name
        if not link.is_symlink():
            link.symlink_to(target)


def run(tool: str, *arguments: str, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else None
    return subprocess.run([sys.executable, "-m", tool, *arguments], cwd=ROOT, check=False, stdout=output, stderr=output).returncode


if __name__ == "__main__":
    lay_out()
    failed = run("mypy") != 0
    if run("pyright", "--version", quiet=True) == 0:
        failed |= run("pyright", "--pythonpath", sys.executable) != 0
    else:
        print("pyright does not run here: types were checked by mypy alone")
    sys.exit(failed)
