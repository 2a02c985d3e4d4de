"""What runs a compiled net: backends, data, the net object, training, the command line, and the import name `netc`."""
