"""Mistakes in a `train` block: each is told once, at its place, by a check that reads no data; and what its help says mends it."""

import re

import pytest
from netc.compiler.diagnostics.model import Problem
from netc.compiler.diagnostics.reporter import Reporter
from netc.compiler.settings import read_settings
from netc.compiler.source.text import Source
from netc.compiler.syntax import tree
from netc.compiler.syntax.parser import parse


def told(lines: str) -> tuple[Problem, ...]:
    reporter = Reporter()
    file = parse(Source("n.net", f"train:\n    {lines}\n"), reporter)
    block = file.items[0]
    assert isinstance(block, tree.Block)
    read_settings(block, {}, reporter)
    return reporter.problems


# A line, the code and the place of what is told, and the text of the help that may stand there instead.
ONE = [
    # ---- names of settings, optimisers and schedules
    ("bach = 32", "E0701", "bach", "batch"),
    ("learning_rate = 0.1", "E0701", "learning_rate", "lr"),
    ("momentum = 0.9", "E0701", "momentum", "optimizer = sgd(momentum=0.9)"),
    ("weight_decay = 1e-4", "E0701", "weight_decay", "optimizer = sgd(decay=1e-4)"),
    ("optimizer = adamm(0.1)", "E0702", "adamm", "optimizer = adam(0.1)"),
    ("optimizer = Adam", "E0702", "Adam", "optimizer = adam"),
    ('optimizer = "sgd"', "E0702", '"sgd"', "optimizer = sgd(0.01)"),
    ("optimizer = Adam(lr=3e-3)", "E0702", "Adam", "optimizer = adam(rate=3e-3)"),
    ("optimizer = Adam(betas=[0.9, 0.99], lr=3e-3)", "E0702", "Adam", "optimizer = adam(beta1=0.9, beta2=0.99, rate=3e-3)"),
    ("data = digits().flatten()", "E0703", "digits().flatten()", "digits() -> flatten()"),
    ("data = digits().take(5).flatten()", "E0703", "digits().take(5).flatten()", "digits() -> take(5) -> flatten()"),
    ("data = parity(length=5..12)", "E0703", "5..12", "length=[5, 12]"),
    ("data = parity(length=(5, 12))", "E0703", "(5, 12)", "length=[5, 12]"),
    ('data = conll("a.conllu", columns=(1, 2))', "E0703", "(1, 2)", 'columns="1,2"'),
    ("optimizer = sgd(cosin(0.1, 0))", "E0709", "cosin", "cosine(0.1, 0)"),
    ("scheduled_sampling = liner(0, 0.5)", "E0709", "liner", "scheduled_sampling = linear(0, 0.5)"),
    # ---- numbers
    ("optimizer = sgd(-0.1)", "E0703", "-0.1", "0.1"),
    ("optimizer = sgd(rate=0)", "E0703", "0", "rate=0.01"),
    ("optimizer = sgd(nan)", "E0703", "nan", "0.01"),
    ("optimizer = sgd(inf)", "E0703", "inf", "0.01"),
    ('optimizer = sgd("0.1")', "E0703", '"0.1"', "0.1"),
    ("optimizer = sgd(1/0)", "E0703", "1/0", "0.01"),
    ("lr = -3e-4", "E0703", "-3e-4", "lr = 0.0003"),
    ("optimizer = sgd(0.1, momentum=1.5)", "E0703", "1.5", "momentum=0.9"),
    ("optimizer = sgd(0.1, nesterov=1)", "E0703", "1", "nesterov=true"),
    ("optimizer = sgd(0.1, decay=inf)", "E0703", "inf", "decay=0"),
    ("optimizer = adam(1e-3, betas=[0.9, 1])", "E0703", "1", "0.999"),
    ("optimizer = adam(1e-3, eps=-1e-8)", "E0703", "-1e-8", "eps=1e-08"),
    ("epochs = 0", "E0703", "0", "epochs = 10"),
    ("epochs = -2", "E0703", "-2", "epochs = 2"),
    ("epochs = true", "E0703", "true", "epochs = 10"),
    ("batch = 0", "E0703", "0", "batch = 32"),
    ("batch = 2.5", "E0703", "2.5", "batch = 2"),
    ('batch = "64"', "E0703", '"64"', "batch = 64"),
    ("batch = B", "E0703", "B", "batch = 32"),
    ("steps = inf", "E0703", "inf", "steps = 1000"),
    ("clip = -1", "E0703", "-1", "clip = 1"),
    ("clip_value = 0", "E0703", "0", "clip_value = 1"),
    ("seed = -1", "E0703", "-1", "seed = 1"),
    ("patience = 0.5", "E0703", "0.5", "patience = 5"),
    ("early_stop = 0", "E0703", "0", "early_stop = 5"),
    ("time_limit = nan", "E0703", "nan", "time_limit = 600"),
    ("bptt = [25]", "E0703", "[25]", "bptt = 25"),
    ("scheduled_sampling = 1.5", "E0703", "1.5", "scheduled_sampling = linear(0, 0.25)"),
    # ---- schedules
    ("lr = linear(0, 0.1)", "E0703", "0", "0.1"),
    ("lr = cosine(0.1)", "E0708", "cosine(0.1)", "cosine(0.1, b=0.001)"),
    ("lr = cosine(0.1, 0, 5)", "E0708", "5", None),
    ("lr = cosine(start=0.1, b=0)", "E0708", "start", None),
    ("lr = warmup(0, 0.1)", "E0703", "0", "100"),
    ("lr = steps([0, 5], [0.1])", "E0703", "[0.1]", "[0.1, 0.1]"),
    ("lr = steps([5, 0], [0.1, 0.01])", "E0703", "[5, 0]", "[0, 5]"),
    ("lr = steps([], 0.1)", "E0703", "[]", None),
    ("scheduled_sampling = exponential(1)", "E0703", "1", "0.999"),
    # ---- words and patterns
    ('per = "sampel"', "E0703", '"sampel"', 'per = "sample"'),
    ('precision = "float16"', "E0703", '"float16"', 'precision = "float32"'),
    ("freeze = features", "E0703", "features", 'freeze = "features"'),
    ("freeze = [c1, c2]", "E0703", "[c1, c2]", 'freeze = ["c1", "c2"]'),
    ('rates = "out.*"', "E0703", '"out.*"', 'rates = [group("*.W", 10)]'),
    ('rates = [group("out.*")]', "E0708", 'group("out.*")', 'group("out.*", factor=10)'),
    ('rates = [group("out.*", -10)]', "E0703", "-10", "10"),
    ('max_norm = [group("out.*", 3)]', "E0703", 'group("out.*", 3)', 'limit("*.W", 3)'),
    ('load = "a.safetensors"', "E0703", '"a.safetensors"', 'load = weights("a.safetensors")'),
    ('load = weights("a.safetensors", in="b")', "E0708", "in", None),
    ('load = weights("a.safetensors", skip=fc)', "E0703", "fc", 'skip="fc"'),
    # ---- arguments of optimisers
    ("optimizer = sgd(0.1, momentun=0.9)", "E0708", "momentun", "momentum=0.9"),
    ("optimizer = adam(weight_decay=-0.1)", "E0708", "weight_decay", "decay=0.1"),
    ("optimizer = adam(lr=0.1)", "E0708", "lr", "rate=0.1"),
    ("optimizer = adam(0.1, rate=0.1)", "E0708", "rate=0.1", "adam(0.1)"),
    # ---- data
    ("data = digit()", "E0707", "digit", "digits"),
    ("data = digits() -> resiz(28)", "E0707", "resiz", "resize"),
    ("data = resize(28)", "E0707", "resize", None),
    ("data = digits() -> digits()", "E0707", "digits", None),
    ('data = "book.txt"', "E0703", '"book.txt"', 'data = text("book.txt")'),
    ('data = "digits"', "E0703", '"digits"', "data = digits()"),
    ("data = 3", "E0703", "3", "data = digits()"),
    ("data = spirals(sample=500)", "E0708", "sample", "samples=500"),
    ("data = spirals(n=500)", "E0708", "n", "samples=500"),
    ("data = spirals(500, samples=400)", "E0708", "samples=400", "spirals(500)"),
    ("data = spirals(samples=0)", "E0703", "0", "samples=1000"),
    ("data = spirals(noise=-0.1)", "E0703", "-0.1", "noise=0.1"),
    ("data = hello(3)", "E0708", "3", "hello()"),
    ('data = text("a.txt", level="letter")', "E0703", '"letter"', 'level="char"'),
    ('data = text("a.txt", length=1)', "E0703", "1", "length=100"),
    ("data = text(a)", "E0703", "a", '"a"'),
    ('data = text("a.txt", valid=0.5, test=0.5)', "E0703", "0.5", "test=0.25"),
    ('data = csv("a.csv", train=0.9, validation=0.2)', "E0703", "0.2", "validation=0.1"),
    ('data = csv("a.csv", train=80)', "E0703", "80", "train=0.8"),
    ('data = idx("a.gz")', "E0708", 'idx("a.gz")', 'idx("a.gz", labels="labels.gz")'),
    ('data = conll("a.tsv", columns="FORM")', "E0703", '"FORM"', 'columns="FORM,UPOS"'),
    ('data = boolean_trees(operators="and,xor")', "E0703", '"and,xor"', 'operators="and,or,not"'),
    ("data = brackets(kinds=5)", "E0703", "5", "kinds=2"),
    ("data = adding_problem(length=[90, 50])", "E0703", "[90, 50]", "length=[50, 90]"),
    ("data = adding_problem(length=[1, 2, 300])", "E0703", "[1, 2, 300]", "length=[50, 100]"),
    ("data = reber(embedded=1)", "E0703", "1", "embedded=true"),
    ("data = digits() -> resize", "E0708", "resize", "resize(size=28)"),
    ("data = digits() -> resize(width=12)", "E0708", "width", "size=12"),
    ("data = digits() -> classes(3, 1)", "E0703", "1", "3"),
    ("data = digits() -> scale(inf)", "E0703", "inf", "0.5"),
    ('data = csv("a.csv", train=1.2)', "E0703", "1.2", "train=0.8"),
    ("data = digits() -> range(0)", "E0708", "range(0)", "range(0, high=1)"),
    # ---- twice
    ("epochs = 2; epochs = 3", "E0704", "epochs = 3", None),
    ("optimizer = sgd; optimiser = adam", "E0704", "optimiser = adam", None),
    ("optimizer = sgd(0.1); lr = 0.2", "E0704", "lr = 0.2", None),
    ("epochs = 2; steps = 3", "E0704", "steps = 3", None),
]


