"""A layer of the standard library has its own names: those of the user's file do not reach into it."""

from netc.compiler.checking import check_text


def test_a_size_of_the_file_is_not_the_size_in_the_header_of_a_library_layer() -> None:
    text = "dim C = 5, H = 7\nnet N:\n    input x: real[3, 8, 8]\n    output y = x -> Conv(C, 3) -> flatten -> Dense(H)\n"
    assert check_text(text) == ()
