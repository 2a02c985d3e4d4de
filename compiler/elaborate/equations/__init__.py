"""Equations in their order: each defines a variable, or a piece of one beside its boundaries."""
