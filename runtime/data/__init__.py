"""Data: where it comes from (`sources/`, one file each; file name = name in the `data =` setting), the steps behind it,
and how its fields meet a net's inputs. May import the compiler's syntax and diagnostics.
"""
