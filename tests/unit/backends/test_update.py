"""Updates on arrays: every rule by its formula, piece by piece, within its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from netc.compiler.settings import RULES, Optimiser
from netc.runtime.backends import update
from netc.runtime.backends.backend import Blocks
from netc.runtime.backends.update import Held, Updater

CONSTANTS = {
    "sgd": ({}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": 1.0, "decay": 0.01}),
    "adagrad": ({}, {"decay": 0.01}),
    "rmsprop": ({}, {"momentum": 0.5, "decay": 0.01}),
    "adadelta": ({}, {"rho": 0.8, "decay": 0.01}),
    "adam": ({}, {"beta1": 0.8, "decay": 0.01}),
    "adamw": ({}, {"decay": 0.0}, {"decay": 0.1}),
}
CASES = [(rule, constants) for rule, several in CONSTANTS.items() for constants in several]


def blocks(values: np.ndarray) -> Blocks:
    return Blocks(values.copy(), np.zeros_like(values), np.zeros(0, values.dtype))


def optimiser(rule: str, constants: dict[str, float]) -> Optimiser:
    return Optimiser(rule, constants=tuple(constants.items()))


def by_hand(rule: str, c: dict[str, float], p: np.ndarray, g: np.ndarray, slots: list[np.ndarray], rate: np.ndarray, t: int) -> None:
    """The formulas of the papers, as they are written there."""
    if c["decay"] and rule != "adamw":
        g = g + c["decay"] * p
    match rule:
        case "sgd":
            slots[0][:] = c["momentum"] * slots[0] + g
            p -= rate * (g + c["momentum"] * slots[0] if c["nesterov"] else slots[0])
        case "adagrad":
            slots[0] += g**2
            p -= rate * g / (np.sqrt(slots[0]) + c["eps"])
        case "rmsprop":
            slots[0][:] = c["rho"] * slots[0] + (1 - c["rho"]) * g**2
            slots[1][:] = c["momentum"] * slots[1] + g / (np.sqrt(slots[0]) + c["eps"])
            p -= rate * slots[1]
        case "adadelta":
            slots[0][:] = c["rho"] * slots[0] + (1 - c["rho"]) * g**2
            move = np.sqrt(slots[1] + c["eps"]) / np.sqrt(slots[0] + c["eps"]) * g
            slots[1][:] = c["rho"] * slots[1] + (1 - c["rho"]) * move**2
            p -= rate * move
        case "adam" | "adamw":
            if rule == "adamw":
                p *= 1 - rate * c["decay"]
            slots[0][:] = c["beta1"] * slots[0] + (1 - c["beta1"]) * g
            slots[1][:] = c["beta2"] * slots[1] + (1 - c["beta2"]) * g**2
            mean, squares = slots[0] / (1 - c["beta1"] ** t), slots[1] / (1 - c["beta2"] ** t)
            p -= rate * mean / (np.sqrt(squares) + c["eps"])


@pytest.mark.parametrize(("rule", "constants"), CASES)
def test_a_rule_is_its_formula(rule: str, constants: dict[str, float]) -> None:
    rng = np.random.default_rng(0)
    made = blocks(rng.standard_normal(50))
    expected, slots = made.parameters.copy(), [np.zeros(50), np.zeros(50)]
    updater = Updater(np, made, optimiser(rule, constants), Held())
    for t in range(1, 5):
        made.gradients[:] = rng.standard_normal(50)
        by_hand(rule, {**RULES[rule].constants, **constants}, expected, made.gradients.copy(), slots, np.full(50, 0.01), t)
        updater.begin(0.01, t)
        updater.apply()
    np.testing.assert_allclose(made.parameters, expected, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(("rule", "constants"), CASES)
@pytest.mark.parametrize("by_parameter", [False, True], ids=["one rate", "rates"])
def test_pieces_do_not_change_a_bit(rule: str, constants: dict[str, float], by_parameter: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    start = rng.standard_normal(217, dtype=np.float32)
    gradients = rng.standard_normal((3, 217), dtype=np.float32)
    found = []
    for piece in (1 << 15, 100):
        monkeypatch.setattr(update, "PIECE", piece)
        made = blocks(start)
        updater = Updater(np, made, optimiser(rule, constants), Held(scale=np.linspace(0, 3, 217, dtype=np.float32) if by_parameter else None))
        for t, gradient in enumerate(gradients, 1):
            made.gradients[:] = gradient
            updater.begin(0.01, t)
            updater.apply()
        found.append((made.parameters, *updater.slots))
    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))


def test_what_bounds_an_update() -> None:
    made = blocks(np.zeros(6))
    held = Held(clip=5.0, clip_value=4.0, frozen=(slice(5, 6),), scale=np.array([1, 1, 2, 1, 1, 0.0]), norms=((slice(0, 2), 1, 2.5),))
    updater = Updater(np, made, Optimiser("sgd"), held)
    made.gradients[:] = [-3, 9, 0, 4, 3, 99]  # held to 4 each: -3, 4, 0, 4, 3, of norm sqrt(50), and the frozen one is none
    updater.begin(1.0, 1)
    updater.apply()
    assert updater.norm == pytest.approx(50**0.5)
    moved = np.array([3, -4, 0, -4, -3, 0]) * 5 / 50**0.5
    moved[:2] *= 2.5 / np.linalg.norm(moved[:2])
    np.testing.assert_allclose(made.parameters, moved, rtol=1e-12)


def test_what_is_not_asked_for_is_not_kept() -> None:
    assert {rule: update.update_of(Optimiser(rule)).slots for rule in RULES} == {
        "sgd": (), "adagrad": ("total",), "rmsprop": ("mean",), "adadelta": ("squares", "moves"), "adam": ("mean", "squares"),
        "adamw": ("mean", "squares"),
    }  # fmt: skip
    assert Updater(np, blocks(np.zeros(3)), Optimiser("sgd"), Held()).slots == []


@pytest.mark.parametrize("rule", RULES)
def test_every_line_of_a_rule_is_read(rule: str) -> None:
    constants = dict.fromkeys(RULES[rule].constants, 0.5)
    found = update.update_of(optimiser(rule, constants))
    assert [a.target for a in found.assignments] == [line.partition(" = ")[0] for line in RULES[rule].lines]
