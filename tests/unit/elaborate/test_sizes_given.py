"""Sizes that are none, where they come from: the command line, or a setting of a layer of the library."""

from netc.compiler.checking import check, check_text
from netc.compiler.session import Session

NET = "net N:\n    dim H = 3\n    input x: real[2]\n    output y = x -> Dense(H)\n"


def test_a_size_from_outside_is_told_where_it_is_declared() -> None:
    session = Session("n.net", NET.encode(), dims={"H": -2})
    check(session, "N")
    (problem,) = session.problems
    assert (problem.code, problem.span.text) == ("E0308", "H = 3") and "-2, as given from outside" in problem.diagnose().message


def test_a_size_in_the_header_of_a_library_layer_is_told_where_the_layer_is_applied() -> None:
    (problem,) = check_text(NET.replace("Dense(H)", "Dense(0)"))
    assert (problem.code, problem.diagnose().span.text) == ("E0308", "Dense(0)")
