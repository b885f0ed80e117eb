"""Association of people: which body in a frame is whose, by place, size and the colours of the clothes. Own work."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from mocast.tracking.openvino.regions.torso import Colours, Torso, colour_distance

COLOUR_SCALE: Final = 25.0
"""A colour distance that counts as much as a whole torso's length: other clothes."""
UNKNOWN_COLOUR: Final = 0.5
"""What an unknown colour counts."""
NEW_COST: Final = 1.0
"""Above this cost, whoever comes is somebody new, as long as there is an index that nobody had."""
PLACE_FADES_US: Final = 5_000_000
"""Where somebody was lost says nothing after this time."""
SIZE_WEIGHT: Final = 0.5
SURE_GAIN: Final = 14.0
"""Colour distance by which two people must fit better the other way round before they change their indices."""


@dataclass(frozen=True, slots=True, eq=False)
class Remembered:
    """What is known of somebody who is not tracked at present."""

    torso: Torso
    colours: Colours | None
    lost_us: int
    "For how long, µs."


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A body that was detected where nobody is tracked."""

    torso: Torso
    colours: Colours | None


def cost(arrival: Arrival, known: Remembered) -> float:
    """Return how unlikely it is that they are the same: 0 the same place, size and clothes."""
    lasting = max(0.0, 1 - known.lost_us / PLACE_FADES_US)
    away = min(arrival.torso.distance(known.torso), 1.0)
    grown = min(abs(math.log2(arrival.torso.size / known.torso.size)), 1.0)
    colour = UNKNOWN_COLOUR
    if arrival.colours is not None and known.colours is not None:
        colour = colour_distance(arrival.colours, known.colours) / COLOUR_SCALE
    return colour + lasting * (away + SIZE_WEIGHT * grown)


def assign(arrivals: Sequence[Arrival], free: Sequence[tuple[int, Remembered | None]]) -> list[tuple[int, bool]]:
    """Return for each arrival its index, and whether it is somebody new; not more arrivals than ``free`` indices.

    ``free``: indices with what is known of whoever had them last. All together cost as little as they can. Of several
    new people, the one of the lower place in ``arrivals`` gets the lower index.
    """
    costs = [[NEW_COST if known is None else cost(one, known) for _, known in free] for one in arrivals]
    best = min(
        permutations(range(len(free)), len(arrivals)),
        key=lambda order: sum(row[column] for row, column in zip(costs, order, strict=True)),
    )
    return [(free[column][0], row[column] >= NEW_COST) for row, column in zip(costs, best, strict=True)]


def gain_of_exchange(seen: Colours, own: Colours, others: Colours, seen_of_other: Colours | None = None) -> float:
    """Return by how much two people fit better the other way round, as a colour distance; below 0: worse.

    ``seen``: what one of them wears now, ``own`` and ``others``: what both wore when they were apart;
    ``seen_of_other``: what the other one wears now, where that one is tracked.
    """
    gain = colour_distance(seen, own) - colour_distance(seen, others)
    if seen_of_other is not None:
        gain += colour_distance(seen_of_other, others) - colour_distance(seen_of_other, own)
    return gain
