"""The tables of functions that the language knows: adding one is adding a row. May import `statements`."""
