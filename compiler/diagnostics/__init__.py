"""Problems found in a spec: facts are made where they are found, worded in one place, rendered in another.

`model` is the form, `reporter` collects, `problems/<topic>` holds one class for each code, `render/` one file for each
format. May import `compiler.source` only. A newcomer's question: nothing here is raised; a stage reports and goes on.
"""
