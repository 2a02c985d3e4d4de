"""Sequences drawn from nets, held against loops in plain NumPy and against the probabilities they are drawn from."""

from __future__ import annotations

from pathlib import Path

import netc
import numpy as np
import pytest
from netc import specs
from netc.compiler.diagnostics.error import NetcError

ROOT = Path(str(next(iter(specs.__path__))))
MARKOV = "net Markov:\n    input x: class(4)[1..T]\n    param W[4, 4] init 0\n    x[t+1] ~ {}\n"
COIN = "net Coin:\n    input x: real[1..T]\n    param w init 0.5\n    x[t+1] ~ {}\n"
TALK = """net Talk:
    input x: class(5)[1..S]
    input y: class(4)[1..T]
    param A[6, 5], B[6, 6], C[6, 4], D[4, 6] init normal(0, 1)
    h[0] = 0
    h[s] = tanh(A @ x[s] + B @ h[s-1])
    y[0] = 0
    g[0] = h[S]
    g[t] = tanh(C @ y[t-1] + B @ g[t-1])
    y[t] ~ softmax(D @ g[t])
"""


def built(text: str, **params: object) -> netc.Net:
    net = netc.parse(text).build(dtype="float64", seed=3)
    for name, value in params.items():
        net.params[name] = value
    return net


def spec_net(file: str, name: str) -> netc.Net:
    text = (ROOT / file).read_text()
    lines = [line for line in text.split("\n") if not line.strip().startswith(("assert T <=", "bptt"))]
    net = netc.parse("\n".join(lines))[name].build(dtype="float64", seed=2)
    rng = np.random.default_rng(5)
    for path, array in net.params.items():
        net.params[path] = rng.normal(0, 0.5, array.shape)
    return net


# ---- against loops ---------------------------------------------------------------------------------------------------


def test_the_most_likely_symbols_are_those_of_a_loop_by_hand() -> None:
    net = spec_net("sequence/hello.net", "Hello")
    p = {k: net.params.exact(k) for k in net.params}
    h, x, found = np.zeros(5), 0, [0]
    for _ in range(12):
        h = np.tanh(p["Wxh"][:, x] + p["Whh"] @ h + p["bh"])
        x = int(np.argmax(p["Why"] @ h + p["by"]))
        found.append(x)
    assert net.sample(prompt=[0], limit=12, temperature=0)[0].values.tolist() == found


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("text/char_lstm.net", "CharLSTM"), ("text/generation.net", "Names"), ("text/labels_as_tokens.net", "TiedModel"), ("sequence/deep_rnn.net", "DeepRNN"),
        ("attention/transformer.net", "Transformer"), ("attention/self_attention.net", "ManyHeads"),
    ],
)  # fmt: skip
def test_each_symbol_is_the_most_likely_given_those_before_it(file: str, name: str) -> None:
    """Reading a sample back, the net predicts it: what a step keeps is what reading everything anew gives."""
    net = spec_net(file, name)
    (sample,) = net.sample(prompt=[1, 2, 3], limit=15, temperature=0, stop=None, top_k=0)
    (name_of,) = net.observed
    best = predicted(net, name_of, {name_of: sample.values[None]})[0].argmax(-1)
    shift = len(sample.values) - len(best)
    assert sample.values.tolist()[3:] == best.tolist()[3 - shift :][: len(sample.values) - 3]


def predicted(net: netc.Net, name: str, inputs: dict[str, object]) -> np.ndarray:
    return net.evaluate(inputs, f"{name}.prediction")[f"{name}.prediction"]


def test_answers_depend_on_their_input_and_not_on_the_batch() -> None:
    net = built(TALK)
    given = [[1, 2, 3, 4], [4, 0], [2]]
    together = net.sample({"x": given}, temperature=0, limit=6)
    alone = [net.sample({"x": [g]}, temperature=0, limit=6)[0] for g in given]
    assert [s.values.tolist() for s in together] == [s.values.tolist() for s in alone]


FORMS = {
    "a layer": (
        "    h[0] = 0\n    h[t] = tanh(W @ x[t] + U @ h[t-1])\n    x[t+1] ~ softmax(O @ h[t])\n",
        "    h[1] = 0\n    h[t+1] = tanh(W @ x[t] + U @ h[t])\n    p[t in 1..T] = O @ h[t+1]\n    x[t+1] ~ softmax(p[t])\n",
    ),
    "a cell": (
        "    cell = LSTMCell(H)\n    h[0] = 0\n    c[0] = 0\n    (h[t], c[t]) = cell(W @ x[t], h[t-1], c[t-1])\n    x[t+1] ~ softmax(O @ h[t])\n",
        "    cell = LSTMCell(H)\n    h[1] = 0\n    c[1] = 0\n    (h[t+1], c[t+1]) = cell(W @ x[t], h[t], c[t])\n"
        "    p[t in 1..T] = O @ h[t+1]\n    x[t+1] ~ softmax(p[t])\n",
    ),
    "two points ahead": (
        "    h[-1] = 0\n    h[0] = 0\n    h[t] = tanh(W @ x[t] + U @ h[t-1] - h[t-2])\n    x[t+1] ~ softmax(O @ h[t])\n",
        "    h[1] = 0\n    h[2] = 0\n    h[t+2] = tanh(W @ x[t] + U @ h[t+1] - h[t])\n    p[t in 1..T] = O @ h[t+2]\n    x[t+1] ~ softmax(p[t])\n",
    ),
}


