"""The type of an answer, by the client's ``Accept`` header (RFC 9110, 12.5.1)."""

from collections.abc import Sequence
from typing import Final, TypeVar

_Offer = TypeVar("_Offer", bound=str)

MAX_CHARACTERS: Final = 1_024
"""A browser's header has some 200. Those of a request may have 64 KiB together: 90 ms of ranges."""


def choose(accept: str, offers: Sequence[_Offer]) -> _Offer | None:
    """Return the offered type with the highest weight, the first of equals; ``None`` where none is acceptable.

    Without a header anything is accepted. Malformed parts of it are ignored, and what is behind ``MAX_CHARACTERS``.
    """
    ranges = [parsed for part in accept[:MAX_CHARACTERS].split(",") if (parsed := _range(part))]
    if not accept.strip():
        return offers[0]
    weights = [_weight(offer, ranges) for offer in offers]
    best = max(weights)
    return offers[weights.index(best)] if best > 0 else None


def _range(text: str) -> tuple[str, float] | None:
    """A media range and its weight. Parameters other than ``q`` do not matter for what we offer."""
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    if media.count("/") != 1:
        return None
    weight = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return None
    return (media, weight) if 0 <= weight <= 1 else None


def _weight(offer: str, ranges: list[tuple[str, float]]) -> float:
    """The weight of the most specific range that the offer is in; 0 where it is in none."""
    for media in (offer, f"{offer.partition('/')[0]}/*", "*/*"):
        weights = [weight for name, weight in ranges if name == media]
        if weights:
            return max(weights)
    return 0
