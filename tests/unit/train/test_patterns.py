"""Patterns over parameters are looked at by `netc check`, before any data is read."""

import netc
import pytest

SPEC = """net Small:
    input x: real[2]
    input y: class(2)
    hidden = x -> Dense(4, act=tanh)
    y ~ softmax(Dense(2)(hidden))

train:
    data = xor()
    {setting}
"""


@pytest.mark.parametrize(
    ("setting", "help"),
    [
        ('freeze = ["hiden.*"]', "did you mean `hidden.*`?"),
        ('rates = [group("hidden.Dense.w", 10)]', "did you mean `hidden.Dense.W`?"),
        ('max_norm = [limit("nothing*", 3)]', "parameters are named by paths"),
    ],
)
def test_a_pattern_that_covers_nothing_is_found_at_its_setting(setting: str, help: str) -> None:
    (problem,) = netc.parse(SPEC.format(setting=setting)).check().problems
    assert problem.code == "E0705" and problem.span.text == setting
    assert help in str(problem.diagnose().help)


def test_a_pattern_that_covers_a_parameter_or_a_state_is_fine() -> None:
    text = SPEC.format(setting='freeze = ["hidden.*"]')
    assert netc.parse(text).check().problems == ()
    normed = text.replace("x -> Dense", "x -> BatchNorm() -> Dense").replace("hidden.*", "*.mu")
    assert netc.parse(normed).check().problems == ()
