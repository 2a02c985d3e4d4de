"""Random numbers as a function of (seed, step, stream, position): no hidden state, so a resumed run draws the same.

A 32-bit mixing function on a 64-bit counter (SplitMix64, Steele, Lea, Flood 2014), in integer arithmetic that NumPy and
CuPy share.
"""

from __future__ import annotations

from typing import Any

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def _mix(x: int) -> int:
    """SplitMix64's finalizer on one Python integer."""
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & _MASK
    return x ^ (x >> 31)


def stream_key(seed: int, step: int, number: int) -> int:
    """One 64-bit key for each (seed, step, stream)."""
    return _mix(_mix(_mix(seed + _GOLDEN & _MASK) ^ step & _MASK) + number * _GOLDEN & _MASK)


def bits(xp: Any, key: int, count: int) -> Any:
    """`count` unsigned 64-bit numbers, each mixed from the key and its position."""
    x = xp.arange(1, count + 1, dtype=xp.uint64)
    x *= xp.uint64(_GOLDEN)
    x += xp.uint64(key)
    x ^= x >> xp.uint64(30)
    x *= xp.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> xp.uint64(27)
    x *= xp.uint64(0x94D049BB133111EB)
    x ^= x >> xp.uint64(31)
    return x


def uniform(xp: Any, key: int, out: Any) -> None:
    """Fill with numbers on [0, 1), a multiple of 2**-24 (float32) or 2**-53 (float64)."""
    digits = 24 if out.dtype == xp.float32 else 53
    x = bits(xp, key, out.size) >> xp.uint64(64 - digits)
    out[...] = x.astype(out.dtype).reshape(out.shape)
    out *= out.dtype.type(2.0**-digits)


def normal(xp: Any, key: int, out: Any) -> None:
    """Fill with standard normal numbers (Box and Muller 1958), worked out in double precision."""
    half = (out.size + 1) // 2
    x = bits(xp, key, 2 * half)
    u = ((x[:half] >> xp.uint64(11)).astype(xp.float64) + 1.0) * 2.0**-53  # (0, 1]: the logarithm is finite
    v = (x[half:] >> xp.uint64(11)).astype(xp.float64) * (2.0**-53 * 2 * 3.141592653589793)
    r = xp.sqrt(-2.0 * xp.log(u))
    both = xp.concatenate((r * xp.cos(v), r * xp.sin(v)))[: out.size]
    out[...] = both.reshape(out.shape)
