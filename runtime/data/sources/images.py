"""`images("folder")`: one sub-folder for each class, with images in it; or `train`, `validation` and `test` with such sub-folders."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.formats import pictures
from netc.runtime.data.formats.place import Place
from netc.runtime.data.seeded.parts import parted

LARGEST = 8 << 30  # bytes of all images together
_PARTS = {"train": "train", "validation": "validation", "valid": "validation", "val": "validation", "test": "test"}
_IGNORED = ("thumbs.db", "desktop.ini")


def read(place: Place, seed: int, path: str, size: int, grey: bool, train: float, validation: float) -> Splits:
    """Fields `image` in 0..1, real[H, W] where all are grey, else real[3, H, W], and `label`, a class named by its sub-folder.

    All sizes must agree, unless `size` or a step `-> resize(n)` right behind makes them so.
    """
    pictures.pillow(place)
    root = place.file(path)
    if not root.is_dir():
        raise place.damaged(path, "it is a file, and images lie in a folder with a sub-folder for each class")
    inside = _folders(root, path, place)
    if "train" in [f.name for f in inside] and all(f.name in _PARTS for f in inside):
        found = {_PARTS[f.name]: _files(f, f"{path}/{f.name}", place) for f in inside}
    else:
        found = {"train": _files(root, path, place)}
    labels = _labels(found, path, place)
    flat = [(file, labels.index(label)) for part in found.values() for file, label in part]
    whole = _read_all(flat, labels, path, place, size, grey)
    parts, start = {}, 0
    for name, part in found.items():
        parts[name] = whole.take(slice(start, start + len(part)))
        start += len(part)
    if len(parts) == 1:
        return parted(root.name, whole, seed, (train, validation))
    if "validation" not in parts:
        return parted(root.name, parts["train"], seed, (1 - validation, validation), parts["test"])
    splits = Splits(root.name, parts["train"], parts["validation"], parts.get("test"))
    return replace(splits, statement=f"{root.name} {splits.sizes}")


def _folders(root: Path, path: str, place: Place) -> list[Path]:
    found = sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not found:
        raise place.damaged(path, "it has no sub-folders: each class has one of its own, with its images in it", "sort the images into sub-folders")
    return found


def _files(root: Path, path: str, place: Place) -> list[tuple[Path, str]]:
    """All images of a part, with the names of their classes."""
    found = []
    for folder in _folders(root, path, place):
        files = [p for p in sorted(folder.iterdir()) if not p.name.startswith(".") and p.name.lower() not in _IGNORED]
        strange = next((p for p in files if p.is_dir() or p.suffix.lower() not in pictures.ENDINGS), None)
        if strange is not None:
            raise place.damaged(f"{path}/{folder.name}/{strange.name}", "it is no image, and the folder of a class holds images alone", "take it out of the folder")
        if not files:
            raise place.damaged(f"{path}/{folder.name}", "the folder of this class is empty")
        found += [(place.file(f"{path}/{folder.name}/{p.name}"), folder.name) for p in files]
    return found


def _labels(found: dict[str, list[tuple[Path, str]]], path: str, place: Place) -> tuple[str, ...]:
    """The classes, numbers by their value and words by the alphabet; every part has classes of the training part."""

    def order(name: str) -> tuple[float, str]:
        return (float(name), name) if name.isdecimal() else (math.inf, name)

    labels = tuple(sorted({label for _, label in found["train"]}, key=order))
    if len(labels) < 2:
        raise place.damaged(path, f"it has the one class `{', '.join(labels)}`, and two are the least")
    for part, files in found.items():
        strange = next((label for _, label in files if label not in labels), None)
        if strange is not None:
            raise place.damaged(f"{path}/{part}/{strange}", f"there is no class `{strange}` among the training images")
    return labels


def _read_all(files: Sequence[tuple[Path, int]], labels: tuple[str, ...], path: str, place: Place, size: int, grey: bool) -> Dataset:
    """Headers first: nothing is made before all sizes are known to agree and to fit."""
    facts = [pictures.facts(file, place) for file, _ in files]
    first = facts[0]
    odd = next((k for k, f in enumerate(facts) if (f.height, f.width) != (first.height, first.width)), None)
    if not size and odd is not None:
        one, other = (f"{files[k][0].name} has {facts[k].height}×{facts[k].width}" for k in (0, odd))
        likely = min(min(f.height, f.width) for f in facts)
        raise place.damaged(path, f"the sizes of its images differ ({one}, {other} pixels)", f"put `-> resize({likely})` right behind the source")
    grey = grey or all(f.grey for f in facts)
    shape = (() if grey else (3,)) + ((size, size) if size else (first.height, first.width))
    needed = len(files) * math.prod(shape) * 4
    if needed > LARGEST:
        raise place.damaged(path, f"its {len(files):,} images would take {needed >> 20:,} MiB of memory", "make them smaller: `-> resize(n)`")
    image = np.empty((len(files), *shape), np.float32)
    for k, (file, _) in enumerate(files):
        x = pictures.read(file, place, grey)
        image[k] = pictures.resized(x, size, size) if size else x
    label = np.array([c for _, c in files], np.int32)
    return Dataset((Field("image", image), Field("label", label, len(labels), labels)))
