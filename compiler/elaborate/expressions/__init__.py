"""An expression of the syntax tree as a value: names looked up, brackets read, functions called, reductions bound."""
