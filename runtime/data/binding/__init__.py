"""Fields meet the inputs of a net: those of a source, by name or in order, and arrays that a Python caller gives."""
