"""Sizes as polynomials in what is known only when a kernel runs."""

from netc.compiler.kernels.language.sizes import Names, Size, identifier
from netc.compiler.statements.domains import BATCH_LENGTH, Extent, Length

T, U = Length("T"), Length("U")
SIZES = {BATCH_LENGTH: 6, T: 5, U: 3}


def names() -> Names:
    return Names(SIZES)


def test_sums_and_products_are_polynomials() -> None:
    n, m = Size.of("n"), Size.of("m")
    assert (n + 2) * (m - 1) == n * m + m * 2 - n - 2
    assert n - n == Size()
    assert (n * m * n).terms == ((("m", "n", "n"), 1),)


def test_a_number_is_known_and_a_name_is_not() -> None:
    assert Size.of(7).known == 7
    assert (Size.of("n") - Size.of("n")).known == 0
    assert Size.of("n").known is None
    assert (Size.of("n") + 7).known is None


def test_values_are_those_of_the_numbers() -> None:
    size = Size.of("n") * Size.of("n") * 3 - Size.of("m") + 1
    assert size.value({"n": 4, "m": 10}) == 39


def test_text_is_c() -> None:
    size = Size.of("n") * 3 - Size.of("m") + 1
    assert eval(str(size), {"n": 4, "m": 10}) == size.value({"n": 4, "m": 10}) == 3
    assert size.factor == f"({size})"
    assert (Size.of("n").factor, Size.of(5).factor, Size().factor) == ("n", "5", "0")
    assert eval(f"2 * {Size.of(-3).factor}") == -6


def test_names_are_c_names_and_no_two_alike() -> None:
    found = Names({BATCH_LENGTH: 2, Length("a'b"): 3, Length("a b"): 4})
    assert identifier("a'b c") == "a_b_c"
    assert len(set(found.names.values())) == 3
    assert all(n.isidentifier() for n in found.names.values())


def test_bounds_become_sizes() -> None:
    found = names()
    size = found.size(Extent(-1, ((T, 2), (U, 1))))
    assert size.value(found.values(SIZES)) == 2 * 5 + 3 - 1
    assert found.size(4).known == 4


def test_a_part_of_a_length_is_worked_out_once() -> None:
    found = names()
    half = Length("half", Extent(1, ((T, 1),)), 2)
    size = found.size(Extent(0, ((half, 1),)))
    assert size.value(found.values(SIZES)) == 3
    assert found.size(Extent(0, ((half, 1),))) == size
    assert found.derived == {str(size): (found.size(Extent(1, ((T, 1),))), 2)}
