"""Backends run plans; folder name = `--backend` name. `numpy` is the reference. May import `netc.compiler`."""
