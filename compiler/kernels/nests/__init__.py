"""Statements as nests of loops, written one by one and put together.

`writing` is what is open at the moment, `operations` one statement inside it, `nests` one statement after another; `phases` puts
them between barriers, and `functions` makes one of nests that are alike.
"""
