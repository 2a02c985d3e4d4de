"""The settings of `train` and `sample` blocks, read and checked."""
