"""Type-checks the checkout: `python tests/typecheck.py`.

The import package is laid out by a mapping that type checkers cannot follow, so the folders are linked as `netc/...` below
`.types` and mypy (and pyright, where it runs) are pointed there.
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


if __name__ == "__main__":
    lay_out()
    sys.exit(subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, check=False).returncode)
