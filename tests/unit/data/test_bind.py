"""How fields meet inputs: lengths of each sample's own, trees, and what is said where they do not fit."""

from __future__ import annotations

import numpy as np
import pytest
from netc.compiler.diagnostics.error import NetcError
from netc.compiler.source.text import Source, Span
from netc.compiler.statements.domains import Domain, Extent, Length, sized
from netc.compiler.statements.expressions import Kind, Type, Variable
from netc.runtime.data.binding.bind import bind
from netc.runtime.data.binding.given import arrays_given
from netc.runtime.data.fields.model import Dataset, Field, Splits
from netc.runtime.data.fields.ragged import Ragged

SPAN = Span(Source("spec", "data"), 0, 4)
T, S = Length("T"), Length("S")


def upto(length: Length, more: int = 0) -> Domain:
    return Domain(1, Extent.of(length) + more)


def symbols(name: str, n: int, *axes: Domain) -> Variable:
    return Variable(name, axes, Kind.INPUT, Type.INTEGER, True, classes=sized(n))


def reals(name: str, *axes: Domain) -> Variable:
    return Variable(name, axes, Kind.INPUT, Type.REAL, True)


def data(*fields: Field, test: tuple[Field, ...] | None = None) -> Splits:
    return Splits("made", Dataset(fields), None, Dataset(test) if test else None)


def lists(name: str, *samples: list[int], classes: int = 9) -> Field:
    return Field(name, Ragged.of(samples, np.int32), classes)


def refused(splits: Splits, *inputs: Variable) -> str:
    with pytest.raises(NetcError) as caught:
        bind(splits, inputs, SPAN)
    return str(caught.value).removeprefix("spec:1:1: ")


def test_sequences_meet_inputs_over_a_length() -> None:
    x = Field("signal", Ragged.of([np.zeros((2, 3), np.float32), np.ones((5, 3), np.float32)]))
    bound = bind(data(lists("word", [1, 2], [3] * 5), x), [symbols("w", 9, upto(T)), reals("v", upto(T), sized(3))], SPAN)
    words, signal = bound.train.fields
    assert (words.name, words.sort) == ("w", "class(9)[1..T]") and (signal.name, signal.sort) == ("v", "real[1..T, 3]")
    assert isinstance(words.values, Ragged) and words.values.lengths.tolist() == [2, 5]


def test_one_number_for_each_point_is_an_axis_of_size_1() -> None:
    series = Field("load", Ragged.of([np.arange(4.0), np.arange(2.0)]))
    (bound,) = bind(data(series), [reals("x", upto(T), sized(1))], SPAN).train.fields
    assert isinstance(bound.values, Ragged) and bound.values.padded().shape == (2, 4, 1)


def test_whole_numbers_are_numbers_where_the_net_takes_them_so() -> None:
    prices = Field("y", np.array([1, 0, 2], np.int32), 3, ("150", "90", "310"))
    for name in ("y", "price"):
        (bound,) = bind(data(prices), [reals(name)], SPAN).train.fields
        assert (bound.name, bound.sort) == (name, "real") and bound.array.tolist() == [90.0, 150.0, 310.0]
    (kept,) = bind(data(prices), [symbols("y", 3)], SPAN).train.fields
    assert kept.classes == 3 and kept.labels == ("150", "90", "310")
    words = Field("y", np.array([1, 0], np.int32), 2, ("cat", "dog"))
    assert "the field `y` is class(2), and the input `y` is real" in refused(data(words), reals("y"))


def test_samples_of_one_length_meet_a_length_and_a_size() -> None:
    fixed = Field("x", np.arange(12.0).reshape(3, 4))
    (ragged,) = bind(data(fixed), [reals("x", upto(T))], SPAN).train.fields
    assert isinstance(ragged.values, Ragged) and [ragged.values.sample(k).tolist() for k in (0, 2)] == [[0, 1, 2, 3], [8, 9, 10, 11]]
    (array,) = bind(data(lists("w", [1, 2], [3, 4])), [symbols("w", 9, sized(2))], SPAN).train.fields
    assert array.array.tolist() == [[1, 2], [3, 4]]


def test_the_field_that_fits_is_taken() -> None:
    fields = (Field("odd", np.array([1, 0]), 2), lists("bits", [1, 0], [1], classes=2))
    bound = bind(data(*fields), [symbols("x", 2, upto(T)), symbols("y", 2)], SPAN)
    assert isinstance(bound.train.fields[0].values, Ragged) and bound.train.fields[1].array.tolist() == [1, 0]


