"""Spec and net: what `import netc` hands out. May import compiler, backends and data."""
