"""Data sources: one file each, with a function `read(place, seed, **arguments) -> Splits`; the file name is the source's name."""
