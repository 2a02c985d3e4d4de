"""A call in a `train` block, `adam(rate=1e-3)` or `text("a.txt")`: what it takes, and its arguments read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.problems.settings import ArgumentUnfit, SettingUnfit
from netc.compiler.diagnostics.suggest import suggest
from netc.compiler.settings.kinds import Kind, Unfit, flat, written
from netc.compiler.syntax import tree

# What other tools call them.
OTHER_NAMES = {
    "lr": "rate", "learning_rate": "rate", "weight_decay": "decay", "l2": "decay", "epsilon": "eps", "alpha": "rho", "mu": "momentum",
    "file": "path", "filename": "path", "n": "samples", "count": "samples", "val": "valid", "validation": "valid", "seq_len": "length",
    "window": "length", "size": "length", "vocabulary": "symbols", "vocab": "symbols", "lowercase": "lower",
}  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Argument:
    """One of the values that a call takes. Without a default it must be given; the example is one that may be."""

    kind: Kind
    default: Any = None
    example: str = ""

    @property
    def shown(self) -> str:
        """A value as a spec writes it."""
        return self.example or written(self.default)


@dataclass(frozen=True, eq=False, repr=False)
class Clash:
    """A value that does not go with the others of its call: what is wanted in its place, and one that would do."""

    name: str
    wanted: str
    example: str


@dataclass(frozen=True, eq=False, repr=False)
class Signature:
    """What a call takes, in order; `together` finds, of all values and the names of those that are given, one that does not go with the others."""

    arguments: Mapping[str, Argument]
    together: Callable[[Mapping[str, Any], Sequence[str]], Clash | None] = lambda values, given: None

    def usage(self, name: str) -> str:
        """`spirals(samples=1000, arms=2, noise=0.05)`: what a call may say, with what holds where it does not."""
        shown = [k if a.default is None else f"{k}={written(a.default)}" for k, a in self.arguments.items()]
        return f"{name}({', '.join(shown)})"

    def read(self, call: tree.Call) -> dict[str, Any]:
        """The arguments of a call by name, with the defaults of those that are not given. Raises Unfit with all that is wrong."""
        stand, problems = self._placed(call)
        found = {}
        for key, argument in stand.items():
            try:
                wanted = self.arguments[key]
                found[key] = wanted.kind.read(argument.value, key, _in_place(argument), wanted.shown)
            except Unfit as unfit:
                problems += unfit.problems
        missing = [k for k, a in self.arguments.items() if a.default is None and k not in stand]
        if missing and not any(isinstance(p, ArgumentUnfit) for p in problems):  # else it may be what was misspelt
            parts = [*map(_flat, call.arguments), *(f"{k}={self.arguments[k].shown}" for k in missing)]
            name = name_of(call)
            problems.append(ArgumentUnfit(call.span, name, f"needs `{missing[0]}`", f"write `{name}({', '.join(parts)})`"))
        if problems:
            raise Unfit(*problems)
        values = {k: found.get(k, a.default) for k, a in self.arguments.items()}
        clash = self.together(values, list(found))
        if clash is not None:
            argument = stand[clash.name]
            instead = _in_place(argument)(clash.example)
            raise Unfit(SettingUnfit(argument.value.span, clash.name, flat(argument.value), clash.wanted, instead))
        return values

    def mended(self, call: tree.Call) -> tuple[str, tuple[Problem, ...]]:
        """A call as it is written here, `adam(rate=3e-3)` for `adam(lr=3e-3)`, and what is wrong with it even so."""
        taken = {a.name.name for a in call.arguments if a.name is not None}
        arguments = []
        for argument in call.arguments:
            other = OTHER_NAMES.get(argument.name.name) if argument.name is not None and argument.name.name not in self.arguments else None
            if argument.name is not None and other is not None and other in self.arguments and other not in taken:
                argument = tree.Argument(argument.span, tree.Name(argument.name.span, other), argument.value)
            arguments.append(argument)
        mended = tree.Call(call.span, call.function, tuple(arguments))
        try:
            self.read(mended)
        except Unfit as unfit:
            return f"{name_of(call)}({', '.join(map(_flat, call.arguments))})", unfit.problems
        return f"{name_of(call)}({', '.join(map(_as_named, arguments))})", ()

    def _placed(self, call: tree.Call) -> tuple[dict[str, tree.Argument], list[Problem]]:
        """The arguments that stand there, by name, and those that the call does not take."""
        found: dict[str, tree.Argument] = {}
        problems: list[Problem] = []
        names, name = list(self.arguments), name_of(call)
        for position, argument in enumerate(call.arguments):
            key = argument.name.name if argument.name else names[position] if position < len(names) else ""
            if key not in self.arguments:
                problems.append(self._unknown(call, argument))
            elif key in found:
                rest = ", ".join(_flat(a) for a in call.arguments if a is not argument)
                problems.append(ArgumentUnfit(argument.span, name, f"is given `{key}` twice", f"write `{name}({rest})`"))
            else:
                found[key] = argument
        return found, problems

    def _unknown(self, call: tree.Call, argument: tree.Argument) -> Problem:
        name = name_of(call)
        usage = f"it takes `{self.usage(name)}`" if self.arguments else f"write `{name}()`"
        if argument.name is None:
            most = f"no more than {len(self.arguments)} argument{'s' if len(self.arguments) > 1 else ''}" if self.arguments else "no argument"
            return ArgumentUnfit(argument.span, name, f"takes {most}", usage)
        key = argument.name.name
        free = [k for k in self.arguments if k not in [a.name.name for a in call.arguments if a.name]]
        other = OTHER_NAMES.get(key)
        needed = [k for k in free if self.arguments[k].default is None]
        guess = suggest(key, free) or (other if other in free else needed[0] if len(needed) == 1 and len(call.arguments) == 1 else None)
        help = f"did you mean `{self._meant(guess, argument)}`? {usage}" if guess else usage
        return ArgumentUnfit(argument.name.span, name, f"does not take `{key}`", help)

    def _meant(self, key: str, argument: tree.Argument) -> str:
        """The value of an argument under another name; another value, where this one cannot be."""
        kind, example = self.arguments[key].kind, self.arguments[key].shown
        try:
            kind.read(argument.value, key, lambda text: f"{key}={text}", example)
        except Unfit as unfit:
            instead = unfit.problems[0].instead if isinstance(unfit.problems[0], SettingUnfit) else ""
            return instead if instead.startswith(f"{key}=") else f"{key}={example}"
        return f"{key}={flat(argument.value)}"


def name_of(call: tree.Call) -> str:
    """What is called."""
    return call.function.name if isinstance(call.function, tree.Name) else call.function.span.text


def meant_as(call: tree.Call, name: str | None, table: Mapping[str, Signature]) -> tuple[Problem, ...]:
    """What is wrong with the arguments of a call whose name was misspelt, if it is this one."""
    if name is None:
        return ()
    try:
        table[name].read(tree.Call(call.span, tree.Name(call.function.span, name), call.arguments))
    except Unfit as unfit:
        return unfit.problems
    return ()


def _flat(argument: tree.Argument) -> str:
    """An argument as it stands, on one line."""
    return " ".join(argument.span.text.split())


def _as_named(argument: tree.Argument) -> str:
    """An argument under its name, which may be another than the one that stands there."""
    return flat(argument.value) if argument.name is None else f"{argument.name.name}={flat(argument.value)}"


def _in_place(argument: tree.Argument) -> Callable[[str], str]:
    """How another value is written in an argument's place. One of `betas=[0.9, 0.999]` has a name that stands nowhere."""
    written = argument.name is not None and argument.name.span != argument.value.span
    return lambda value: f"{argument.name.name}={value}" if argument.name is not None and written else value
