"""Data, from a `data =` setting to what a net takes, floor by floor; a floor imports only those above it here.

`fields` is what data are, `formats` reads files, `seeded` is what a seed decides, `sources` has one file for each name in the
setting (`sources/csv.py` is `csv(...)`), `pipeline` makes data of a setting, `binding` brings its fields to the inputs of a net,
`feeding` puts the samples in order. What a source or a step may be given stands in `compiler.settings.sources`, where `netc check`
reads it without any of this. May import the compiler's syntax, settings and diagnostics.
"""
