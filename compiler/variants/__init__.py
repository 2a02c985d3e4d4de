"""Other nets made of a net, on its equations, one in each file: drawn from, fed with its own draws, in chunks, padded, weighted.

`pipeline` makes those that a request asks for, before the equations become statements.
"""
