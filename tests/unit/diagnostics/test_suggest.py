"""What is proposed for a word that nothing is called."""

from netc.compiler.diagnostics.suggest import is_slip, suggest


def test_of_words_as_near_the_one_that_begins_alike_is_meant() -> None:
    assert suggest("sinus", ["silu", "sin", "sum"]) == "sin"


def test_a_slip_differs_in_letters_and_not_in_number_or_case() -> None:
    assert is_slip("imgae", "image") and is_slip("Dnese", "Dense") and is_slip("sigmiod", "sigmoid")
    assert not is_slip("Block2", "Block") and not is_slip("block", "Block") and not is_slip("ConvBN", "Conv") and not is_slip("C3", "c3")
    assert not is_slip("anything", None)


def test_of_one_or_two_letters_only_the_same_are_near() -> None:
    assert suggest("y", ["W", "T", "x", "h"]) is None and suggest("w", ["W", "v"]) == "W"
    assert suggest("Wx", ["xW", "Wh", "Ux"]) == "xW" and suggest("bf", ["bff", "bi"]) == "bff" and suggest("zz", ["T", "z"]) is None
