"""The compiler: text in, plan out; no files, no arrays, no output of its own.

The folders are the stages, in the order of the picture in CONTRIBUTING.md. `pipeline` runs them, `session` keeps what each gave,
`checking` is what `netc check` says.
"""
