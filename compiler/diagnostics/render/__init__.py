"""One module for each output format; each turns a `Diagnostic` into text."""
