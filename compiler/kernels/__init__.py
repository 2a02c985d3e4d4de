"""Statements as loops: a schedule becomes one program in a small loop language, printed in a C-family dialect."""

from netc.compiler.kernels.kernel import Kernel, make_kernel
from netc.compiler.kernels.work import worth

__all__ = ["Kernel", "make_kernel", "worth"]
