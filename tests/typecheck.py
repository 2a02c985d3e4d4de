"""Type-checks the checkout: `python tests/typecheck.py`.

The import package is laid out by a mapping that type checkers cannot follow, so the folders are linked as `netc/...` below
`.types` and mypy and pyright are pointed there. Pyright needs Node, which its package fetches where there is none: where neither
is to be had, that is said, and mypy alone decides. What makes the pages (`docs/`) is checked where its group is installed:
`pip install --group docs-types`.
"""

import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINKS, DOCS = ROOT / ".types", ROOT / "docs"
FOLDERS = ("compiler", "runtime", "grammar", "specs")


def lay_out() -> None:
    """Links, not copies; links that point nowhere any more are removed."""
    mapping: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]
    wanted = {name.removeprefix("netc."): ROOT / folder for name, folder in mapping.items() if name != "netc"}
    link_all(LINKS / "netc", wanted | {p.name: p for p in (ROOT / mapping["netc"]).iterdir() if p.name != "__pycache__"})
    link_all(LINKS / "docs", {p.name: p for p in DOCS.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()})


def link_all(folder: Path, wanted: dict[str, Path]) -> None:
    """A link of each name, and no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for link in folder.iterdir():
        if link.is_symlink() and link.name not in wanted:
            link.unlink()
    for name, target in wanted.items():
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(target)


def start(tool: str, *arguments: str, quiet: bool = False) -> subprocess.Popen[bytes]:
    output = subprocess.DEVNULL if quiet else None
    return subprocess.Popen([sys.executable, "-m", tool, *arguments], cwd=ROOT, stdout=output, stderr=output)


def has_the_pages() -> bool:
    """Whether Sphinx is installed, and what tells the types of the libraries below it."""
    return all(find_spec(name) for name in ("sphinx", "latex2mathml", "docutils-stubs", "pygments-stubs"))


if __name__ == "__main__":
    lay_out()
    pages = ["docs"] if has_the_pages() else []
    if not pages:
        print("docs/ is not checked: its group is not installed (`pip install --group docs-types`)")
    checks = [start("mypy", *(word for package in ("netc", *pages) for word in ("-p", package)))]  # side by side
    if start("pyright", "--version", quiet=True).wait() == 0:
        checks.append(start("pyright", "--pythonpath", sys.executable, *FOLDERS, *pages))
    else:
        print("pyright does not run here: types were checked by mypy alone")
    sys.exit(any([check.wait() for check in checks]))