def test_trees_come_along_under_the_name_of_the_nodes() -> None:
    children = Ragged.of([[[-1, -1]], [[-1, -1], [-1, -1], [0, 1]]], np.int32)
    splits = data(lists("word", [1], [1, 2, 0]), Field("tree", children, tree=True, axis="N"))
    nodes = Domain(0, Extent.of(Length("M")) - 1, "M")
    structure = Variable("M", (nodes, sized(2)), Kind.INPUT, Type.INTEGER, tree=True)
    word, tree = bind(splits, [structure, symbols("w", 9, nodes)], SPAN).train.fields
    assert (word.name, tree.name, tree.sort) == ("w", "M", "tree(2)")
    assert len(bind(splits, [symbols("w", 9, upto(T))], SPAN).train.fields) == 1


def test_inputs_that_share_a_length_agree() -> None:
    inputs = [symbols("w", 9, upto(T)), symbols("t", 9, upto(T))]
    good = (lists("word", [1, 2]), lists("tag", [1, 2]))
    bad = (lists("word", [1, 2], [1, 2, 3]), lists("tag", [1, 2], [1]))
    message = "error[R109]: sample 1 of the test part has 3 points of `word` and 1 point of `tag`"
    assert refused(data(*good, test=bad), *inputs) == message
    bind(data(*bad), [symbols("w", 9, upto(T)), symbols("t", 9, upto(S))], SPAN)


def test_lengths_agree_up_to_what_the_spec_adds() -> None:
    inputs = [symbols("w", 9, upto(T)), symbols("t", 9, upto(T, 1))]
    bind(data(lists("w", [1, 2]), lists("t", [1, 2, 3])), inputs, SPAN)
    assert "has 2 points of `w` and 2 points of `t`" in refused(data(lists("w", [1, 2]), lists("t", [1, 2])), *inputs)


def test_an_empty_sequence_is_named() -> None:
    message = "error[R108]: `word` is empty in sample 1 of the train part (counted from 0)"
    assert refused(data(lists("word", [1], [])), symbols("w", 9, upto(T))) == message


@pytest.mark.parametrize(
    ("field", "variable", "message", "help"),
    [
        (
            lists("word", [1], [2, 3]), symbols("w", 9, sized(2)),
            "the field `word` is class(9)[1..T], and the input `w` is class(9)[2]", "declare the input as `class(9)[1..T]`",
        ),
        (
            Field("x", np.zeros((3, 2))), reals("x", upto(T), sized(2)),
            "the field `x` is real[2], and the input `x` is real[1..T, 2]", "declare the input as `real[2]`",
        ),
        (
            Field("word", Ragged.of([[1]]), 12, tuple("abcdefghijkl")), symbols("w", 9, upto(T)),
            "the field `word` is class(12)[1..T], and the input `w` is class(9)[1..T]",
            "declare the input as `class(12)[1..T]`, or keep fewer symbols: `symbols=9`",
        ),
        (
            Field("x", np.zeros((3, 2, 2))), reals("x", sized(2), upto(T)),
            "the field `x` is real[2, 2], and the input `x` is real[2, 1..T]",
            "the axis with a length of each sample's own stands first, and alone: declare the input as `real[1..T, 3]` is declared",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_shown(field: Field, variable: Variable, message: str, help: str) -> None:
    with pytest.raises(NetcError) as caught:
        bind(data(field), [variable], SPAN)
    worded = caught.value.problems[0].diagnose()
    assert worded.message == f"the data does not fit the net: {message}" and worded.help == help


def test_lists_of_a_caller_are_sequences() -> None:
    inputs = [symbols("w", 9, upto(T)), reals("x", upto(T), sized(2))]
    given = arrays_given({"w": [[1, 2, 3], [4]], "x": [np.ones((3, 2)), np.zeros((1, 2))]}, inputs)
    assert [f.sort for f in bind(given, inputs, SPAN).train.fields] == ["class(9)[1..T]", "real[1..T, 2]"]
    with pytest.raises(NetcError, match=r"R113.*sample 1 given for `x` has the shape \(1, 3\), and the first has \(3, 2\)"):
        arrays_given({"x": [np.ones((3, 2)), np.zeros((1, 3))]}, inputs)


def test_data_for_a_run_takes_its_vocabulary() -> None:
    field = Field("text", Ragged.of([[0, 1, 2]], np.int32), 3, ("a", "b", "c"))
    bound = bind(data(field), [symbols("x", 2, upto(T))], SPAN, {"x": ["<unk>", "b"]}).train.fields[0]
    assert isinstance(bound.values, Ragged) and bound.values.sample(0).tolist() == [0, 1, 0] and bound.labels == ("<unk>", "b")
