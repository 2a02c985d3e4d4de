"""`python -m netc`."""

from netc.runtime.cli import main

if __name__ == "__main__":
    main()
