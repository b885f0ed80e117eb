"""Numbers of 32 bits that wrap around: RTP timestamps, and frame numbers on the wire."""

from typing import Final

_MODULUS: Final = 1 << 32


def wrapped(number: int) -> int:
    """Return the number modulo 2³²."""
    return number % _MODULUS


def ahead(number: int, of: int) -> int:
    """Return how far a number modulo 2³² is ahead of another, -2³¹ to 2³¹ - 1: negative where it is behind."""
    return (number - of + _MODULUS // 2) % _MODULUS - _MODULUS // 2
