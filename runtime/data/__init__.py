"""Data sources, one file each; name in the `data =` setting = file name."""
