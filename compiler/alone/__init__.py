"""Layers that no net applies, judged by themselves: `reached` finds them, `sorts` says what a setting is from its uses, `given` what stands for it and for
the inputs, `trial` applies the layer to that, `forms` puts the names of sizes in the place of the numbers that stood for them, and `judge`
tells what no choice of sizes and settings would mend.

A library of layers is checked so (`netc check cells.net`). Layers of a file that is used are its own file's affair: whoever only
applies some of them pays for these alone.
"""
