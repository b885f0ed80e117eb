"""Hands that a rig has beside where the picture has them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.model.camera_rays import focal_length_px
from mocast.model.quaternions import Vectors, from_vectors, to_matrices
from mocast.model.topology import HAND_COUNT, POSE_COUNT
from mocast.model.topology import HandLandmark as H
from mocast.model.tracked import Hand, Pose, Tracked
from mocast.rigging.body.body_placement import BodyPlacement
from mocast.rigging.body.pose_frames import WORLD_TO_AVATAR
from mocast.rigging.face.head_pose import HeadPlacement
from mocast.rigging.retargeting.hands_in_picture import EASE_S, HandsInPicture

FPS = 30
SIZE_WH = (640, 480)
LEVEL = to_matrices(from_vectors(np.radians([12.0, 0, 4])))
"""The camera is tilted."""
POSITION = np.array([0.1, 0.2, 1.8])
HEAD = np.array([0.02, 0.6, 0.03])
TOUCHING = [H.WRIST, H.MIDDLE_MCP, H.THUMB_TIP, H.INDEX_TIP, H.MIDDLE_TIP]


def to_ray(points: Vectors) -> Vectors:
    """Return points in avatar space from the hips in ray space from the camera."""
    return (points @ LEVEL) * WORLD_TO_AVATAR + POSITION


def in_picture(points: Vectors) -> NDArray[np.float32]:
    at = to_ray(points)
    image = at[:, :2] / at[:, 2:] * focal_length_px(SIZE_WH) / SIZE_WH + 0.5
    return np.concatenate([image, np.zeros((len(at), 1))], 1).astype(np.float32)


def hand_at(points: Vectors) -> Hand:
    image = np.full((HAND_COUNT, 3), 0.5, np.float32)
    image[TOUCHING] = in_picture(points)
    return Hand(image, np.zeros((HAND_COUNT, 3), np.float32), 0.97)


def frame_of(left: Vectors, right: Vectors) -> tuple[Tracked, BodyPlacement, HeadPlacement]:
    nothing = np.zeros((POSE_COUNT, 3), np.float32)
    tracked = Tracked(
        frame=0,
        pts=0,
        decoded_at_ns=0,
        size_wh=SIZE_WH,
        pose=Pose(nothing, nothing, np.ones(POSE_COUNT, np.float32)),
        face=None,
        left_hand=hand_at(left),
        right_hand=hand_at(right),
    )
    rays = np.zeros((POSE_COUNT, 2))
    # The middle of ``Anchor.HEAD`` is above and before the origin of head space.
    position = to_ray(HEAD) - np.array([0.0, -0.023, -0.01])
    head = HeadPlacement(np.eye(3), position, focal_length_px(SIZE_WH), np.array([320.0, 240.0]))
    return tracked, BodyPlacement(np.eye(3), POSITION, rays, rays), head


@pytest.mark.parametrize("deeper_m", [0.0, 0.05])
def test_hands_come_to_where_the_picture_has_them_and_stay_as_deep(deeper_m: float) -> None:
    hand = np.random.default_rng(1).normal(0, 0.001, (2, 5, 3))  # so small that the rays to its points are one
    tracked, placement, head = frame_of(*(HEAD + np.array([[0.1, -0.1, 0.1], [-0.1, -0.2, 0.15]])[:, None] + hand))
    true = (HEAD + np.array([[0.1, -0.1, 0.1], [-0.1, -0.2, 0.15]])[:, None] + hand).mean(1)
    along = to_ray(true) / to_ray(true)[:, 2:]
    wanted = true + deeper_m * (along * WORLD_TO_AVATAR) @ LEVEL.T
    beside = wanted + ([0.03, -0.02, 0.0] * WORLD_TO_AVATAR) @ LEVEL.T
    hands, steps = HandsInPicture(), []
    for _ in range(2 * FPS):
        hands.see(tracked, placement, head, level=LEVEL, are_hands=np.array([True, False]), step_s=1 / FPS)
        steps.append(hands.shifts(beside.tolist(), tuple(HEAD.tolist())))
    np.testing.assert_allclose(beside[0] + steps[-1][0], wanted[0], atol=1e-3)
    assert steps[-1][1] == (0.0, 0.0, 0.0), "a hand that does not count stays where the rig has it"
    assert np.abs(np.diff(steps, axis=0)).max() < 0.05 / FPS / EASE_S, "nothing jumps"
