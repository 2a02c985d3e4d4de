"""Statements as loops: a schedule becomes one program in a small loop language, printed in a C-family dialect."""

from netc.compiler.kernels.binding import Kernel
from netc.compiler.kernels.kernel import Kernels

__all__ = ["Kernel", "Kernels"]
