"""The command line: one command in one file, imported only when called."""


def main() -> None:
    raise SystemExit(2)