@pytest.mark.parametrize(("plain", "shifted"), FORMS.values(), ids=FORMS)
def test_a_net_that_counts_its_state_from_another_point_draws_the_same(plain: str, shifted: str) -> None:
    head = "net N:\n    dim H = 6, V = 5\n    input x: class(V)[1..T]\n    param W[H, V], U[H, H], O[V, H] init normal(0, 1)\n"
    one, other = (netc.parse(head + text).build(dtype="float64", seed=3) for text in (plain, shifted))
    for settings in ({"temperature": 0}, {"seed": 5, "count": 2}, {"beam": 3, "count": 2}):
        found = [[s.values.tolist() for s in net.sample(prompt=[1, 2], limit=9, **settings)] for net in (one, other)]
        assert found[0] == found[1]


# ---- settings --------------------------------------------------------------------------------------------------------


def test_a_prompt_is_reproduced_and_the_limit_counts_behind_it() -> None:
    (sample,) = built(MARKOV.format("softmax(W @ x[t])")).sample(prompt=[3, 1, 2], limit=7)
    assert sample.values.tolist()[:3] == [3, 1, 2] and sample.prompt == 3 and len(sample.values) == 10


def test_a_seed_gives_the_same_symbols_again() -> None:
    net = built(MARKOV.format("softmax(W @ x[t])"))
    first, second, other = (net.sample(prompt=[0], limit=40, seed=s)[0].values.tolist() for s in (7, 7, 8))
    assert first == second != other


def test_a_stop_symbol_ends_a_sample_and_is_not_part_of_it() -> None:
    chain = np.full((4, 4), -50.0)
    chain[[1, 2, 3, 0], [0, 1, 2, 3]] = 50
    (sample,) = built(MARKOV.format("softmax(W @ x[t])"), W=chain).sample(prompt=[0], limit=40, stop=3)
    assert sample.values.tolist() == [0, 1, 2] and sample.stopped


@pytest.mark.parametrize("settings", [{"temperature": 0}, {"beam": 2}])
def test_the_end_symbol_of_the_data_ends_a_sample_where_no_other_is_asked_for(settings: dict[str, object]) -> None:
    chain = np.full((4, 4), -50.0)
    chain[[2, 3, 1, 0], [0, 2, 3, 1]] = 50  # <bos> a b <eos> <bos> ...
    net = built(MARKOV.format("softmax(W @ x[t])"), W=chain)
    net.labels = {"x": ("<bos>", "<eos>", "a", "b")}
    (sample,) = net.sample(limit=40, **settings)
    assert sample.text == "ab" and sample.stopped
    (other,) = net.sample(limit=40, stop="b", **settings)
    assert other.text == "a"


def test_samples_of_a_call_differ() -> None:
    drawn = built(MARKOV.format("softmax(W @ x[t])")).sample(prompt=[0], limit=30, count=3)
    assert len({tuple(s.values) for s in drawn}) == 3


def test_only_the_k_most_likely_come() -> None:
    net = built(MARKOV.format("softmax(W @ x[t])"), W=np.tile([[0.3], [0.1], [0.2], [0.0]], 4))
    (sample,) = net.sample(prompt=[0], limit=300, top_k=2)
    assert set(sample.values.tolist()) == {0, 2}


# ---- frequencies -----------------------------------------------------------------------------------------------------

CHI_SQUARE = {1: 10.83, 3: 16.27}  # exceeded by chance once in a thousand


@pytest.mark.parametrize("temperature", [1.0, 0.5])
@pytest.mark.parametrize("rule", ["softmax(W @ x[t])", "categorical(softmax(W @ x[t]))"])
def test_symbols_come_as_often_as_their_probabilities_say(rule: str, temperature: float) -> None:
    logits = np.array([0.0, 1.0, -0.5, 0.3])
    net = built(MARKOV.format(rule), W=np.tile(logits[:, None], 4))
    (sample,) = net.sample(prompt=[0], limit=4000, temperature=temperature, seed=4)
    found = np.bincount(sample.values[1:], minlength=4)
    p = np.exp(logits / temperature)
    expected = 4000 * p / p.sum()
    assert ((found - expected) ** 2 / expected).sum() < CHI_SQUARE[3]


@pytest.mark.parametrize("rule", ["sigmoid(w + 0 * x[t])", "bernoulli(sigmoid(w + 0 * x[t]))"])
def test_ones_come_as_often_as_their_probability_says(rule: str) -> None:
    (sample,) = built(COIN.format(rule)).sample(prompt=[0.0], limit=4000, seed=2)
    assert set(sample.values.tolist()) == {0.0, 1.0}
    expected = 4000 / (1 + np.exp(-0.5))
    assert (sample.values[1:].sum() - expected) ** 2 / (expected * (1 - expected / 4000)) < CHI_SQUARE[1]


