"""A layer that is copied is what it would have been, had it been worked out again."""

from collections.abc import Iterator, Sequence
from textwrap import dedent

import pytest
from netc.compiler.elaborate.layers import copies, instances
from netc.compiler.elaborate.made import Made
from netc.compiler.elaborate.model import Elaborated
from netc.compiler.elaborate.scope import Build
from netc.compiler.elaborate.values import Array, Value
from netc.compiler.session import Session

NETS = {
    "a stack": """
        net N:
            input x: real[3, 8, 8]
            y = x -> repeat(4, Conv(3, 3, pad=1, act=relu) -> BatchNorm() -> Dropout(0.1))
        """,
    "one layer twice": """
        net N:
            input x: real[4]
            f = Dense(4)
            y = f(x)
            z = f(y) + Dense(4)(y) + Dense(4)(z0)
            z0 = Dense(4)(x)
        """,
    "layers as settings": """
        net N:
            input x: real[4]
            g = Dense(4)
            y = x -> Residual(g) -> Residual(g) -> Residual(Dense(4)) -> Residual(Dense(4))
        """,
    "the same argument twice": """
        layer Both(n)(a: real[X], b: real[X]) -> y: real[n]:
            y = Dense(n)(a) * Dense(n)(b)
        net N:
            input x: real[4]
            input w: real[4]
            y = Both(3)(x, x) + Both(3)(x, w) + Both(3)(w, w)
        """,
    "tables, sequences and draws": """
        table C[2, 3]:
            X . X
            . X X
        layer Cell()(x: real[1..T, X]) -> h: real[1..T, 2*X]:
            h = x -> BiLSTM(X) -> each(Noise(0.1))
        net N:
            input x: real[1..T, 2]
            input m: real[2, 6, 6]
            y = x -> Cell() -> Cell()
            q = [LSTM(3)(y); LSTM(3)(y); LSTM(3)(x)]
            k = m -> Conv(3, 3, links=C)
            l = m -> Conv(3, 3, links=C)
        """,
    "settings that are almost equal": """
        layer Scaled(a)(x: real[X]) -> y: real[X]:
            param w[X] init normal(0, a) where a
            y = a * x + w
        net N:
            input x: real[4]
            y = x -> Scaled(1) -> Scaled(1.0) -> Scaled(true) -> Scaled(1)
        """,
}

COPIED = {
    "a stack": ["y.BatchNorm[1]", "y.Dropout[1]", *(f"y.{layer}[{k}]" for k in (2, 3) for layer in ("Conv", "BatchNorm", "Dropout"))],
    "one layer twice": ["z0.Dense"],
    "layers as settings": ["y.Dense", "y.Dense_2"],
    "the same argument twice": ["y.Both.y.Dense_2", "y.Both_2.y.Dense", "y.Both_2.y.Dense_2", "y.Both_3"],
    "tables, sequences and draws": ["q.LSTM_2", "l.Conv"],
    "settings that are almost equal": ["y.Scaled_4"],
}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths that were copied."""
    found: list[str] = []

    def copied(b: Build, made: Made, path: str, arguments: Sequence[Array], row: str) -> Value | None:
        result = copies.copied(b, made, path, arguments, row)
        if result is not None:
            found.append(path)
        return result

    monkeypatch.setattr(instances, "copied", copied)
    yield found


def shown(e: Elaborated | None) -> list[str]:
    assert e is not None
    facts = [f"{v.name} {v.axes} {v.kind} {v.type} {v.per_sample} {v.fill} {v.support} {v.init} {v.classes}" for v in e.variables.values()]
    facts += [f"{q.target}[{q.place}] {[(i, i.domain) for i in q.indices]} = {q.value} for {q.row}, {q.role}" for q in e.equations]
    return [*facts, str(e.updates), *map(str, e.rows)]


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("training", [True, False])
def test_a_copy_is_what_would_have_been_worked_out(name: str, training: bool, counted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def elaborated() -> list[str]:
        session = Session("spec.net", dedent(NETS[name]).encode())
        found = session.elaborate("N", training)
        assert not session.problems
        return shown(found)

    quick = elaborated()
    assert counted == COPIED[name]
    monkeypatch.setattr(instances, "form_of", lambda *_: None)
    assert elaborated() == quick


def test_a_layer_with_a_mistake_is_reported_once_and_not_copied(counted: list[str]) -> None:
    text = """
        layer Wrong(n)(x: real[X]) -> y: real[n]:
            param W[n, X+1]
            y = W @ x
        net N:
            input x: real[4]
            y = x -> repeat(3, Wrong(4))
        """
    session = Session("spec.net", dedent(text).encode())
    session.elaborate("N")
    assert [p.code for p in session.problems] == ["E0301"] and not counted
