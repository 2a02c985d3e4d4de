"""A plan as the text of one C file."""
