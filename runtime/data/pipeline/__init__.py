"""`data = source -> step` as data: the source found, or what takes its place, then the steps. What each takes stands in `compiler.settings.sources`."""
