"""The table of systems: `python -m docs.systems`; `--gradients` and `--run ROW…` measure anew what it shows."""

from __future__ import annotations

import argparse

from docs.systems import markdown
from docs.systems.measure import measure_gradients, measure_runs


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m docs.systems", description=__doc__)
    parser.add_argument("--gradients", action="store_true", help="check the gradients of every net anew")
    parser.add_argument(
        "--run", metavar="ROW", nargs="*", type=int, default=[], help="run the commands of these rows and time them"
    )
    arguments = parser.parse_args()
    if arguments.gradients:
        measure_gradients()
    if arguments.run:
        measure_runs(arguments.run)
    print(markdown(), end="")


if __name__ == "__main__":
    main()
