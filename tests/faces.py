"""Builds faces of known expressions, seen under known rotations: the average face, deformed and projected."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mocast.model.tracked import Face
from mocast.rigging.face import face_model

SIZE_WH = (640, 480)

UPPER_LIDS = {"right": (246, 161, 160, 159, 158, 157, 173), "left": (466, 388, 387, 386, 385, 384, 398)}
LOWER_LIDS = {"right": (7, 163, 144, 145, 153, 154, 155), "left": (249, 390, 373, 374, 380, 381, 382)}
IRISES = {"right": tuple(range(468, 473)), "left": tuple(range(473, 478))}
EYES = {"right": (33, 133), "left": (263, 362)}
CORNERS = {"right": 61, "left": 291}
BROWS = {
    "right": (46, 52, 53, 55, 63, 65, 66, 70, 105, 107),
    "left": (276, 282, 283, 285, 293, 295, 296, 300, 334, 336),
}
UPPER_INNER_LIP, LOWER_INNER_LIP = 13, 14
LOWER_LIP = (14, 17, 84, 85, 86, 87, 88, 91, 95, 16, 15, 146, 77, 90, 89, 178, 179, 180, 181,
             314, 315, 316, 317, 318, 321, 324, 375, 307, 320, 319, 402, 403, 404, 405)  # fmt: skip
JAW_CENTRE = np.array([0.0, -0.03, 0.005])
"""About which the jaw turns, in metres: in its branch, below the joint, which slides forward."""


@dataclass(frozen=True)
class Grimace:
    """What a face does. Lengths in millimetres."""

    shut: dict[str, float] = field(default_factory=dict)
    "By side: the part of an eye's opening that its upper lid covers, 0..1."
    jaw_deg: float = 0.0
    corners: dict[str, tuple[float, float]] = field(default_factory=dict)
    "By side: the corner of the mouth's way out and up."
    gaze_deg: tuple[float, float] = (0.0, 0.0)
    "Yaw to the subject's left and pitch up."
    brows_up: dict[str, float] = field(default_factory=dict)


def shaped(grimace: Grimace) -> NDArray[np.float64]:
    """Return the (478, 3) landmarks of a face with that grimace, in head space, metres."""
    rest = face_model.points()
    face = rest.copy()
    for side, share in grimace.shut.items():
        upper, lower = list(UPPER_LIDS[side]), list(LOWER_LIDS[side])
        face[upper] += share * (rest[lower] - rest[upper])
    for side, up in grimace.brows_up.items():
        face[list(BROWS[side]), 1] += up / 1000
    yaw, pitch = np.radians(grimace.gaze_deg)
    for iris in IRISES.values():
        face[list(iris)] += 0.012 * np.array([np.sin(yaw), np.sin(pitch), 0.0])
    for side, (out, up) in grimace.corners.items():
        sign = 1 if side == "left" else -1
        near = np.exp(-(((rest - rest[CORNERS[side]]) / 0.012) ** 2).sum(axis=1))[:, None]
        face += near * np.array([sign * out, up, 0.0]) / 1000
    if grimace.jaw_deg:
        face += _jaw_share(rest)[:, None] * (_turned_jaw(face, np.radians(grimace.jaw_deg)) - face)
    return face


def _jaw_share(rest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much of the jaw's turn each landmark takes part in: the lower lip and the chin all of it."""
    lips_y = rest[[UPPER_INNER_LIP, LOWER_INNER_LIP], 1].mean()
    share = np.clip((lips_y - rest[:, 1]) / 0.012, 0.0, 1.0)
    share[list(LOWER_LIP)] = 1.0
    share[list(CORNERS.values())] = 0.5
    return share


def _turned_jaw(face: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    apart = face - JAW_CENTRE
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = apart.copy()
    turned[:, 1] = cosine * apart[:, 1] - sine * apart[:, 2]
    turned[:, 2] = sine * apart[:, 1] + cosine * apart[:, 2]
    return turned + JAW_CENTRE


def turned(yaw_deg: float = 0, pitch_deg: float = 0, roll_deg: float = 0) -> NDArray[np.float64]:
    """Return a (3, 3) rotation in avatar space: yaw to the subject's left, pitch up, roll toward the left shoulder."""
    y, x, z = np.radians([yaw_deg, -pitch_deg, -roll_deg])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def seen(
    grimace: Grimace | None = None,
    rotation: NDArray[np.float64] | None = None,
    position_m: tuple[float, float, float] = (0.0, 0.0, 0.6),
    *,
    size_wh: tuple[int, int] = SIZE_WH,
    field_of_view_deg: float = 60.0,
    noise_px: float = 0.0,
    seed: int = 0,
) -> Face:
    """Return the face as a pinhole camera sees it.

    ``rotation`` is relative to the camera's axis; ``position_m`` as in ``HeadPose``: to the subject's left, up, away.
    """
    face = shaped(grimace or Grimace())
    if rotation is not None:
        face = face @ rotation.T
    flip = np.array([1.0, -1.0, -1.0])
    camera = face * flip + np.array(position_m) * np.array([1.0, -1.0, 1.0])
    width, height = size_wh
    focal = max(size_wh) / 2 / np.tan(np.radians(field_of_view_deg / 2))
    pixels = camera[:, :2] / camera[:, 2:] * focal + np.array([width / 2, height / 2])
    pixels += np.random.default_rng(seed).normal(0, noise_px, pixels.shape)
    depth = (camera[:, 2:] - position_m[2]) / position_m[2] * focal / width
    return Face(np.concatenate([pixels / size_wh, depth], axis=1).astype(np.float32))
