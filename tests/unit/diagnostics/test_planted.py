"""Mistakes as students make them, five in a spec: what one run of `netc check` tells of them."""

import pytest
from netc.compiler.checking import check
from netc.compiler.diagnostics.model import Problem, Severity
from netc.compiler.session import Session
from test_specs import ROOT

# Wrong sizes, swapped indices, missing boundaries, wrong borders, missing operators and brackets, unknown layers, wrong settings,
# windows and losses; and the codes that are told, in order of place. Where there are fewer codes than mistakes, the others depend on
# what cannot be known before those are mended.
PLANTED: dict[str, tuple[dict[str, str], str]] = {
    "vision/lenet5.net": (
        {
            "Conv(16, 5, links=C3": "Conv(12, 5, links=C3",
            "loss map = d[digit]": "loss map = d[k]",
            "c3 -> Subsample(2)": "c3 -> Subsampel(2)",
            "params(c1) == 156": "params(c1) == 155",
            "momentum=0.9": "momentun=0.9",
        },
        "E0322 E0201 E0201 E0801 E0708",
    ),
    "text/seq2seq_attention.net": (
        {
            "    b[S+1] = 0\n": "",
            "Ua[A, 2*H]": "Ua[A, H]",
            "Wd @ b[1]": "Wd b[1]",
            "sum[s](a[t, s] * h[s])": "sum[s](a[s, t] * h[s])",
            "softmax(z[t])": "softmax(d[t])",
        },
        "E0313 E0102 E0301 E0307 E0605",
    ),
    "attention/transformer.net": (
        {
            "Wo[heads, D, F] init": "Wo[heads, F, D] init",
            "sqrt(F))": "sqrt(F)",
            "    u[t] = LayerNorm()(x[t])": "    u[t] = LayerNorm(x[t])",
            "x[t in 1..T] = Drop": "x[t] = Drop",
            "top_k = 40": "topk = 40",
        },
        "E0103 E0214 E0307 E0711",
    ),
    "tree/tree_lstm.net": (
        {
            "s[n] = sum[k in children(n)]": "s[n] = sum[k in child(n)]",
            "Ui[H, 2*H]": "Ui[H, H]",
            "gate o[n] = sigmoid(Wo @ x[n] + Uo @ s[n] + bo)": "gate o[n] = tanh(Wo @ x[n] + Uo @ x[n] + bo)",
            "cr[n]\n    h[n] = o[n] * tanh(c[n])\n    z[n] = Dense(K)(h[n])\n    label[n] ~": "cr[n]\n    h[n] = o[n] * tanh(c[n])\n    z[n] = Dense(K)(h[n])\n    label ~",
        },
        "E0201 E0301 E0301 E0201",
    ),
    "sequence/bidirectional.net": (
        {
            "Vf @ f[t-1]": "Vf @ f[t+1]",
            "Wf[l] @ y[l-1, t]": "Wf[l] @ y[l, t]",
            "U @ [f[t]; b[t]]": "U @ [f[t], b[t]]",
            "    h = e -> DeepBiRNN(L, H)\n    z[t] = Dense(K)(h[t])": "    h = e -> DeepBiRNN(L, H)\n    z[t] = Dense(K)(h)",
            "BiRNN(H))\n    z[t] = Dense(K)(h[t])\n    tag[t] ~ softmax(z[t])\n    assert params(h) == L*2*": "BiRNN(H))\n    z[t] = Dense(K)(h[t])\n    tag[t] ~ softmax(z[t])\n    assert params(h) == L*3*",
        },
        "E0313 E0309 E0502 E0312 E0801",
    ),
    "sequence/conv1d.net": (
        {
            "stride=2": "strides=2",
            "    x[t < 0] = 0\n": "",
            "max[i in 0..1](y[o, 2*s + i])": "max[i in 0..2](y[o, 2*s + i])",
            "K[s, o, u, t]": "K[o, s, u, t]",
            "z = p -> flatten -> Dense(10)\n    digit ~ softmax(z)\n    assert shape(y) == [S": "z = p -> flatten -> Dense(10)\n    digit ~ sigmoid(z)\n    assert shape(y) == [S",
        },
        "E0204 E0801 E0801 E0801 E0307 E0602",
    ),
    "sequence/lstm_forms.net": (
        {
            "h[t] = C[t] * O[t]": "h[t] = C[t] @ O[t]",
            "a[t, H..2*H-1]": "a[t, H..2*H]",
            "param Wf[H, H + X], Wi[H, H + X]": "param Wf[H, X], Wi[H, H + X]",
            "    v[t] = [h[t-1]; x[t]]": "    v[t] = [h[t-1], x[t]]",
            "    gate o[t] = sigmoid(Wo @ v[t] + bo)": "    gate o[t] = sigmoid(Wo v[t] + bo)",
        },
        "E0304 E0302 E0209 E0301 E0102",
    ),
    "text/captioning.net": (
        {
            "    (h[0], c[0]) = cell(v, 0, 0)               # the picture is shown once, before the first word\n": "",
            "Conv(2*F, 3, pad=1": "Conv(2*F, 3, padding=1",
            "Emb[w[t-1]]": "Emb[w[t+1]]",
            "w[t] ~ softmax(z[t])": "w[t] ~ normal(z[t])",
            "adam(cosine(3e-3": "adam(cosin(3e-3",
        },
        "E0204 E0313 E0313 E0313 E0205 E0709",
    ),
    "text/cbow.net": (
        {
            "context: class(N)[2*R]\n    input word: class(N)\n    param V": "context: class(N)[2R]\n    input word: class(N)\n    param V",
            "softmax[y](z @ V[y])": "softmax[k](z @ V[y])",
            "categorical(p)": "categorical(z)",
            "Out[N, D]": "Out[D, N]",
            "params() == 2*N*D": "params() == 3*N*D",
        },
        "E0102 E0316 E0301",
    ),
    "vision/block_detector.net": (
        {
            "    x[i > 9] = 0": "    x[i > 8] = 0",
            "relu(z2[i] - 1)": "Relu(z2[i] - 1)",
            "z1 == [0, 0, 0, 0, 1,": "z1 == [0, 0, 0, 0, 2,",
            "z1[2*i + u])": "z1[2i + u])",
            "Ends()(two)": "Ends(two)",
        },
        "E0317 E0201 E0102 E0214",
    ),
    "sequence/dynamical_system.net": (
        {
            "ω[1] = x[1, 2]": "ω[0] = x[1, 2]",
            "gain * x[t, 0]": "gain * x[t, 3]",
            "sin(φ[t-1])": "sinus(φ[t-1])",
            "param friction, gain": "param friction, gian",
            "mean[t in 1..T]((φ": "mean((φ",
        },
        "E0201 E0313 E0201 E0313 E0201",
    ),
    "vision/maxout.net": (
        {
            "MaxoutConv(12, 5, pad=2)": "MaxoutConv(12, 5, border=2)",
            "border(x, pad)": "border(x, [pad])",
            "K[o, p, c, u, v]": "K[o, p, u, v, c]",
            "digit ~ softmax(z)": "digit ~ softmax(softmax(z))",
            "max_norm = [": "maxnorm = [",
        },
        "E0209 E0204 E0604 E0701",
    ),
    "attention/self_attention.net": (
        {
            "softmax[s <= t](q[t] @ k[s] / sqrt(D))": "softmax[t <= s](q[t] @ k[s] / sqrt(D)",
            "q[h, t] = Q[h] @ x[t]": "q[h, t] = Q[t] @ x[h]",
            "sum[h](O[h] @ u[h, t])": "sum[h](O[h] @ u[t, h])",
            "assert T <= context and D": "assert T <= contxt and D",
            'prompt = "B"\n    limit = 40\n\nsample ManyHeads': 'prompt = "B"\n    limits = 40\n\nsample ManyHeads',
        },
        "E0103 E0201 E0307 E0711",
    ),
    "basics/training_tools.net": (
        {
            "clipped = G * min(1, tau / norm)": "clipped = G * min(1, tau / norm",
            "assert norm == 5 and": "assert norm == 4 and",
            "Dropout(0.2)": "Drop(0.2)",
            "digit ~ softmax(z)": "digit ~ softmx(z)",
            "early_stop = 10": "early_stopp = 10",
        },
        "E0103 E0801 E0201 E0603 E0701",
    ),
    "text/generation.net": (
        {
            "    s[0] = 0\n": "",
            "gate g[t] = sigmoid(": "gate g[t] = tanh(",
            "g[t]) * s[t-1]": "g[t]) * s[t+1]",
            "z[t] = O @ s[t] + c": "z[t] = O @ s + c",
            "stop = END": "stop = END_OF",
        },
        "E0401 E0503 E0312 E0712",
    ),
    "sequence/gates.net": (
        {
            "h[t] = (1 - z[t]) * h[t-1] + z[t] * h'[t]": "h[t] = (1 - z) * h[t-1] + z[t] * h'[t]",
            "(U @ h[t-1] + c) + b)": "(U @ h[t-1] + c + b)",
            "Wf @ [h[t-1]; x[t]]": "Wf @ [h[t-1]; x]",
            "    y = w @ h + b": "    y = w * h + b",
            "m = MGU(H)(x)": "m = MGU(x)(H)",
        },
        "E0302 E0103 E0303 E0304 E0214",
    ),
    "vision/fine_tuning.net": (
        {
            "Conv(16, 3, pad=1, bias=false)": "Conv(16, 3, pad=1, bias=False)",
            "MaxPool(2)": "MaxPool(9)",
            "head = features -> Dense(64, act=relu) -> Dense(5)": "head = features -> Dense(64, act=rleu) -> Dense(5)",
            "digit ~ softmax(head)": "digit ~ softmax(heads)",
            '"features.*"]': '"features.*"',
        },
        "E0201 E0201 E0201 E0103",
    ),
    "generative/autoencoder.net": (
        {
            "W.T @ code": "W @ code",
            "draw(normal(mu[i], exp(lv[i] / 2)))": "draw(normal(mu[i], exp(lv[j] / 2)))",
            "lv = e -> Dense(Z)": "lv = e -> Dense(2*Z)",
            "image[i] ~ sigmoid(logits[i])": "image[i] ~ sigmoid(logit[i])",
            'per = "sample"': 'per = "samples"',
        },
        "E0301 E0201 E0201 E0307 E0703",
    ),
}
# Two asserts say so; a line that gave two boundaries; a size that two equations meet.
TWICE = {"max[i in 0..2](y[o, 2*s + i])", "", "lv = e -> Dense(2*Z)"}


def told(spec: str, mistakes: dict[str, str]) -> list[Problem]:
    folder, text = (ROOT / spec).parent, (ROOT / spec).read_text(encoding="utf-8")
    for right, wrong in mistakes.items():
        assert right in text, f"{spec} has no longer {right!r}"
        text = text.replace(right, wrong, 1)
    session = Session(spec, text.encode(), lambda name: (folder / name).read_bytes())
    for net in session.nets:
        check(session, net)
    return [p for p in session.problems if p.severity is Severity.ERROR]


@pytest.mark.parametrize("spec", PLANTED)
def test_five_mistakes_are_told_in_one_run(spec: str) -> None:
    mistakes, codes = PLANTED[spec]
    assert " ".join(p.code for p in told(spec, mistakes)) == codes


@pytest.mark.parametrize("spec", PLANTED)
def test_a_mistake_alone_is_told_once(spec: str) -> None:
    for right, wrong in PLANTED[spec][0].items():
        found = told(spec, {right: wrong})
        assert len(found) == 1 or wrong in TWICE and len(found) <= 2, f"{wrong}: {[p.diagnose().message for p in found]}"
        assert all(d.help or "must be" in d.message for d in (p.diagnose() for p in found)), f"{wrong}: no way out"
