"""What other languages and libraries call things, and how that is written here: one table for each place where a word may stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_NO_LOOPS = "there are no loops: an equation with an index holds for all of them, `y[t] = 2 * x[t]`"
_NO_IMPORT = 'write `use "file.net"`; what the language has needs no import'
_NO_WORD = "an equation needs no word before it: `y = 2 * x`"

# ---- words that begin a line -----------------------------------------------------------------------------------------

STATEMENTS = {
    "for": _NO_LOOPS,
    "while": "there are no loops: a recurrence is an equation, `h[t] = f(h[t-1])` with `h[0] = 0`",
    "import": _NO_IMPORT,
    "from": _NO_IMPORT,
    "include": _NO_IMPORT,
    "return": "a layer's outputs are named in its header and defined by equations: `-> y:` and `y = ...`",
    "minimise": "what is minimised is a loss, with a name: `loss NAME = ...`",
    "minimize": "what is minimised is a loss, with a name: `loss NAME = ...`",
    "class": "write `net Name:`, or `layer Name(settings)(x: real[X]) -> y:`",
    "module": "write `net Name:`, or `layer Name(settings)(x: real[X]) -> y:`",
    "model": "write `net Name:`",
    "function": "write `def f(x) = ...`",
    "func": "write `def f(x) = ...`",
    "fn": "write `def f(x) = ...`",
    "let": _NO_WORD,
    "var": f"{_NO_WORD}; what is trained is a `param`",
    "auto": _NO_WORD,
    "set": _NO_WORD,
    "weight": "what is trained is a `param`: `param W[3, 4] init glorot`",
    "weights": "what is trained is a `param`: `param W[3, 4] init glorot`",
    "bias": "what is trained is a `param`: `param b[4] init 0`",
    "print": "nothing is printed by a spec; `output name = value` gives a value out",
    "elif": "a conditional is a value: `a if c else b if d else e`",
    "pass": "a block holds at least one statement",
    "end": "a block ends where its indentation ends",
    "optimizer": "settings of the training stand in a block `train:`",
    "optimiser": "settings of the training stand in a block `train:`",
}

# ---- words within an expression --------------------------------------------------------------------------------------

WITHIN = {
    "for": "an index has its range in its bracket, and there are no loops: `y[i in 0..7] = 2 * x[i]`, `sum[i in 0..7](x[i])`",
    "return": "drop `return`: the value stands behind `=` alone",
    "lambda": "a function has a name: `def f(x) = x^2`, at the left margin",
    "is": "write `==`",
    "mod": "write `%`",
    "div": "write `//`",
    "xor": "write `!=`",
    "from": "an index has its range behind `in`: `[i in 0..7]`",
    "over": "an index has its range behind `in`: `[i in 0..7]`",
    "to": "a range is written `0..7`",
    "initial": "write `init`",
    "initially": "write `init`",
    "initialized": "write `init`",
    "initialised": "write `init`",
    "then": "a conditional is a value: `a if condition else b`",
}

# ---- names that stand for a value, a function or a layer ------------------------------------------------------------

_CALLED = {  # how it is written here: what others call it
    "Dense(n)": "Linear FullyConnected FC InnerProduct Affine LazyLinear DenseLayer LinearLayer",
    "Conv(n, size)": "Conv2d Conv2D Convolution Convolution2D ConvLayer Conv2 LazyConv2d",
    "Conv1(n, size)": "Conv1d Conv1D Convolution1D",
    "Depthwise(size)": "DepthwiseConv2D DepthwiseConv",
    "Depthwise(size) -> Pointwise(n)": "SeparableConv2D SeparableConv",
    "MaxPool(size)": "MaxPool2d MaxPool2D MaxPooling2D MaxPooling",
    "AvgPool(size)": "AvgPool2d AvgPool2D AveragePooling2D AveragePooling MeanPool",
    "MaxPool1(size)": "MaxPool1d MaxPooling1D",
    "AvgPool1(size)": "AvgPool1d AveragePooling1D",
    "GlobalAvgPool()": "GlobalAveragePooling2D GlobalAveragePooling1D AdaptiveAvgPool2d AdaptiveAvgPool1d",
    "GlobalMaxPool()": "GlobalMaxPooling2D GlobalMaxPooling1D AdaptiveMaxPool2d",
    "BatchNorm()": "BatchNorm1d BatchNorm2d BatchNorm1D BatchNorm2D BatchNormalization BatchNormalisation",
    "LayerNorm()": "LayerNormalization LayerNormalisation",
    "RMSNorm()": "RMSNormalization",
    "Dropout(p)": "Dropout1d Dropout2d SpatialDropout2D",
    "Noise(sd)": "GaussianNoise",
    "Embedding(D)": "EmbeddingBag Embed",
    "RNN(H)": "SimpleRNN ElmanRNN",
    "ElmanCell(H)": "RNNCell SimpleRNNCell",
    "BiLSTM(H)": "BidirectionalLSTM",
    "flatten": "ravel Flatten",
    "relu": "ReLU ReLu rectifier",
    "leaky_relu": "LeakyReLU lrelu leakyrelu",
    "hard_sigmoid": "Hardsigmoid hardsigmoid",
    "hard_swish": "Hardswish hardswish",
    "sigmoid": "logistic expit sigmoïde",
    "log_softmax": "LogSoftmax logsoftmax",
    "softplus": "SoftPlus",
    "identity": "linear Id",
    "log": "ln",
    "sign": "sgn",
    "PI": "pi π Pi",
    "inf": "Inf INF infinity Infinity ∞",
    "true": "True TRUE",
    "false": "False FALSE",
    "mean(x)": "average avg reduce_mean",
    "sum(x)": "total reduce_sum Σ",
    "max(a, b)": "maximum",
    "min(a, b)": "minimum",
    "shape(x)": "len size length",
    "stop(x)": "stop_gradient detach no_grad stopgrad",
    "each(f)": "TimeDistributed map vmap",
    "min(max(x, a), b)": "clip clamp",
    "a % b": "mod fmod",
    "x^2": "square",
    "x^n": "pow power",
    "log(x) / log(2)": "log2",
    "log(x) / log(10)": "log10",
    "W @ x": "matmul dot mm bmm matvec mul_mat",
    "W.T": "transpose",
    "[a; b]": "concat concatenate cat Concatenate hstack append Concat",
    "a + b": "Add add",
    "a * b": "Multiply multiply mul Hadamard hadamard",
    "sqrt(sum(x^2))": "norm",
    "mean((x - mean(x))^2)": "var variance",
    "sqrt(mean((x - mean(x))^2))": "std stddev",
    "border(x, 1)": "ZeroPadding2D pad padding ZeroPad2d",
    "draw(normal(0, 1))": "randn random_normal",
    "draw(uniform(0, 1))": "rand random",
    "normal(mean, sd)": "gaussian Gaussian Normal gauss truncated_normal",
    "glorot": "xavier Xavier xavier_uniform xavier_normal glorot_uniform glorot_normal GlorotUniform GlorotNormal",
    "he": "kaiming Kaiming kaiming_normal kaiming_uniform he_normal he_uniform HeNormal HeUniform",
    "lecun98": "lecun LeCun lecun_normal lecun_uniform LecunNormal",
}  # fmt: skip
_SAID = {  # a sentence: the words that it answers
    "the function is called `sigmoid`; a number of this name is yet to be defined": "σ sigma",
    "cross-entropy is said by a likelihood: `y ~ softmax(z)`, with `z` before any softmax":
        "CrossEntropyLoss CrossEntropy cross_entropy crossentropy CategoricalCrossentropy SparseCategoricalCrossentropy NLLLoss nll_loss",
    "cross-entropy of yes and no is said by a likelihood: `y ~ sigmoid(z)`, with `z` before any sigmoid":
        "BCELoss BCEWithLogitsLoss BinaryCrossentropy binary_cross_entropy binary_crossentropy",
    "the squared error is an equation: `loss mse = mean((y - target)^2)`": "MSELoss MSE mse mse_loss MeanSquaredError mean_squared_error",
    "the absolute error is an equation: `loss mae = mean(abs(y - target))`": "L1Loss MAE mae MeanAbsoluteError",
    "layers are applied one behind the other: `x -> f -> g`": "Sequential Compose chain Chain compose",
    "write the function itself: `x -> relu`, or `act=relu` where a layer takes it": "Activation",
    "a function has a name: `def f(x) = x^2`, at the left margin": "lambda Lambda",
    "an input is a line of its own: `input x: real[3]`": "Input InputLayer placeholder Placeholder",
    "a parameter is a line of its own: `param W[3, 4] init glorot`": "Parameter Variable Weight",
    "a sequence is read from both ends by `BiRNN(H)`, `BiLSTM(H)` and `BiGRU(H)`": "Bidirectional",
    "copies of a layer are `repeat(6, Block(8))`": "ModuleList Stack stack",
    "write the sum: `y[i, k] = sum[j](a[i, j] * b[j, k])`": "einsum tensordot bilinear Bilinear",
    "axes are put in another order by indices: `y[j, i] = x[i, j]`": "permute swapaxes Permute",
    "a shape is changed by indices: `y[i, j] = x[4*i + j]`, or by `flatten(x)`": "reshape view Reshape unsqueeze squeeze expand_dims",
    "write the number: `0` fills every element": "zeros zeros_like Zeros zero",
    "write the number: `1` fills every element": "ones ones_like Ones one",
    "an index has its range: `[i in 0..9]`": "range arange linspace",
    "a conditional is a value: `a if condition else b`": "where cond IF ifelse select",
    "there is no empty value; what is not needed is left out": "None null nil undefined NULL",
    "names stand by themselves: `W`, not `self.W`": "self this",
    "what the language has needs no import and no prefix: `tanh(x)`, not `np.tanh(x)`":
        "np numpy torch nn F tf keras jax jnp math mx flax tensorflow pytorch functional layers K",
}  # fmt: skip
LIBRARIES = frozenset(["np", "numpy", "torch", "nn", "F", "tf", "keras", "jax", "jnp", "math", "mx", "flax", "tensorflow", "pytorch", "functional", "layers", "K", "self", "this"])
_NAMES: dict[str, str] = {}
for written, others in _CALLED.items():
    _NAMES.update({word: f"here it is `{written}`" for word in others.split()})
for sentence, others in _SAID.items():
    _NAMES.update({word: sentence for word in others.split()})


def name(word: str) -> str | None:
    """How a name that nothing defines here is written, where other languages have it."""
    return _NAMES.get(word)


def path(words: Sequence[str], known: Iterable[str], own: bool) -> str | None:
    """How `np.tanh` is written: without the library; None where its last word says nothing. `own`: it stands behind `self`."""
    last = words[-1]
    same = next((k for k in known if k.lower() == last.lower()), last if own else None)
    return _NAMES.get(last) if same is None else f"write `{same}`: names stand by themselves, without a prefix"


# ---- settings of layers ----------------------------------------------------------------------------------------------

_SETTINGS = {  # as they are called here: as others call them
    "n": "units filters out_features out_channels output_dim out_dim num_outputs nodes neurons width channels output_size size H",
    "H": "hidden_size units hidden hidden_dim num_units n size",
    "D": "embedding_dim output_dim dim d_model n size embed_dim",
    "size": "kernel_size pool_size kernel window kernel_shape ksize filter_size k",
    "stride": "strides step subsample",
    "pad": "padding border zero_padding",
    "bias": "use_bias has_bias with_bias",
    "act": "activation nonlinearity act_fn f",
    "weights": "kernel_initializer init weight_init initializer initialiser kernel_init",
    "dilation": "dilation_rate",
    "p": "rate drop prob dropout keep_prob drop_rate",
    "eps": "epsilon",
    "momentum": "decay alpha",
    "sd": "stddev std sigma",
    "after": "reset_after",
    "links": "groups table connections",
}  # fmt: skip
_LEFT_OUT = {  # a sentence: the settings that it answers
    "leave it out: the size of what goes in is found":
        "in_features in_channels input_size input_dim input_shape num_features num_embeddings normalized_shape in_dim batch_input_shape vocab_size",
    "the whole sequence is given, `h[t]`; its last value is `h[T]`": "return_sequences return_state",
    "layers are put on each other by `repeat(2, f)`": "num_layers",
    "a sequence is read from both ends by `BiRNN(H)`, `BiLSTM(H)` and `BiGRU(H)`": "bidirectional",
    "leave it out: there is no batch axis, a net is written for one sample": "batch_first batch_size batch",
    "leave it out: the name is that on the left side": "name",
    "put a layer behind: `-> Dropout(0.5)`": "dropout recurrent_dropout",
    "leave it out: `train` says what is frozen, `freeze = [\"c1.*\"]`": "trainable requires_grad",
    "leave it out": "inplace device dtype data_format affine track_running_stats padding_mode ceil_mode",
}  # fmt: skip
_AXES = "axis dim keepdims keepdim axes dims"


def setting(word: str, known: Iterable[str]) -> tuple[str | None, str]:
    """Which of a layer's settings another library calls so, if one; else what there is to say of it."""
    for candidate in known:
        if word.lower() in _SETTINGS.get(candidate, "").lower().split():
            return candidate, ""
    return None, next((text for text, words in _LEFT_OUT.items() if word in words.split()), "")


