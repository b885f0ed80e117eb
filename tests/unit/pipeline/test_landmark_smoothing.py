from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from tests import people

from mocast.model.tracked import PARTS, Tracked
from mocast.model.zero_phase import MAX_REACH, REACH_S
from mocast.pipeline.landmark_smoothing import smoothed

FPS = 30
RNG = np.random.default_rng(5)


def moved(frame: int, by: np.ndarray | float = 0.0, *, fps: float = FPS, shaking: float = 0.0) -> Tracked:
    """A person in a frame, shifted, each landmark shaking by itself."""
    still = people.person()
    parts = {}
    for name in PARTS:
        part = getattr(still, name)
        image = part.image + (by + shaking * RNG.normal(0, 1, part.image.shape)).astype(np.float32)
        parts[name] = replace(part, image=image)
    return replace(still, frame=frame, pts=round(90_000 * frame / fps), **parts)


def run(frames: list[Tracked]) -> list[Tracked]:
    return [tracked for tracked, _ in smoothed((one, None) for one in frames)]


def test_each_frame_comes_once_in_order_with_what_was_beside_it() -> None:
    frames = [moved(number) for number in range(20)]
    found = list(smoothed((one, f"picture {one.frame}") for one in frames))
    assert [(one.frame, one.pts, beside) for one, beside in found] == [
        (one.frame, one.pts, f"picture {one.frame}") for one in frames
    ]
    assert list(smoothed(iter([]))) == []


def test_a_frame_waits_for_a_tenth_of_a_second_at_most() -> None:
    taken = 0

    def frames(fps: float) -> Iterator[tuple[Tracked, None]]:
        nonlocal taken
        for number in range(2 * MAX_REACH):
            taken += 1
            yield people.tracked(pose=people.pose(), pts=round(90_000 * number / fps)), None

    for fps, most in ((FPS, REACH_S * FPS + 2), (90_000, MAX_REACH + 1)):
        taken = 0
        for given, _ in enumerate(smoothed(frames(fps))):
            assert taken - given <= most


def test_landmarks_that_shake_become_calm_and_are_not_late() -> None:
    path = [0.2 * np.sin(2 * np.pi * 0.5 * number / FPS) for number in range(120)]
    still = moved(0)
    found = run([moved(number, by, shaking=0.01) for number, by in enumerate(path)])
    for name in PARTS:
        there = np.stack([getattr(one, name).image - getattr(still, name).image for one in found])
        errors = there[10:-10] - np.array(path)[10:-10, None, None]
        assert errors.std() < 0.007, name  # 0.66 of 0.01: the weights at 30 frames per second
        assert abs(errors.mean(axis=(1, 2))).max() < 0.01, name


def test_a_part_that_is_missing_stays_missing_and_what_is_around_the_gap_is_not_mixed() -> None:
    frames = [moved(number, 0.0 if number < 20 else 0.5) for number in range(40)]
    frames[15:25] = [replace(one, left_hand=None, face=None) for one in frames[15:25]]
    found = run(frames)
    for one, given in zip(found, frames, strict=True):
        assert (one.left_hand is None, one.face is None) == (given.left_hand is None, given.face is None)
        if one.left_hand is not None and given.left_hand is not None:
            np.testing.assert_allclose(one.left_hand.image, given.left_hand.image, atol=1e-5)
            assert one.left_hand.score == given.left_hand.score
        assert one.pose is not None


def test_a_hidden_landmark_that_jumps_hardly_counts() -> None:
    frames = [moved(number) for number in range(20)]
    pose = frames[10].pose
    assert pose is not None
    image, visibility = pose.image.copy(), pose.visibility.copy()
    image[7, 0] += 0.5
    visibility[7] = 0.01
    frames[10] = replace(frames[10], pose=replace(pose, image=image, visibility=visibility))
    found = [one.pose.image[7, 0] for one in run(frames) if one.pose is not None]
    assert abs(np.array(found) - pose.image[7, 0]).max() < 0.02


def test_two_people_are_not_mixed() -> None:
    frames = [replace(moved(number, number % 2), person=number % 2) for number in range(20)]
    for one, given in zip(run(frames), frames, strict=True):
        assert one.pose is not None
        assert given.pose is not None
        np.testing.assert_allclose(one.pose.image, given.pose.image, atol=1e-5)
