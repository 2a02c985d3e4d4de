"""What people write from habit: one problem for each slip, whose help says how it is written here; and so written it is sound."""

import re

import pytest
from netc import grammar
from netc.compiler.checking import check, check_text
from netc.compiler.diagnostics import foreign
from netc.compiler.diagnostics.model import Severity
from netc.compiler.elaborate.expressions.calls import BUILTINS
from netc.compiler.elaborate.expressions.lookup import CONSTANTS
from netc.compiler.session import Session
from netc.compiler.syntax.juxtaposed import FUNCTIONS
from test_specs import ROOT

NET = """def half(x) = 0.5 * x
layer Mix(H, k=1)(x: real[X]) -> y: real[H]:
    param M[H, X] init glorot
    y = k * M @ x
net N:
    input x: real[8]
    input s: real[1..T, 8]
    input img: real[1, 28, 28]
    input digit: class(4)
    param W[4, 8], V[4, 8] init glorot
    param b[4], v[8] init 0
    h = W @ x + b
    u = V @ v
    output o = sum(h) + sum(u) + sum(s[1]) + sum(img)
    digit ~ softmax(h)
    {}
"""
# A line as people write it, the line that was meant, the code, and what the help says.
SLIPS = {
    # nothing between two words
    "y = W x": ("y = W @ x", "E0102", "write `W @ x`, or `W * x`"),
    "y = Dense(32 act=relu)(x)": ("y = Dense(32, act=relu)(x)", "E0102", "write `32, act=relu`"),
    "y = Dense(32, act relu)(x)": ("y = Dense(32, act=relu)(x)", "E0102", "write `act=relu`, or `act, relu`"),
    "y = Dense(32 relu)(x)": ("y = Dense(32, relu)(x)", "E0102", "write `32, relu`"),
    "y = Mix(4 k=2)(x)": ("y = Mix(4, k=2)(x)", "E0102", "write `4, k=2`"),
    "y = max(x 0)": ("y = max(x, 0)", "E0102", "write `x, 0`"),
    "y = tanh(2 x)": ("y = tanh(2 * x)", "E0102", "write `2 * x`; if they are two, `2, x`"),
    "y = tanh x": ("y = tanh(x)", "E0102", "write `tanh(x)`"),
    "y = half x": ("y = half(x)", "E0102", "write `half(x)`"),
    "y = sum[i] v[i] * x[i]": ("y = sum[i](v[i] * x[i])", "E0102", "write `sum[i](v[i] * x[i])`"),
    "y = sum_i v[i] * x[i]": ("y = sum[i](v[i] * x[i])", "E0102", "write `sum[i](v[i] * x[i])`"),
    "y = sum[i j](W[i, j])": ("y = sum[i, j](W[i, j])", "E0102", "write `i, j`"),
    "y = x -> Dense(4) Dense(3)": ("y = x -> Dense(4) -> Dense(3)", "E0102", "write `Dense(4) -> Dense(3)`"),
    "y = Dense(4)x": ("y = Dense(4)(x)", "E0102", "write `Dense(4)(x)`"),
    "y = [x v]": ("y = [x; v]", "E0102", "write `x; v`"),
    "y = W^T h": ("y = W.T @ h", "E0102", "write `W.T @ h`"),
    "dim A = 3 B = 4": ("dim A = 3, B = 4", "E0102", "write `3, B = 4`"),
    "y = h z = x": ("y = h; z = x", "E0102", "write `h; z = x`"),
    "output y tanh(x)": ("output y = tanh(x)", "E0102", "write `y = tanh(x)`"),
    "param Q[4 8] init glorot": ("param Q[4, 8] init glorot", "E0102", "write `4, 8`"),
    "param Q[4, 8] glorot": ("param Q[4, 8] init glorot", "E0102", "write `Q[4, 8] init glorot`"),
    "param Q[4] P[4] init 0": ("param Q[4], P[4] init 0", "E0102", "write `Q[4], P[4]`"),
    "param real Q[4]": ("param Q[4]", "E0101", "a parameter has no type"),
    "input a: real 3": ("input a: real[3]", "E0102", "write `real[3]`"),
    "input a: real(3)": ("input a: real[3]", "E0209", "`real[3]`"),
    "input a c: real[3]": ("input a, c: real[3]", "E0101", "`a, c`"),
    'assert shape(x) == [8] "eight"': ('assert shape(x) == [8], "eight"', "E0101", "a comma stands before the message"),
    "y = 2(x + 1)": ("y = 2 * (x + 1)", "E0209", "`2 * (x + 1)`"),
    "y = x(0)": ("y = x[0]", "E0209", "`x[0]`"),
    # brackets of layers
    "y = LSTM(s)": ("y = LSTM(4)(s)", "E0214", "`LSTM(H)(s)`"),
    "y = Dense(4, h)": ("y = Dense(4)(h)", "E0214", "`Dense(4)(h)`"),
    "y = Mix(h, k=2)": ("y = Mix(4, k=2)(h)", "E0214", "`Mix(H, k=2)(h)`"),
    "y = GlobalAvgPool(img)": ("y = GlobalAvgPool()(img)", "E0214", "`GlobalAvgPool()(img)`"),
    "y = Dense(4) + h": ("y = Dense(4)(x) + h", "E0214", "`Dense(4)(x)`"),
    "y = x -> relu()": ("y = x -> relu", "E0205", "`x -> relu`"),
    "y = img -> GlobalAvgPool": ("y = img -> GlobalAvgPool()", "E0207", "`GlobalAvgPool()`"),
    'y = Dense(3, act="relu")(x)': ("y = Dense(3, act=relu)(x)", "E0209", "without quotation marks: `relu`"),
    "y = img -> Conv[8, 3]": ("y = img -> Conv(8, 3)", "E0209", "`Conv(8, 3)`"),
    "y = Dense(8, 4, act=relu)(x)": ("y = Dense(4, act=relu)(x)", "E0209", "the size of what goes in is found: write `Dense(4, act=relu)`"),
    "y = x -> Dense(8, 4)": ("y = x -> Dense(4)", "E0209", "write `Dense(4)`"),
    "y = Dense(8, 4, relu)(x)": ("y = Dense(4, relu)(x)", "E0209", "write `Dense(4, relu)`"),
    "y = img -> Conv(8, 3, 1, stride=2)": ("y = img -> Conv(8, 3, stride=2)", "E0209", "`1` is taken as `stride` already"),
    # signs of other languages
    "y := 2 * x": ("y = 2 * x", "E0101", "`=` alone"),
    "y = x ** 2": ("y = x^2", "E0101", "`x^2`"),
    "y = W @@ x": ("y = W @ x", "E0101", "write `@` once"),
    "y = x[0] && x[1]": ("y = x[0] and x[1]", "E0107", "write `and`"),
    "y = x[0] <> 0": ("y = x[0] != 0", "E0101", "write `!=`"),
    "y = x[0] === 0": ("y = x[0] == 0", "E0101", "write `==`"),
    "y = x |> half": ("y = x -> half", "E0107", "write `->`"),
    "y = x --> half": ("y = x -> half", "E0101", "write `->`"),
    "y = |x|": ("y = abs(x)", "E0107", "`abs(x)`"),
    "y = x[0:3]": ("y = x[0..3]", "E0101", "`x[0..3]`"),
    "y = sum[i=0..7](x[i])": ("y = sum[i in 0..7](x[i])", "E0115", "write `in`"),
    "y(i) = x[i]": ("y[i] = x[i]", "E0101", "`y[i] = ...`"),
    "y = sum(x[i] for i in 0..7)": ("y = sum[i in 0..7](x[i])", "E0118", "`sum[i in 0..7](x[i])`"),
    "y = x // the first of them": ("y = x # the first of them", "E0126", "write `#`"),
    "-- the first of them": ("# the first of them", "E0126", "write `#`"),
    "y = 2 × x": ("y = 2 * x", "E0107", "write `*`"),
    "y = x − 1": ("y = x - 1", "E0107", "write `-`"),
    "y = x →\u00a0half": ("y = x -> half", "E0107", "write `->`"),
    "y = x²": ("y = x^2", "E0107", "write `^2`"),
    "param Q[3] init = 0": ("param Q[3] init 0", "E0101", "`init 0`"),
    # products
    "y = tanh(W * x + b)": ("y = tanh(W @ x + b)", "E0302", "the matrix product is `@`: `W @ x`"),
    "y = x * W": ("y = W @ x", "E0302", "the matrix product is `@`: `W @ x`"),
    "y = W @ (x @ v)": ("y = W @ (x * v)", "E0323", "element by element it is `*`: `x * v`"),
    "y = sum(h) @ x": ("y = sum(h) * x", "E0309", "one number multiplies with `*`: `sum(h) * x`"),
    "y = sum[t](s[t, 0] @ s[t])": ("y = sum[t](s[t, 0] * s[t])", "E0309", "`s[t, 0] * s[t]`"),
    # indices
    "y[j] = b[j] + sum[i](W[i, j] * x[i])": ("y[j] = b[j] + sum[i](W[j, i] * x[i])", "E0307", "the indices of `W` stand the other way round: write `W[j, i]`"),
    "y[j] = b[j] + sum[j](W[j, i] * x[i])": ("y[j] = b[j] + sum[i](W[j, i] * x[i])", "E0315", "write `sum[i]`: nothing binds `i`"),
    "y[t] = x + sum(s[t, i] * v[i])": ("y[t] = x + sum[i](s[t, i] * v[i])", "E0201", "write `sum[i](s[t, i] * v[i])`"),
    # LaTeX
    r"y = \tanh(x) \cdot x": ("y = tanh(x) * x", "E0125", r"`tanh` for `\tanh` and `*` for `\cdot`"),
    "y[t] = tanh(s_{t})": ("y[t] = tanh(s[t])", "E0125", "`s[t]` for `s_{t}`"),
    r"y = \frac{x}{2}": ("y = x / 2", "E0125", "`x / 2`"),
    "y = x^{2}": ("y = x^2", "E0125", "`^2` for `^{2}`"),
    "y[t] = tanh(s_t)": ("y[t] = tanh(s[t])", "E0201", "`s[t]`"),
    "y[t] = tanh(sₜ)": ("y[t] = tanh(s[t])", "E0201", "`s[t]`"),
    "y = W^T @ h": ("y = W.T @ h", "E0209", "`W.T`"),
    # names of Python and its libraries
    "y = np.tanh(x)": ("y = tanh(x)", "E0201", "write `tanh`"),
    "y = torch.nn.functional.relu(x)": ("y = relu(x)", "E0201", "write `relu`"),
    "y = self.W @ x": ("y = W @ x", "E0201", "write `W`"),
    "y = x.sum()": ("y = sum(x)", "E0210", "`sum(x)`"),
    "y = W.transpose() @ h": ("y = W.T @ h", "E0210", "`W.T`"),
    "y = softmax(x, dim=0)": ("y = softmax(x)", "E0209", "`softmax[j](x[i, j])`"),
    "y = Linear(3)(x)": ("y = Dense(3)(x)", "E0201", "`Dense(n)`"),
    "y = nn.Linear(3)(x)": ("y = Dense(3)(x)", "E0201", "`Dense(n)`"),
    "y = img -> Conv2d(8, 3)": ("y = img -> Conv(8, 3)", "E0201", "`Conv(n, size)`"),
    "y = img -> MaxPool2d(2)": ("y = img -> MaxPool(2)", "E0201", "`MaxPool(size)`"),
    "y = img -> BatchNorm2d()": ("y = img -> BatchNorm()", "E0201", "`BatchNorm()`"),
    "y = img -> Flatten": ("y = img -> flatten", "E0201", "`flatten`"),
    "y = Relu(x)": ("y = relu(x)", "E0201", "`relu`"),
    "y = σ(x)": ("y = sigmoid(x)", "E0201", "`sigmoid`"),
    "loss l = CrossEntropyLoss(h, digit)": ("digit ~ softmax(h)", "E0201", "`y ~ softmax(z)`"),
    "y = img -> Conv(8, kernel_size=3)": ("y = img -> Conv(8, size=3)", "E0204", "did you mean `size`?"),
    "y = img -> Conv(8, 3, padding=1)": ("y = img -> Conv(8, 3, pad=1)", "E0204", "did you mean `pad`?"),
    "y = Dense(units=3)(x)": ("y = Dense(n=3)(x)", "E0204", "did you mean `n`?"),
    "y = Dense(3, in_features=8)(x)": ("y = Dense(3)(x)", "E0204", "the size of what goes in is found"),
    "y = Dense(3, bias=False)(x)": ("y = Dense(3, bias=false)(x)", "E0201", "did you mean `false`?"),
    "param Q[3] init xavier": ("param Q[3] init glorot", "E0201", "`glorot`"),
    "minimise 1e-4 * sum(h^2)": ("loss l = 1e-4 * sum(h^2)", "E0118", "`loss NAME = ...`"),
    "y = return tanh(x)": ("y = tanh(x)", "E0118", "drop `return`"),
    "output q[i] = 2 * h[i]": ("q[i] = 2 * h[i]; output q", "E0101", "`q[i] = ...`, and then that it is given out: `output q`"),
    "p, q = LSTM(4)(s)": ("(p, q) = LSTM(4)(s)", "E0101", "`(p, q) = ...`"),
    "inputs q: real[3]": ("input q: real[3]", "E0111", "did you mean `input`?"),
    "input q: float[3]": ("input q: real[3]", "E0201", "types are `real[...]`"),
    "float y = x": ("y = x", "E0118", "needs no word before it"),
}  # fmt: skip
# The same in specs that are there: what is replaced, by what, the code, and what the help says.
PLANTED = {
    "vision/lenet5.net": ("c1 -> Subsample(2)", "Subsample(c1)", "E0214", "`Subsample(k)(c1)`"),
    "vision/alexnet.net": ("pad=", "padding=", "E0204", "did you mean `pad`?"),
    "sequence/hello.net": ("= tanh(", r"= \tanh(", "E0125", r"`tanh` for `\tanh`"),
    "sequence/gates.net": ("= sigmoid(", "= σ(", "E0201", "`sigmoid`"),
    "generative/autoencoder.net": ("W.T @", "W^T @", "E0201", "`W.T`"),
    "text/cbow.net": ("2*R", "2R", "E0102", "`2 * R`"),
    "sequence/bidirectional.net": ("[f[t]; b[t]]", "[f[t] b[t]]", "E0102", "`f[t]; b[t]`"),
    "vision/fine_tuning.net": ("MaxPool(2)", "MaxPool2d(2)", "E0201", "`MaxPool(size)`"),
}


