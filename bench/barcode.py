"""Frame numbers as black and white cells on a picture's top 16 rows, where neither server draws."""

import numpy as np
from numpy.typing import NDArray

CELL = 16
"""Side of a cell in pixels: a whole macroblock of VP8 and H.264, so that coding hardly blurs it."""

BITS = 15
MODULUS = 1 << BITS
"""Numbers repeat after 18 minutes at 30 fps; delays are far shorter."""

LIMIT = 125
"""Luma between the black (16) and the white (235) of limited-range video."""


def stamp(luma: NDArray[np.uint8], number: int) -> None:
    """Write ``number`` modulo ``MODULUS`` and its parity at the top left of a (height, width) plane, in place."""
    code = number % MODULUS
    for place in range(BITS + 1):
        bit = code >> place & 1 if place < BITS else code.bit_count() & 1
        luma[:CELL, place * CELL : (place + 1) * CELL] = 235 if bit else 16


def read(luma: NDArray[np.uint8]) -> int | None:
    """Return the number on a (height, width) plane, or ``None`` where the parity is wrong."""
    row = luma[CELL // 4 : -(CELL // 4) or None][: CELL // 2, : CELL * (BITS + 1)]
    cells = row.reshape(CELL // 2, BITS + 1, CELL)[:, :, CELL // 4 : -CELL // 4]
    bits = cells.mean(axis=(0, 2)) > LIMIT
    code = sum(1 << place for place in range(BITS) if bits[place])
    return code if code.bit_count() & 1 == int(bits[BITS]) else None


def nearest_before(code: int, newest: int) -> int:
    """Return the latest number up to ``newest`` that has this code."""
    return newest - (newest - code) % MODULUS
