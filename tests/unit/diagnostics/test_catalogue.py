"""Every problem has a code of its own, and its examples show what they say."""

import pytest
from netc.compiler.checking import check_text
from netc.compiler.diagnostics.catalogue import catalogue, examples, explanation
from netc.compiler.diagnostics.model import Problem

WITH_EXAMPLES = [p for p in catalogue().values() if examples(p).wrong]


def test_every_code_is_explained() -> None:
    short = [p.code for p in catalogue().values() if len(explanation(p)) < 60]
    assert not short


@pytest.mark.parametrize("problem", WITH_EXAMPLES, ids=lambda p: p.code)
def test_the_wrong_example_shows_the_problem(problem: type[Problem]) -> None:
    wrong = examples(problem).wrong
    assert wrong is not None
    assert problem.code in [p.code for p in check_text(wrong)]


@pytest.mark.parametrize("problem", WITH_EXAMPLES, ids=lambda p: p.code)
def test_the_right_example_is_clean(problem: type[Problem]) -> None:
    right = examples(problem).right
    assert right is not None
    assert [p.diagnose().message for p in check_text(right)] == []
