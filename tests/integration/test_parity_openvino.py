"""The engine ``openvino`` against MediaPipe's Holistic as it is published, on the same frames, for each quality.

What is near enough is measured in the same run: MediaPipe itself, on the same frames with each value of each pixel off
by up to one, which nobody can see. Its errors are the noise floor. They are compared as distributions, the 95th
percentile above all, and over all videos together: where a hand is hard to see, the way from its landmarks to where it
is looked for in the next frame makes any difference grow, in MediaPipe as in ours, and single numbers are chance.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from bench import solutions
from bench.errors import HANDS, Part, agreement, alone, errors, points_px, stutter
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.model.options import Quality
from mocast.model.tracked import Tracked
from tests.pictures import as_frame, astronaut_frames, clip, clip_frames
from tests.scenes import SIZE_WH, STAGE_WH, astronaut_with_hands, place
from tests.variants import Pools, Variant

SEEDS = (1, 2)
COUNT = 40
"""Frames of each video."""
BARE = "astronaut"
"""The video that shows no hands."""
NEAR = 10
"""A hand that MediaPipe has at most so many frames before or after is there, if it is hard to see."""

QUALITIES: tuple[Quality, ...] = ("exact", "balanced", "fast")
COMPARED: dict[str, tuple[Part, ...]] = {"pose": ("pose",), "face": ("face",), "hands": HANDS}


def drawn_hands() -> Iterator[RgbImage]:
    """Yield the astronaut as she moves her hands."""
    for phase in np.arange(COUNT) * 2 * np.pi / 60:
        left = (560 + 40 * np.sin(phase), 230 + 60 * np.cos(1.3 * phase))
        right = (150 - 50 * np.sin(1.2 * phase), 240 + 50 * np.sin(phase))
        about, at = (STAGE_WH[0] / 2, STAGE_WH[1] / 2), (320 + 10 * np.sin(phase), 240)
        matrix = place(about, at, scale=0.88, turned_deg=2 * np.sin(phase))
        yield cv2.warpAffine(astronaut_with_hands(left=left, right=right), matrix, SIZE_WH, flags=cv2.INTER_AREA)


def videos() -> dict[str, list[RgbImage]]:
    """Return people on clips where there are any, and in any case the astronaut, without hands and with drawn ones."""
    found = {BARE: [moved.rgb for moved in astronaut_frames(COUNT)], "drawn hands": list(drawn_hands())}
    for name in ("signing_a.mp4", "signing_b.mp4"):
        path = clip(name)
        if path is not None:
            found[name] = list(clip_frames(path, COUNT))
    return found


def noisy(pictures: list[RgbImage], seed: int) -> list[RgbImage]:
    random = np.random.default_rng(seed)
    return [np.clip(rgb + random.integers(-1, 2, rgb.shape, np.int16), 0, 255).astype(np.uint8) for rgb in pictures]


def published(pictures: list[RgbImage]) -> list[Tracked]:
    with solutions.Holistic() as holistic:
        frames = [as_frame(rgb, number) for number, rgb in enumerate(pictures)]
        return [solutions.read(frame, holistic.process(frame)) for frame in frames]


@dataclass(frozen=True, slots=True)
class Reference:
    """What MediaPipe found in each video."""

    pictures: dict[str, list[RgbImage]]
    found: dict[str, list[Tracked]]
    found_in_noise: list[dict[str, list[Tracked]]]
    "For each seed."


@pytest.fixture(scope="module")
def reference() -> Reference:
    pictures = videos()
    with ThreadPoolExecutor(2) as threads:
        found = threads.map(published, pictures.values())
        in_noise = [threads.map(published, [noisy(one, seed) for one in pictures.values()]) for seed in SEEDS]
        return Reference(
            pictures,
            dict(zip(pictures, found, strict=True)),
            [dict(zip(pictures, one, strict=True)) for one in in_noise],
        )


@pytest.fixture(scope="module")
def ours(pools: Pools, reference: Reference) -> dict[Quality, dict[str, list[Tracked]]]:
    return {
        quality: {
            name: Variant("openvino", quality, pools("openvino")).follow("holistic", pictures)
            for name, pictures in reference.pictures.items()
        }
        for quality in QUALITIES
    }


def distances(found: dict[str, list[Tracked]], reference: Reference, what: str) -> NDArray[np.float64]:
    """Return how many pixels off all landmarks are, of all videos."""
    return np.concatenate([errors(found[name], reference.found[name], *COMPARED[what]).px for name in found])


def p95(numbers: NDArray[np.float64]) -> float:
    return float(np.percentile(numbers, 95))


SAMPLING = 1.25
"""The 95th percentile of so few frames is uncertain: that of one seed may be half as much again as that of another."""

WITHIN_NOISE: list[tuple[Quality, float]] = [("exact", 1), ("balanced", 3)]


@pytest.mark.parametrize("what", COMPARED)
@pytest.mark.parametrize(("quality", "times"), WITHIN_NOISE)
def test_errors_are_within_mediapipes_own_noise(
    quality: Quality,
    times: float,
    what: str,
    reference: Reference,
    ours: dict[Quality, dict[str, list[Tracked]]],
) -> None:
    """The floor of so few frames is itself a sample, so it is that of the seed that disturbed MediaPipe most."""
    mine = distances(ours[quality], reference, what)
    in_noise = [distances(found, reference, what) for found in reference.found_in_noise]
    assert p95(mine) <= times * SAMPLING * max(map(p95, in_noise))
    assert np.median(mine) <= times * SAMPLING * max(map(np.median, in_noise))


def showing(what: str, found: dict[str, list[Tracked]]) -> dict[str, list[Tracked]]:
    """Leave out the astronaut's body without arms: MediaPipe itself hardly knows where her hidden joints are."""
    return {name: one for name, one in found.items() if name != BARE or what != "pose"}


