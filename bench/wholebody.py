"""The 133 points of a whole body that COCO-WholeBody and H3WB label, made from our landmarks.

The order is the sets' own: 17 of the body (COCO's), 6 of the feet, 68 of the face, 21 of each hand. Source: S. Jin et
al., "Whole-Body Human Pose Estimation in the Wild", ECCV 2020, and https://github.com/jin-s13/COCO-WholeBody.
Left and right are the subject's, there as here.
"""

from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Face, Tracked
from mocast.rigging.face import face_model
from mocast.rigging.face.head_pose import AVATAR_TO_CAMERA, place_head

Part = Literal["body", "feet", "face", "left_hand", "right_hand"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
HANDS: Final[tuple[Part, ...]] = ("left_hand", "right_hand")

COUNT: Final = 133
PLACES: Final[dict[Part, slice]] = {
    "body": slice(0, 17),
    "feet": slice(17, 23),
    "face": slice(23, 91),
    "left_hand": slice(91, 112),
    "right_hand": slice(112, 133),
}
"""Where each part's points are among the 133."""

NOSE: Final = 0
SHOULDERS: Final = (5, 6)
HIPS: Final = (11, 12)
WRISTS: Final[dict[Part, int]] = {"left_hand": 91, "right_hand": 112}
"""The first point of each hand."""
OUTER_EYE_CORNERS: Final = (59, 68)

BODY: Final = np.array([
    P.NOSE, P.LEFT_EYE, P.RIGHT_EYE, P.LEFT_EAR, P.RIGHT_EAR, P.LEFT_SHOULDER, P.RIGHT_SHOULDER, P.LEFT_ELBOW,
    P.RIGHT_ELBOW, P.LEFT_WRIST, P.RIGHT_WRIST, P.LEFT_HIP, P.RIGHT_HIP, P.LEFT_KNEE, P.RIGHT_KNEE, P.LEFT_ANKLE,
    P.RIGHT_ANKLE,
])  # fmt: skip
"""(17,): the landmark of our pose for each point of the body."""

FEET: Final = np.array([
    P.LEFT_FOOT_INDEX, P.LEFT_FOOT_INDEX, P.LEFT_HEEL, P.RIGHT_FOOT_INDEX, P.RIGHT_FOOT_INDEX, P.RIGHT_HEEL,
])  # fmt: skip
"""(6,): the same for big toe, small toe and heel. We have no small toe: the toe that we have stands for it, too."""

FACE: Final = np.array([
    (127, 127), (234, 234), (93, 93), (132, 58), (58, 172), (136, 136), (150, 150), (176, 176), (152, 152),
    (400, 400), (379, 379), (365, 365), (288, 397), (361, 288), (323, 323), (454, 454), (356, 356),
    (70, 70), (63, 63), (105, 105), (66, 66), (107, 107), (336, 336), (296, 296), (334, 334), (293, 293), (300, 300),
    (168, 6), (197, 195), (5, 5), (4, 4), (75, 75), (97, 97), (2, 2), (326, 326), (305, 305),
    (33, 33), (160, 160), (158, 158), (133, 133), (153, 153), (144, 144),
    (362, 362), (385, 385), (387, 387), (263, 263), (373, 373), (380, 380),
    (61, 61), (39, 39), (37, 37), (0, 0), (267, 267), (269, 269), (291, 291),
    (321, 321), (314, 314), (17, 17), (84, 84), (91, 91),
    (78, 78), (82, 82), (13, 13), (312, 312), (308, 308), (317, 317), (14, 14), (87, 87),
])  # fmt: skip
"""(68, 2): the landmarks of MediaPipe's mesh whose middle stands for each point of the face, in iBUG's order: jaw from
the subject's right ear over the chin, brows, nose, eyes, outer lips, inner lips.

Source: P. Yan, https://github.com/PeizhiYan/Mediapipe_2_Dlib_Landmarks; point 13 of the jaw is the mirror image of
point 3 here, which there it is not. The two conventions differ: the jaw's points are on the mesh's rim, not where the
cheek ends in the picture, so some of the error of a face is none of the network's.
"""
_NOSE_TIP: Final = 30
_FRONT: Final = face_model.points()[FACE].mean(axis=(0, 1))
"""Where the middle of these points of the average face is in head space, (3,) metres."""

_HAND_SIGMAS: Final = (
    0.029, 0.022, 0.035, 0.037, 0.047, 0.026, 0.025, 0.024, 0.035, 0.018, 0.024, 0.022, 0.026, 0.017, 0.021, 0.021,
    0.032, 0.02, 0.019, 0.022, 0.031,
)  # fmt: skip
SIGMAS: Final = np.array([
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107, 0.087, 0.087, 0.089,
    0.089,
    0.068, 0.066, 0.066, 0.092, 0.094, 0.094,
    0.042, 0.043, 0.044, 0.043, 0.040, 0.035, 0.031, 0.025, 0.020, 0.023, 0.029, 0.032, 0.037, 0.038, 0.043, 0.041,
    0.045, 0.013, 0.012, 0.011, 0.011, 0.012, 0.012, 0.011, 0.011, 0.013, 0.015, 0.009, 0.007, 0.007, 0.007, 0.012,
    0.009, 0.008, 0.016, 0.010, 0.017, 0.011, 0.009, 0.011, 0.009, 0.007, 0.013, 0.008, 0.011, 0.012, 0.010, 0.034,
    0.008, 0.008, 0.009, 0.008, 0.008, 0.007, 0.010, 0.008, 0.009, 0.009, 0.009, 0.007, 0.007, 0.008, 0.011, 0.008,
    0.008, 0.008, 0.01, 0.008,
    *_HAND_SIGMAS, *_HAND_SIGMAS,
])  # fmt: skip
"""(133,): how far apart several people label the same point, of the person's size. COCO-WholeBody's own, as in
https://github.com/jin-s13/xtcocoapi, demos/demo_coco_wholebody.py."""


def points_px(tracked: Tracked) -> NDArray[np.float64]:
    """Return the points in pixels of the tracked picture, (133, 2); NaN for a part that was not found."""
    points = np.full((COUNT, 2), np.nan)
    size_wh = np.array(tracked.size_wh, np.float64)
    if tracked.pose is not None:
        points[PLACES["body"]] = tracked.pose.image[BODY, :2] * size_wh
        points[PLACES["feet"]] = tracked.pose.image[FEET, :2] * size_wh
    if tracked.face is not None:
        points[PLACES["face"]] = tracked.face.image[FACE, :2].mean(axis=1) * size_wh
    for part in HANDS:
        hand = getattr(tracked, part)
        if hand is not None:
            points[PLACES[part]] = hand.image[:, :2] * size_wh
    return points


def world_mm(tracked: Tracked) -> NDArray[np.float64]:
    """Return the points in world space, (133, 3) millimetres; NaN for a part that was not found.

    Body and feet are the pose's world landmarks. Hands are their own, moved to the pose's wrists, and the face is moved
    to the pose's nose: both are NaN without a pose.
    """
    points = np.full((COUNT, 3), np.nan)
    if tracked.pose is None:
        return points
    body = 1e3 * tracked.pose.world.astype(np.float64)
    points[PLACES["body"]], points[PLACES["feet"]] = body[BODY], body[FEET]
    if tracked.face is not None:
        face = face_mm(tracked.face, tracked.size_wh)
        points[PLACES["face"]] = face - face[_NOSE_TIP] + body[P.NOSE]
    for part, wrist in zip(HANDS, (P.LEFT_WRIST, P.RIGHT_WRIST), strict=True):
        hand = getattr(tracked, part)
        if hand is not None:
            own = 1e3 * hand.world.astype(np.float64)
            points[PLACES[part]] = own - own[0] + body[wrist]
    return points


def face_mm(face: Face, size_wh: tuple[int, int]) -> NDArray[np.float64]:
    """Return the points of a face, (68, 3) millimetres in the picture's axes; NaN where no head fits its landmarks.

    A face has no world landmarks: those in the picture, whose depth is on the scale of x, are made as large as the
    average face, whose head pose fits them.
    """
    width, height = size_wh
    points = face.image.astype(np.float64) * (width, height, width)
    placement = place_head(points[:, :2], size_wh)
    if placement is None:
        return np.full((len(FACE), 3), np.nan)
    inwards_m = (_FRONT * AVATAR_TO_CAMERA) @ placement.rotation[2]  # from between the ears to the face, along z
    mm_per_px = 1e3 * (placement.position[2] + inwards_m) / placement.focal_px
    mm: NDArray[np.float64] = mm_per_px * points[FACE].mean(axis=1)
    return mm


def score(tracked: Tracked) -> float:
    """Return how sure the tracker is of a person, 0..1: the mean visibility of the body's points."""
    return 0.0 if tracked.pose is None else float(tracked.pose.visibility[BODY].mean())