def test_normal_numbers_have_their_mean_and_spread() -> None:
    (sample,) = built(COIN.format("normal(0.5 * x[t] + 1, 0.3)")).sample(prompt=[2.0], limit=4000)
    noise = sample.values[1:] - (0.5 * sample.values[:-1] + 1)
    assert abs(noise.mean()) < 3.3 * 0.3 / np.sqrt(4000)
    assert abs(noise.std() - 0.3) < 3.3 * 0.3 / np.sqrt(8000)


def test_at_temperature_0_a_normal_number_is_its_mean() -> None:
    (sample,) = built(COIN.format("normal(w * x[t] + 1, 1)")).sample(prompt=[4.0], limit=3, temperature=0)
    assert sample.values.tolist() == [4.0, 3.0, 2.5, 2.25]


# ---- beam search -----------------------------------------------------------------------------------------------------


def test_a_beam_that_keeps_all_finds_the_best_of_all_sequences() -> None:
    net = built(TALK)
    found = net.sample({"x": [[1, 3]]}, beam=64, limit=3, count=5)
    everything = np.stack(np.meshgrid(*[np.arange(4)] * 3, indexing="ij"), -1).reshape(-1, 3)
    p = predicted(net, "y", {"x": np.tile([1, 3], (64, 1)), "y": everything})
    scores = np.log(np.take_along_axis(p, everything[:, :, None], 2)).sum((1, 2))
    best = np.argsort(-scores)[:5]
    assert [s.values.tolist() for s in found] == everything[best].tolist()
    np.testing.assert_allclose([s.score for s in found], scores[best], rtol=1e-12)


def test_a_beam_of_one_takes_the_most_likely_symbol_each_time() -> None:
    net = built(TALK)
    beam, drawn = (net.sample({"x": [[1, 3, 2]]}, limit=8, **s)[0].values.tolist() for s in ({"beam": 1}, {"temperature": 0}))
    assert beam == drawn


# ---- what cannot be generated ----------------------------------------------------------------------------------------


def problem(text: str, **settings: object) -> tuple[str, str, str]:
    with pytest.raises(NetcError) as caught:
        netc.parse(text).build().sample(**settings)
    (found,) = caught.value.problems
    return found.code, found.diagnose().message, found.span.text


def test_a_backward_scan_over_what_is_drawn_is_named() -> None:
    text = MARKOV.format("softmax(b[t])") + "    b[T+1] = 0\n    b[t] = W @ x[t] + b[t+1]\n"
    code, message, where = problem(text, prompt=[0])
    assert code == "R501" and where == "b[t] = W @ x[t] + b[t+1]"
    assert message == "`x` cannot be drawn from left to right: `b` reads later points of `b`, which depend on symbols still to come"


def test_attention_without_a_mask_is_named() -> None:
    text = MARKOV.format("softmax(o[t])") + "    q[t] = W @ x[t]\n    attention a[t, s] = softmax[s](q[t] @ q[s])\n    o[t] = sum[s](a[t, s] * q[s])\n"
    code, _, where = problem(text, prompt=[0])
    assert code == "R501" and where in ("attention a[t, s] = softmax[s](q[t] @ q[s])", "o[t] = sum[s](a[t, s] * q[s])")


def test_a_net_without_a_sequence_says_so() -> None:
    assert problem("net N:\n    input x: real[2]\n    input y: class(2)\n    y ~ softmax(x)\n")[0] == "R502"


def test_counts_cannot_be_drawn() -> None:
    assert problem(COIN.format("poisson(w + x[t])"), prompt=[1.0])[0] == "R503"


def test_a_sequence_that_cannot_begin_asks_for_a_prompt() -> None:
    assert problem(MARKOV.format("softmax(W @ x[t])"))[0] == "R505"


def test_a_prompt_has_the_sizes_of_the_sequence() -> None:
    assert problem(MARKOV.format("softmax(W @ x[t])"), prompt=[[0, 1]])[0] == "R412"


@pytest.mark.parametrize("settings", [{"limit": 0}, {"limit": 10**9}, {"temperature": -1}, {"top_k": 1.5}, {"prompt": [9]}, {"prompt": [0.5]}, {"prompt": "a"}, {"stop": "a"}, {"limits": 3}])
def test_settings_that_do_not_fit_are_refused(settings: dict[str, object]) -> None:
    assert problem(MARKOV.format("softmax(W @ x[t])"), **{"prompt": [0], **settings})[0] == "E0712"


def test_the_block_of_a_spec_gives_the_defaults_and_may_name_a_constant() -> None:
    text = MARKOV.format("softmax(W @ x[t])") + "\nsample:\n    limit = 9\n    stop = LAST\n    temperature = 0.5\n    top_k = 3\n"
    spec = netc.parse(text.replace("    param", "    const LAST = 3\n    param"))
    assert spec.check().ok
    settings = spec.session.sample_settings("Markov")
    assert (settings.limit, settings.stop, settings.temperature, settings.top_k) == (9, 3, 0.5, 3)