@pytest.mark.parametrize("wrong", SLIPS)
def test_a_slip_is_told_once_with_what_was_meant(wrong: str) -> None:
    right, code, help = SLIPS[wrong]
    found = [p.diagnose() for p in check_text(NET.format(wrong)) if p.severity is Severity.ERROR]
    assert {d.code for d in found} == {code}, [d.message for d in found]
    assert all(d.span.line == NET[: NET.index("{}")].count("\n") + 1 for d in found)
    assert help in found[0].help
    assert not [p.diagnose().message for p in check_text(NET.format(right)) if p.severity is Severity.ERROR]


@pytest.mark.parametrize("spec", PLANTED)
def test_a_slip_in_a_spec_is_told_once(spec: str) -> None:
    right, wrong, code, help = PLANTED[spec]
    folder, text = (ROOT / spec).parent, (ROOT / spec).read_text(encoding="utf-8")
    assert right in text, f"{spec} has no longer {right!r}"
    session = Session(spec, text.replace(right, wrong, 1).encode(), lambda name: (folder / name).read_bytes())
    for net in session.nets:
        check(session, net)
    (told,) = (p.diagnose() for p in session.problems if p.severity is Severity.ERROR)
    assert told.code == code
    assert help in told.help


def test_the_table_of_foreign_names_speaks_of_what_there_is() -> None:
    prelude = set(re.findall(r"^(?:layer|def) +(\w+)", grammar.source("prelude.net"), re.M))
    known = prelude | BUILTINS | set(CONSTANTS)
    assert not known & set(foreign._NAMES), "a name of the language is no foreign one"
    for written in foreign._CALLED:
        used = {w for w in re.findall(r"[^\W\d]\w*", written) if len(w) > 1} - {"size", "mean", "sd"}
        assert used <= known, f"{written} is not known"
        told = check_text(f"layer L(n, size, H, D, p, sd, f)(a: real, b: real, x: real[3]) -> y:\n    param W[2, 3] init 0\n    made = {written}\n    y = a + b\n")
        assert {t.code for t in told if t.severity is Severity.ERROR} <= {"E0209"}, f"{written}: names and settings are known; alone, a function is no value"


def test_functions_that_take_a_bracket_are_those_of_the_language() -> None:
    assert BUILTINS - {"tree", "children", "left", "right", "root", "identity", "batch", "leaf"} == FUNCTIONS
