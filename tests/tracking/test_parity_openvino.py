"""The engine ``openvino`` against MediaPipe's Holistic as it is published, on the same generated frames.

Precision and threads are named (see ``pools``), so the landmarks are the same in every run on a machine, and nearly the
same on all machines. Bounds are two to three times what was measured. How errors compare with MediaPipe's own noise,
how smoothly landmarks move, and clips of people signing, are measured by ``bench.parity``.
"""

from dataclasses import dataclass

import numpy as np
import pytest
from bench import solutions
from bench.errors import HANDS, Part, agreement, alone, errors
from bench.motion import waving

from mocast.model.frame import RgbImage
from mocast.model.options import Quality
from mocast.model.same_hand import is_same_hand
from mocast.model.tracked import Tracked
from tests.pictures import as_frame, astronaut_frames
from tests.variants import Pools, Variant

COUNT = 24
"""Frames of each video."""
BARE, WAVING = "astronaut without hands", "astronaut with drawn hands"

QUALITIES: tuple[Quality, ...] = ("exact", "balanced", "fast")
COMPARED: dict[str, tuple[Part, ...]] = {"pose": ("pose",), "face": ("face",), "hands": HANDS}


def published(pictures: list[RgbImage]) -> list[Tracked]:
    with solutions.Holistic() as holistic:
        frames = [as_frame(rgb, number) for number, rgb in enumerate(pictures)]
        return [solutions.read(frame, holistic.process(frame)) for frame in frames]


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in each video."""

    reference: dict[str, list[Tracked]]
    ours: dict[Quality, dict[str, list[Tracked]]]


@pytest.fixture(scope="module")
def found(pools: Pools) -> Found:
    videos = {BARE: [moved.rgb for moved in astronaut_frames(COUNT)], WAVING: list(waving(COUNT))}
    return Found(
        {name: published(pictures) for name, pictures in videos.items()},
        {
            quality: {
                name: Variant("openvino", quality, pools("openvino")).track_stream("holistic", pictures)
                for name, pictures in videos.items()
            }
            for quality in QUALITIES
        },
    )


MAX_ERRORS_PCT: dict[Quality, dict[str, tuple[float, float]]] = {
    "exact": {"pose": (1, 6), "face": (0.05, 0.15), "hands": (0.2, 3)},
    "balanced": {"pose": (1, 6), "face": (0.35, 1.4), "hands": (0.8, 5)},
    "fast": {"pose": (1.2, 7), "face": (0.35, 1.4), "hands": (1.6, 7)},
}
"""Median and 95th percentile, of a body's torso, and of the longer side of the box around a face or hand. Without her
arms the astronaut's body is not compared: MediaPipe itself hardly knows where her hidden joints are."""


@pytest.mark.parametrize("what", COMPARED)
@pytest.mark.parametrize("quality", QUALITIES)
def test_landmarks_are_where_mediapipe_finds_them(quality: Quality, what: str, found: Found) -> None:
    videos = [WAVING] if what == "pose" else [BARE, WAVING]
    share = [errors(found.ours[quality][name], found.reference[name], *COMPARED[what]).share for name in videos]
    median_pct, p95_pct = 100 * np.percentile(np.concatenate(share), (50, 95))
    most_median_pct, most_p95_pct = MAX_ERRORS_PCT[quality][what]
    assert median_pct <= most_median_pct
    assert p95_pct <= most_p95_pct


@pytest.mark.parametrize("quality", QUALITIES)
def test_bodies_and_faces_are_found_in_the_same_frames(quality: Quality, found: Found) -> None:
    for name, ours in found.ours[quality].items():
        for part in (*COMPARED["pose"], *COMPARED["face"]):
            assert agreement(ours, found.reference[name], part) == 1, f"{part} in {name}"


@pytest.mark.parametrize("quality", QUALITIES)
def test_hands_are_found_in_the_same_frames_and_no_others(quality: Quality, found: Found) -> None:
    for name, ours in found.ours[quality].items():
        for part in HANDS:
            assert agreement(ours, found.reference[name], part) >= 0.9, f"{part} in {name}"
        assert alone(ours, found.reference[name], *HANDS, near=10) == 0, name


@pytest.mark.parametrize("quality", QUALITIES)
def test_no_hand_is_found_twice(quality: Quality, found: Found) -> None:
    for one in found.ours[quality][WAVING]:
        if one.left_hand is not None and one.right_hand is not None:
            assert not is_same_hand(*(hand.image[:, :2] * one.size_wh for hand in (one.left_hand, one.right_hand)))