FAST_MEDIAN_PCT = {"pose": 1.2, "face": 0.6, "hands": 5}
FAST_P95_PCT = {"pose": 7, "face": 1.8, "hands": 22}
"""Of a body's torso, and of the longer side of the box around a face or hand: half as much again as was measured."""


@pytest.mark.parametrize("what", COMPARED)
def test_errors_of_fast_are_bounded(
    what: str, reference: Reference, ours: dict[Quality, dict[str, list[Tracked]]]
) -> None:
    found = showing(what, ours["fast"])
    share = np.concatenate([errors(found[name], reference.found[name], *COMPARED[what]).share for name in found])
    assert 100 * np.median(share) <= FAST_MEDIAN_PCT[what]
    assert 100 * p95(share) <= FAST_P95_PCT[what]


MOST_STUTTER: dict[Quality, float] = {"exact": 1.5, "balanced": 2.2, "fast": 2.6}
"""Times that of MediaPipe, whose landmarks jitter, too: in noise up to 1.4 times as much."""


@pytest.mark.parametrize("what", COMPARED)
@pytest.mark.parametrize("quality", MOST_STUTTER)
def test_landmarks_move_as_smoothly(
    quality: Quality, what: str, reference: Reference, ours: dict[Quality, dict[str, list[Tracked]]]
) -> None:
    found = showing(what, ours[quality])
    both = [stutter(found[name], reference.found[name], *COMPARED[what]) for name in found]
    mine = np.concatenate([one.ours_px for one in both])
    theirs = np.concatenate([one.reference_px for one in both])
    assert p95(mine) <= MOST_STUTTER[quality] * p95(theirs)


@pytest.mark.parametrize("quality", QUALITIES)
def test_bodies_and_faces_are_found_in_the_same_frames(
    quality: Quality, reference: Reference, ours: dict[Quality, dict[str, list[Tracked]]]
) -> None:
    for name, found in ours[quality].items():
        for part in (*COMPARED["pose"], *COMPARED["face"]):
            assert agreement(found, reference.found[name], part) == 1, f"{part} in {name}"


MOST_DISAGREEMENT: dict[Quality, float] = {"exact": 0.03, "balanced": 0.06, "fast": 0.1}
"""Beyond that of MediaPipe in noise with itself: hands that are hard to see come and go in both."""


@pytest.mark.parametrize("quality", QUALITIES)
def test_hands_are_found_in_the_same_frames(
    quality: Quality, reference: Reference, ours: dict[Quality, dict[str, list[Tracked]]]
) -> None:
    in_noise = min(hands_agreement(found, reference) for found in reference.found_in_noise)
    assert hands_agreement(ours[quality], reference) >= in_noise - MOST_DISAGREEMENT[quality]


def hands_agreement(found: dict[str, list[Tracked]], reference: Reference) -> float:
    """Return in which share of frames, of all videos that show hands, both or neither have a hand."""
    shares = [agreement(found[name], reference.found[name], hand) for name in found for hand in HANDS if name != BARE]
    return float(np.mean(shares))


@pytest.mark.parametrize("quality", QUALITIES)
def test_no_hand_is_found_where_mediapipe_finds_none_before_or_after(
    quality: Quality, reference: Reference, ours: dict[Quality, dict[str, list[Tracked]]]
) -> None:
    for name, found in ours[quality].items():
        assert alone(found, reference.found[name], *HANDS, near=NEAR) <= 1, name


@pytest.mark.parametrize("quality", QUALITIES)
def test_no_hand_is_found_twice(
    quality: Quality, reference: Reference, ours: dict[Quality, dict[str, list[Tracked]]]
) -> None:
    """Palms that touch look to MediaPipe, too, as if both were in one place."""
    for name, found in ours[quality].items():
        most = max(map(found_twice, (reference.found[name], *(seed[name] for seed in reference.found_in_noise))))
        assert found_twice(found) <= most + 3, name


def found_twice(tracked: list[Tracked]) -> int:
    """Count the frames in which the left and the right hand are the same."""
    count = 0
    for one in tracked:
        left, right = (points_px(one, part) for part in HANDS)
        if left is not None and right is not None:
            count += bool(np.linalg.norm(left - right, axis=1).mean() < 0.2 * np.ptp(left, axis=0).max())
    return count
