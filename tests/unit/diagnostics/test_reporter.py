"""What a run tells as a whole: equations left unchecked, counts of a spec that was read in part."""

from netc.compiler.checking import check
from netc.compiler.diagnostics.render.text import unchecked
from netc.compiler.session import Session

SPEC = """net N:
    input x: real[3]
    y = Dense(2)(x)
    z = y + nothing
    v = 2 * z
    w = v + z + y
    output w
"""


def test_equations_that_only_follow_are_counted_and_named() -> None:
    session = Session("spec.net", SPEC.encode())
    check(session, "N")
    assert [p.code for p in session.problems] == ["E0201"]
    assert unchecked(session.unchecked) == "3 equations could not be checked because of these (lines 5, 6, 7)"


def test_counts_of_a_spec_that_was_read_in_part_are_partial() -> None:
    session = Session("spec.net", SPEC.replace("y + nothing", "Dense(2)(x").replace("    v = 2 * z\n    w = v + z + y\n    output w\n", "").encode())
    report = check(session, "N")
    assert report is not None and report.partial and report.to_dict()["partial"] and report.params == 8
