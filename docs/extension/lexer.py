"""`.net` in colour, and the two styles in which all code is shown, on light and on dark pages."""

from __future__ import annotations

from typing import ClassVar

from netc.compiler.elaborate.expressions.calls import BUILTINS
from netc.compiler.syntax.tokens import KEYWORDS
from pygments.lexer import RegexLexer, words
from pygments.style import Style
from pygments.token import Comment, Error, Generic, Keyword, Name, Number, Operator, Punctuation, String, Text

_LAWS = (
    "softmax",
    "log_softmax",
    "categorical",
    "bernoulli",
    "normal",
    "uniform",
    "poisson",
    "sigmoid",
    "tanh",
    "exp",
    "log",
    "sqrt",
)


class NetLexer(RegexLexer):
    """Words of the language, functions, layers, numbers and comments of a `.net` file."""

    name, aliases, filenames = "netc", ["net"], ["*.net"]
    tokens: ClassVar = {
        "root": [
            (r"#.*", Comment),
            (r'"[^"\n]*"', String),
            (r"^(\s*)(\.?[X.](?: [X.])+)$", Number),
            (r"\d+(\.\d+)?([eE][+-]?\d+)?", Number),
            (words(sorted(KEYWORDS), prefix=r"(?<![\w'])", suffix=r"(?![\w'])"), Keyword),
            (words(sorted(BUILTINS | set(_LAWS)), prefix=r"(?<![\w'.])", suffix=r"(?=[\[(])"), Name.Builtin),
            (r"[A-Z][\w']*(?=\()", Name.Class),
            (r"[^\W\d][\w']*", Name),
            (r"->|\.\.|//|==|!=|<=|>=|[~=+\-*/@^<>%]", Operator),
            (r"[\[\](){},;:.]", Punctuation),
            (r"\s+", Text),
            (r".", Text),  # pages show mistakes, too
        ]
    }


class Light(Style):
    """Few colours, dark enough to be read on white."""

    background_color = "#f6f7f9"
    styles: ClassVar = {
        Comment: "#616a77", Keyword: "#8a2f7d", Name.Builtin: "#0b62a8", Name.Class: "#0a6b55", Name.Function: "#0b62a8",
        Name.Decorator: "#8a2f7d", Number: "#9a4a00", String: "#40702a", Operator: "#3d4450", Keyword.Constant: "#9a4a00",
        Generic.Prompt: "#616a77", Generic.Output: "#3d4450", Error: "",
    }  # fmt: skip


class Dark(Style):
    """The same, on black."""

    background_color = "#181b20"
    styles: ClassVar = {
        Text: "#dfe3ea", Comment: "#8b94a3", Keyword: "#e09bd6", Name: "#dfe3ea", Name.Builtin: "#7fbdf0", Name.Class: "#7fd1b9",
        Name.Function: "#7fbdf0", Name.Decorator: "#e09bd6", Number: "#eab27c", String: "#a9cf8f", Operator: "#c3cad6",
        Punctuation: "#c3cad6", Keyword.Constant: "#eab27c", Generic.Prompt: "#8b94a3", Generic.Output: "#c3cad6", Error: "",
    }  # fmt: skip
