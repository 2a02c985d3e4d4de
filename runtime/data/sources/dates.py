"""`dates()`: dates as people write them, and the same as year-month-day, character by character."""

from __future__ import annotations

from datetime import date

from netc.runtime.data.fields.model import Dataset, Splits
from netc.runtime.data.fields.vocabulary import BOS, EOS, Vocabulary
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.numbers import generator
from netc.runtime.data.seeded.parts import parted

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FIRST, LAST = date(1950, 1, 1).toordinal(), date(2049, 12, 31).toordinal()  # a century: two digits say the year
_NAMES = "".join((*MONTHS, *DAYS))
SOURCE = Vocabulary(tuple(sorted({*_NAMES, *_NAMES.lower(), *_NAMES.upper(), *"0123456789 ,.", *"stndrdthof"})))
TARGET = Vocabulary((BOS, EOS, *"-0123456789"))


def read(place: Place, seed: int, samples: int) -> Splits:
    """Fields `source` class(symbols)[1..S], `3rd of May 1979` in one of eight forms, and `target` class(13)[1..T], `1979-05-03` and `<eos>`.

    On the target side 0 is `<bos>` (which no target holds) and 1 `<eos>`. Equal sources stay in one part.
    """
    rng = generator(seed, "dates")
    days = [date.fromordinal(int(n)) for n in rng.integers(FIRST, LAST + 1, samples)]
    sources = [written(d, int(form)) for d, form in zip(days, rng.integers(0, 8, samples), strict=True)]
    fields = (SOURCE.field("source", sources, "1..S"), TARGET.field("target", ([*d.isoformat(), EOS] for d in days)))
    return parted("dates", Dataset(fields), seed, keys=sources)


def written(d: date, form: int) -> str:
    """A date in one of eight forms."""
    month, day = MONTHS[d.month - 1], DAYS[d.weekday()]
    ending = "th" if d.day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(d.day % 10, "th")
    forms = (
        f"{d.day} {month} {d.year}", f"{month} {d.day}, {d.year}", f"{day}, {month} {d.day}, {d.year}", f"{day[:3]} {d.day} {month[:3]} {d.year}".lower(),
        f"{d.day}.{d.month}.{d.year}", f"{d.day:02}.{d.month:02}.{d.year % 100:02}", f"{d.day}{ending} of {month} {d.year}", f"{month} {d.day} {d.year}".upper(),
    )  # fmt: skip
    return forms[form]
