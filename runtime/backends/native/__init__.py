"""Nets as native code: a step is one C file, compiled by the machine's own C compiler and kept."""