@pytest.mark.parametrize(("line", "code", "place", "instead"), ONE)
def test_a_mistake_is_told_once_and_its_help_mends_it(line: str, code: str, place: str, instead: str | None) -> None:
    (problem,) = told(line)
    help = problem.diagnose().help
    assert (problem.code, problem.span.text) == (code, place) and help
    if instead is None:
        return
    assert f"`{instead}`" in help
    start, end = problem.span.start, problem.span.end
    text = problem.span.source.text
    stretch = next(  # what of the line is replaced by what the help writes: the place alone, or all that it is a part of
        (text[:a] + instead + text[b:] for a, b in _around(text, start, end) if not _problems(text[:a] + instead + text[b:])), ""
    )
    assert stretch, f"{instead} does not mend {line}"


def _around(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The place, with `name=` before it, with the call that it begins or stands in, and the whole setting."""
    named = re.search(r"\w+ ?= ?$", text[:start])
    beginnings = [start, named.start() if named else start, text.rfind("(", 0, start) + 1, len("train:\n    ")]
    called = re.search(r"\w+\([^()]*$", text[:start])
    beginnings += [called.start()] if called else []
    closing = text.find(")", end)
    ends = [end, closing + 1 if closing >= 0 else end, len(text) - 1]
    rest = re.match(r"[^,()]*", text[end:])
    ends += [end + rest.end()] if rest else []
    return [(a, b) for a in beginnings for b in ends]


def _problems(text: str) -> tuple[Problem, ...]:
    return told(text.removeprefix("train:\n    ").rstrip("\n"))


def test_several_mistakes_of_one_setting_are_told_together() -> None:
    found = told("data = spiral(sample=500, arms=0) -> resiz(28) -> take(0)")
    assert [(p.code, p.span.text) for p in found] == [
        ("E0707", "spiral"), ("E0708", "sample"), ("E0703", "0"), ("E0707", "resiz"), ("E0703", "0"),
    ]  # fmt: skip
    assert [p.span.text for p in told("optimizer = sgdd(-1, momentun=0.9, decay=-1)")] == ["sgdd", "-1", "momentun", "-1"]


def test_a_rate_is_of_the_optimiser_that_stands_behind_it() -> None:
    block = parse(Source("n.net", "train:\n    lr = 0.3\n    optimizer = adam(beta1=0.8)\n"), Reporter()).items[0]
    assert isinstance(block, tree.Block)
    settings = read_settings(block, {}, Reporter())
    assert settings.optimizer.rate.values == (0.3,) and settings.optimizer.constants == (("beta1", 0.8),)


@pytest.mark.parametrize(
    ("name", "text", "help"),
    [
        ("epochs", "0", "--set epochs=10"),
        ("lr", "cosine(-0.1, 0)", "0.1"),
        ("optimizer", "adamm(0.1)", "--set 'optimizer=adam(0.1)'"),
        ("epochs", "2; batch = 3", "--set epochs=2"),
        ("batch", "2.5", "--set batch=2"),
    ],
)
def test_a_mistake_of_the_command_line_is_mended_there(name: str, text: str, help: str) -> None:
    reporter = Reporter()
    read_settings(None, {name: text}, reporter)
    (problem,) = reporter.problems
    assert f"`{help}`" in problem.diagnose().help and problem.span.source.name == "command line"
