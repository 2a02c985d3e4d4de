"""Looking inside a net: what its gates, its attention, its layers and its gradients do on given samples.

What lives here asks a net for values and adjoints and makes sections of pictures and tables of them; a section is one file. The
pictures themselves are drawn by `runtime.charts`. It may import everything below the command line. The two renderers, the HTML
page and the PNG, take the same sections.
"""

from __future__ import annotations

from netc.runtime.inspect.attention import attention
from netc.runtime.inspect.filters import filters, maps
from netc.runtime.inspect.gates import gates
from netc.runtime.inspect.layers import layers
from netc.runtime.inspect.model import Section
from netc.runtime.inspect.recurrence import gradients_over_time, spectra, states
from netc.runtime.inspect.subject import Subject

_ORDER = (gates, attention, gradients_over_time, spectra, filters, maps, layers, states)


def sections(subject: Subject) -> tuple[Section, ...]:
    """All that there is to see, in the order in which it is shown."""
    return tuple(s for s in (find(subject) for find in _ORDER) if s is not None)
