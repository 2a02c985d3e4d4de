"""Functions of arrays that need no names: products, joins, draws, the structure of trees, functions element by element."""
