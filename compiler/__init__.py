"""The compiler: text in, plan out; no files, no arrays, no output of its own.

The folders are the stages, in the order of the picture in CONTRIBUTING.md. `session` is the one pipeline.
"""
