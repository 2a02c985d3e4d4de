"""Draw sequences from a run: a text that goes on from a prompt, or the answer to a given input."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np
from netc.compiler.source.text import typed
from netc.runtime.backends.choose import choose
from netc.runtime.cli._backend import backend_options
from netc.runtime.data.fields.memorised import longest_stretch
from netc.runtime.data.fields.ragged import Ragged
from netc.runtime.data.fields.vocabulary import Vocabulary, words
from netc.runtime.data.formats.place import own_roots
from netc.runtime.data.formats.text_files import read_text
from netc.runtime.model.net import Net
from netc.runtime.model.sampling import Sample, Sampler, settings_for
from netc.runtime.train.files import place_of
from netc.runtime.train.folders import open_run
from netc.runtime.train.runs import data_of, settings_of


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--prompt", help="How the sample begins.")
@click.option("--input", "given", multiple=True, help="What is read, for nets that answer: `TEXT`, or `NAME=TEXT` where a net has several inputs. May be given again.")
@click.option("--part", type=click.Choice(["train", "validation", "test"]), default="test", show_default=True, help="Where inputs come from if none is given.")
@click.option("--inputs", "first", type=click.IntRange(1), default=3, show_default=True, help="How many inputs of that part.")
@click.option("--limit", type=int, help="How many symbols are drawn at most.")
@click.option("--stop", help="The symbol that ends a sample.")
@click.option("--temperature", type=float, help="Below 1 likely symbols become likelier; 0 takes the most likely.")
@click.option("--top-k", type=int, help="Only the k most likely symbols can come.")
@click.option("--seed", type=int, help="Of what is drawn: the same one draws the same.")
@click.option("--count", type=int, help="Samples of each input.")
@click.option("--beam", type=int, help="Search the most likely sequence with so many hypotheses; 0 draws.")
@click.option("--check-memorised", "text", type=click.Path(path_type=Path), help="Tell the longest stretch that stands in this text.")
@backend_options
@click.option("--json", "as_json", is_flag=True, help="The same as JSON, for programs.")
def command(
    run: Path, given: tuple[str, ...], part: str, first: int, text: Path | None, as_json: bool, backend: str, device: str,
    threads: int | None, strict: bool, **settings: Any,
) -> int:
    """Draw sequences from a run: a text that goes on from a prompt, or the answer to a given input.

    What is not said here stands in the `sample` block of the run's spec.
    """
    net, facts, spec = open_run(run, backend=choose(backend, device, threads, strict))
    sampler = Sampler(net, settings_for(net, settings))
    seen = _seen(text) if text else None
    known = read_text(str(seen), place_of(seen)) if seen else None
    inputs: Mapping[str, Any] = {}
    asked = sampler.asked
    if asked and given:
        inputs = _typed(net, asked, given)
    elif asked:
        splits = data_of(spec, settings_of(spec, facts["given"]), net, facts["data_argument"], facts["labels"])
        parts = splits.parts()
        if part not in parts:
            raise click.UsageError(f"The data has no {part} part; it has {', '.join(parts)}.")
        inputs = {n: a for n, a in parts[part].arrays(slice(0, first)).items() if n in asked}
    started = time.perf_counter()
    samples = net.sample(inputs, **settings)
    seconds = time.perf_counter() - started
    found = [_described(net, s, k // max(1, sampler.settings.count), inputs, known) for k, s in enumerate(samples)]
    if as_json:
        click.echo(json.dumps({"run": str(run), "net": net.name, "seconds": round(seconds, 4), "samples": found}, indent=2, ensure_ascii=False))
        return 0
    for k, (one, sample) in enumerate(zip(found, samples, strict=True)):
        if len(found) > 1 and sampler.vocabulary is not None and "\n" in sampler.vocabulary.codes:
            click.echo(f"--- {k + 1}", err=True)
        source = " · ".join(str(v) for v in one.get("inputs", {}).values())
        click.echo(f"{source}  →  {sample}" if source else str(sample))
        if "memorised" in one:
            m = one["memorised"]
            click.echo(f"longest stretch that stands in {text}: {m['length']} {m['unit']}, {json.dumps(m['text'], ensure_ascii=False)}", err=True)
    drawn = sum(len(s.values) - s.prompt for s in samples)
    click.echo(f"{drawn:,} symbols in {seconds:.2f} s · seed {sampler.settings.seed}", err=True)
    return 0


def _seen(text: Path) -> Path:
    """The file of a text: here, else where data lie, as a spec names it."""
    elsewhere = (root / text for root in own_roots())
    return text if text.is_file() else next((file for file in elsewhere if file.is_file()), text)


def _typed(net: Net, asked: tuple[str, ...], given: tuple[str, ...]) -> dict[str, list[Any]]:
    """The samples that were typed, by input: as many of each."""
    found: dict[str, list[Any]] = {}
    for text in given:
        name, values = _read(net, asked, text)
        found.setdefault(name, []).append(values)
    if len({len(samples) for samples in found.values()}) > 1:
        counts = ", ".join(f"{len(samples)} of `{name}`" for name, samples in found.items())
        raise click.UsageError(f"`--input` gives {counts}: give as many of each.")
    return found


def _read(net: Net, asked: tuple[str, ...], given: str) -> tuple[str, Any]:
    """An input that was typed, as one sample."""
    name, sign, text = given.partition("=")
    if not sign or name not in asked:
        name, text = asked[0], given
    labels = net.labels.get(name)
    if not labels:
        raise click.UsageError(f"`{name}` is no text: leave `--input` out to take it from the data.")
    return name, Vocabulary(tuple(labels)).read(text, typed("command line", text))


def _described(net: Net, s: Sample, k: int, inputs: Mapping[str, Any], known: str | None) -> dict[str, Any]:
    """A sample as it is printed and written as JSON."""
    one: dict[str, Any] = {"name": s.name, "text": s.text, "values": s.values.tolist(), "prompt": s.prompt, "stopped": s.stopped}
    if s.score is not None:
        one["score"] = s.score
    shown = {n: _shown(net, n, a.sample(k) if isinstance(a, Ragged) else a[k]) for n, a in inputs.items()}
    if shown:
        one["inputs"] = shown
    labels = net.labels.get(s.name)
    if known is not None and labels:
        vocabulary = Vocabulary(tuple(labels))
        drawn = vocabulary.text(s.values[s.prompt :])
        symbols: Any = drawn if vocabulary.characters else words(drawn.lower())
        m = longest_stretch(symbols, known if vocabulary.characters else words(known.lower()))
        stretch = symbols[m.start : m.start + m.length]
        one["memorised"] = {
            "length": m.length, "unit": "characters" if vocabulary.characters else "words",
            "text": stretch if isinstance(stretch, str) else " ".join(stretch), "place": m.place,
        }  # fmt: skip
    return one


def _shown(net: Net, name: str, values: Any) -> str:
    labels = net.labels.get(name)
    if labels and np.ndim(values) == 1:
        return Vocabulary(tuple(labels)).text(values)
    return "×".join(map(str, np.shape(values))) + " numbers" if np.ndim(values) else str(values)
