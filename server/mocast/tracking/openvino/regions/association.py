"""Association of detected hands with tracked ones, by the overlap of their regions."""

from collections.abc import Iterable
from typing import Final

from mocast.tracking.openvino.regions.region import Region

ASSOCIATION_IOU: Final = 0.5
"""Intersection over union above which two regions hold one hand.

Source: ``min_similarity_threshold`` in MediaPipe's hand_landmark_tracking_cpu.pbtxt.
"""


def associate(detected: Iterable[Region], tracked: Iterable[Region]) -> list[Region]:
    """Return the regions, detected ones first, without those that overlap with a later one.

    Source: ``association_calculator.h``.
    """
    kept: list[Region] = []
    for region in (*detected, *tracked):
        kept = [other for other in kept if overlap(region, other) <= ASSOCIATION_IOU]
        kept.append(region)
    return kept


def overlap(region: Region, other: Region) -> float:
    """Return the intersection over union of two regions, 0..1, both taken as not turned (as MediaPipe does)."""
    reach = (region.size + other.size) / 2
    smaller = min(region.size, other.size)
    width = min(reach - abs(region.x - other.x), smaller)
    height = min(reach - abs(region.y - other.y), smaller)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (region.size**2 + other.size**2 - shared)
