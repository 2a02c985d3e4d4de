"""While a net is compiled Python does not look for garbage; afterwards it does as before."""

import gc

import netc
import pytest
from netc.compiler.statements.garbage import unsearched

TEXT = "net N:\n    input x: real[3]\n    y = Dense(2)(x)\n    loss l = sum(y)\n"


@pytest.mark.parametrize("before", [True, False])
def test_it_is_as_it_was(before: bool) -> None:
    assert gc.isenabled()
    try:
        gc.enable() if before else gc.disable()
        with unsearched():
            assert not gc.isenabled()
            with unsearched():
                pass
            assert not gc.isenabled()
        assert gc.isenabled() is before
        with pytest.raises(ZeroDivisionError), unsearched():
            raise ZeroDivisionError
        assert gc.isenabled() is before
    finally:
        gc.enable()


def test_compiling_takes_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[bool] = []
    plain = gc.disable
    monkeypatch.setattr(gc, "disable", lambda: (found.append(True), plain())[1])
    netc.parse(TEXT).build().gradient({"x": [[1, 2, 3]]})
    assert len(found) >= 3 and gc.isenabled()  # elaborated, compiled, planned
