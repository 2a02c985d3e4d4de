"""What is settled before a line is written: units of work, who does them, and where samples and sums lie.

`units` is the order in phases; the other files each change what is done, or where, for one reason that its first line names.
"""
