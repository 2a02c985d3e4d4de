"""`captions()`: pictures of one or two coloured shapes, and a sentence that says what they show."""

from __future__ import annotations

import numpy as np
from netc.runtime.data.fields.model import Array, Dataset, Field, Splits
from netc.runtime.data.fields.vocabulary import BOS, EOS, Vocabulary
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.numbers import generator
from netc.runtime.data.seeded.parts import parted

COLOURS = {"red": (1.0, 0.1, 0.1), "green": (0.1, 0.8, 0.1), "blue": (0.2, 0.3, 1.0), "yellow": (1.0, 0.9, 0.1)}
SHAPES = ("square", "circle", "triangle", "cross")
ROWS, COLUMNS = ("top", "middle", "bottom"), ("left", "middle", "right")
WORDS = Vocabulary((BOS, EOS, *sorted({"a", "at", "the", "above", "of", *COLOURS, *SHAPES, *ROWS, *COLUMNS})))


def read(place: Place, seed: int, size: int, noise: float, samples: int) -> Splits:
    """Fields `image` real[3, size, size], about 0..1, and `words` class(20)[1..T], whose last is `<eos>`.

    One shape stands in one of nine places ("a red cross at the top left"); of two, the upper or left one is named first ("a red
    cross above a blue square"), so that a picture has one sentence. 0 is `<bos>`, which no sentence holds, and 1 `<eos>`.
    """
    rng = generator(seed, "captions")
    images = np.zeros((samples, 3, size, size), np.float32)
    sentences = []
    for image in images:
        colours = [tuple(COLOURS)[int(k)] for k in rng.integers(0, len(COLOURS), 2)]
        shapes = [SHAPES[int(k)] for k in rng.integers(0, len(SHAPES), 2)]
        row, column = (int(k) for k in rng.integers(0, 3, 2))
        places, relation = [(row, column)], ""
        if rng.integers(2):
            low, high = sorted(int(k) for k in rng.choice(3, 2, replace=False))
            above = bool(rng.integers(2))
            relation = "above" if above else "left of"
            places = [(low, column), (high, column)] if above else [(row, low), (row, high)]
        for colour, shape, cell in zip(colours, shapes, places, strict=False):
            _draw(image, COLOURS[colour], shape, cell, rng)
        end = f"{relation} a {colours[1]} {shapes[1]}" if relation else f"at the {ROWS[row]} {COLUMNS[column]}"
        sentences.append([*f"a {colours[0]} {shapes[0]} {end}".split(), EOS])
    images += noise * rng.standard_normal(images.shape, np.float32)
    return parted("captions", Dataset((Field("image", images), WORDS.field("words", sentences))), seed)


def _draw(image: Array, colour: tuple[float, ...], shape: str, cell: tuple[int, int], rng: np.random.Generator) -> None:
    """A shape into one cell of three by three, moved by up to an eighth of it."""
    side = image.shape[-1] / 3
    along = np.arange(image.shape[-1]) + 0.5
    y, x = (2 * (along - (c + 0.5 + rng.uniform(-0.125, 0.125)) * side) / side for c in cell)
    y, x = y[:, None], x[None, :]
    inside = {
        "square": np.maximum(abs(x), abs(y)) < 0.7,
        "circle": x * x + y * y < 0.64,
        "triangle": (abs(x) < (y + 0.8) / 2) & (y < 0.8),
        "cross": (np.minimum(abs(x), abs(y)) < 0.25) & (np.maximum(abs(x), abs(y)) < 0.8),
    }[shape]
    for channel, strength in zip(image, colour, strict=True):
        channel[inside] = strength
