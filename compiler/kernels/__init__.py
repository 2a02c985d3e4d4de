"""Statements as loops: a schedule becomes one program in a small loop language, printed in a C-family dialect."""

from netc.compiler.kernels.binding import Kernel
from netc.compiler.kernels.kernel import Kernels
from netc.compiler.kernels.work import worth

__all__ = ["Kernel", "Kernels", "worth"]
