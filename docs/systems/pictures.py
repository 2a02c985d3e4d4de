"""Pictures of trained nets that pages show, each made anew by a command.

`python -m docs.systems.pictures losses text/char_rnn.net docs/losses.svg` trains the spec and draws how its loss falls;
`python -m docs.systems.pictures alignment RUN TEXT docs/alignment.svg` draws where the attention of a run looks.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import netc
import numpy as np
from netc.runtime.charts import svg
from netc.runtime.charts.model import Array, Axis, Lines, Picture
from netc.runtime.charts.style import CHARTS
from netc.runtime.inspect.attention import attention
from netc.runtime.inspect.given import answered, given
from netc.runtime.inspect.subject import Subject
from netc.runtime.train.folders import open_run
from netc.runtime.train.progress import Silent, Step

from docs.systems.place import SPECS

_GROUP = 100  # steps of which one mean is drawn
_COLOURS = "svg{color:#1f2933}@media(prefers-color-scheme:dark){svg{color:#e6ebf0}}"


class Kept(Silent):
    """Keeps the loss of every step."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def step(self, taken: Step) -> None:
        self.losses.append(taken.loss)


def losses(spec: netc.Spec, group: int = _GROUP) -> Lines:
    """The loss of a training, a point for each `group` steps."""
    kept = Kept()
    run = netc.train(spec, progress=kept)
    count = len(kept.losses) // group
    means: Array = np.array(kept.losses[: count * group]).reshape(count, group).mean(1)
    title = f"{spec.net} · training loss, {len(run.history)} epochs"
    return Lines(title, (("loss", means),), Axis(f"steps, in groups of {group}", 1), "nats a symbol")


def alignment(run: Path, text: str) -> Picture:
    """Where a run's attention looks while it answers a text."""
    net, facts, spec = open_run(run)
    inputs, _ = answered(net, given([text], net, spec, facts))
    section = attention(Subject(net, inputs, facts["labels"]))
    if section is None:
        raise SystemExit(f"{run} declares no attention")
    return section.pictures[0]


def alone(picture: Picture) -> str:
    """A picture as a file, which is read on light pages and on dark ones."""
    drawn = svg(picture)
    end = drawn.index(">") + 1
    style = CHARTS.replace(".netc svg", "svg").replace("\n", "")
    return f"{drawn[:end]}<style>{style}{_COLOURS}</style>{drawn[end:]}\n"


def main() -> None:
    """Make one picture."""
    parser = argparse.ArgumentParser(prog="python -m docs.systems.pictures", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    one = kinds.add_parser("losses", help="train a spec and draw how its loss falls")
    one.add_argument("spec", help="a spec, by its path below specs/")
    two = kinds.add_parser("alignment", help="draw where the attention of a run looks")
    two.add_argument("run", type=Path)
    two.add_argument("text", help="what the net answers")
    for kind in (one, two):
        kind.add_argument("out", type=Path, help="the .svg file")
    asked = parser.parse_args()
    picture = losses(netc.load(SPECS / asked.spec)) if asked.kind == "losses" else alignment(asked.run, asked.text)
    asked.out.write_text(alone(picture), encoding="utf-8")


if __name__ == "__main__":
    main()
