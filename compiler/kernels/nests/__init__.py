"""Statements as nests of loops, written one by one and put together."""