def argument(word: str) -> str:
    """What to say of an argument that is given to a function by name."""
    if word in _AXES.split():
        return "a reduction names the indices that it goes over: `mean[i](x[i, j])`, `softmax[j](x[i, j])`"
    return "only settings of layers have names"


# ---- what stands behind a dot ----------------------------------------------------------------------------------------

_PARTS = {
    "{0}.T": "t transpose mT H T",
    "shape({0})": "shape size ndim",
    "flatten({0})": "view reshape ravel",
    "stop({0})": "detach data stop_gradient",
    "{0}^2": "square",
    "W @ {0}": "dot matmul mm",
}  # fmt: skip


def part(word: str, of: str, functions: Iterable[str]) -> str | None:
    """How `x.sum` is written here."""
    for form, words in _PARTS.items():
        if word in words.split():
            return form.format(of)
    return f"{word}({of})" if word in functions else None


# ---- LaTeX -----------------------------------------------------------------------------------------------------------

_LATEX = {
    "*": "cdot times odot ast circ otimes", "<=": "leq le", ">=": "geq ge", "!=": "neq ne", "->": "to rightarrow mapsto", "~": "sim",
    "=": "gets leftarrow", "in": "in", "inf": "infty", "PI": "pi", ".T": "top intercal", "sum[i](...)": "sum", "prod[i](...)": "prod", "'": "prime",
    "not": "neg lnot", "and": "land wedge", "or": "lor vee", "1..T": "ldots dots cdots", "sigmoid": "sigma", "a blank": "quad qquad , ; !",
    "a bracket": "left right big bigl bigr lbrace rbrace langle rangle",
}  # fmt: skip
_GREEK = dict(zip(
    ["alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "rho", "tau", "phi", "varphi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Phi", "Psi", "Omega"],
    "αβγδεεζηθκλμνξρτφφχψωΓΔΘΛΦΨΩ", strict=True,
))  # fmt: skip
_LETTERS = frozenset(["mathbf", "mathrm", "mathit", "mathcal", "boldsymbol", "bm", "text", "textbf", "hat", "tilde", "bar", "vec", "operatorname"])
_COMMANDS = {command: written for written, commands in _LATEX.items() for command in commands.split()}


def latex(command: str, inner: Sequence[str] = ()) -> str:
    """How a LaTeX command is written here, with what stands in its braces: `tanh` for `\\tanh`, `a / b` for `\\frac{a}{b}`."""
    if command in ("frac", "dfrac", "tfrac"):
        return " / ".join(part if part.isalnum() else f"({part})" for part in inner) or "a / b"
    if command == "sqrt":
        return f"sqrt({', '.join(inner) or '...'})"
    if command in _LETTERS:
        return inner[0] if inner else "the letter alone"
    return _COMMANDS.get(command) or _GREEK.get(command) or command
