"""What data are: named fields of samples, arrays of different length, symbols and trees. Imports nothing of `data` but itself."""
