"""What a kernel is written in: loops and lines, sizes known when it runs, places of variables, C text.

`storage` says where each variable lies and `text` how an expression reads it; `loops` are the nodes that are written, and
`printing` makes one file of them.
"""
