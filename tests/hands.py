"""Synthetic hands: 21 landmarks from the flexion of each joint, with an adult's proportions or others.

The bones' lengths are the mean ones of Buryanov, Kotiuk, "Proportions of hand segments", 2010; the last ones with the
soft tissue of the finger's tip, in which the landmark lies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mocast.model.gestures import GestureName
from mocast.model.tracked import Hand

FINGERS = ("thumb", "index", "middle", "ring", "little")
_LENGTHS_MM = {
    "index": (68.1, 39.8, 22.4, 19.7),
    "middle": (64.6, 44.6, 26.3, 21.4),
    "ring": (58.0, 41.4, 25.7, 21.3),
    "little": (53.7, 32.7, 18.1, 19.7),
}
"""Of the metacarpal, which begins at the wrist here, and the three bones of the finger."""
_WRIST_MM = 22.0
"""From the wrist's landmark to where metacarpals begin."""
_FAN_DEG = {"index": 12.0, "middle": 2.0, "ring": -8.0, "little": -19.0}
"""Of the metacarpals, toward the thumb."""
_THUMB_MM = (46.2, 31.6, 26.5)
_OPEN_SPREAD = {"index": 8.0, "middle": 0.0, "ring": -6.0, "little": -14.0}

Flexion = tuple[float, float, float]


@dataclass(frozen=True)
class HandPose:
    """The joints of a hand, degrees."""

    flexion: Mapping[str, Flexion]
    "Of the knuckle and the two joints after it, of each finger but the thumb."
    spread: Mapping[str, float] = field(default_factory=lambda: _OPEN_SPREAD)
    "Of each finger, toward the thumb."
    thumb_out: float = 45.0
    "The metacarpal's angle from the palm's length, toward the thumb's side."
    thumb_palmward: float = 20.0
    "Its angle out of the palm's plane."
    thumb_flexion: tuple[float, float] = (10.0, 10.0)
    "Of the thumb's two joints, across the palm."
    thumb_tip_at: tuple[str, float] | None = None
    "Instead of the three: the thumb's tip touches this finger's tip but for so many millimetres."
    up: str = "fingers"
    "What points up where the hand is not turned: ``fingers``, ``thumb`` or ``little`` finger's side."


STRAIGHT: Flexion = (5.0, 6.0, 4.0)
CURLED: Flexion = (72.0, 95.0, 45.0)


def _fingers(**flexion: Flexion) -> dict[str, Flexion]:
    return {finger: flexion.get(finger, CURLED) for finger in FINGERS[1:]}


_TOGETHER = dict.fromkeys(FINGERS[1:], 0.0)
_TUCKED = {"thumb_out": 22.0, "thumb_palmward": 42.0, "thumb_flexion": (45.0, 45.0)}
_AWAY = {"thumb_out": 58.0, "thumb_palmward": 8.0, "thumb_flexion": (-5.0, -5.0)}
_ALL_STRAIGHT = dict.fromkeys(FINGERS[1:], STRAIGHT)

GESTURE_POSES: dict[GestureName, HandPose] = {
    "open": HandPose(_ALL_STRAIGHT),
    "fist": HandPose(_fingers(), _TOGETHER, **_TUCKED),
    "point": HandPose(_fingers(index=STRAIGHT), _TOGETHER, **_TUCKED),
    "victory": HandPose(
        _fingers(index=STRAIGHT, middle=STRAIGHT), {"index": 9.0, "middle": -7.0, "ring": 0.0, "little": 0.0}, **_TUCKED
    ),
    "thumb_up": HandPose(_fingers(), _TOGETHER, **_AWAY, up="thumb"),
    "thumb_down": HandPose(_fingers(), _TOGETHER, **_AWAY, up="little"),
    "ok": HandPose(_ALL_STRAIGHT | {"index": (48.0, 55.0, 30.0)}, thumb_tip_at=("index", 12.0)),
    "rock": HandPose(_fingers(index=STRAIGHT, little=STRAIGHT), _TOGETHER, **_TUCKED),
    "call": HandPose(_fingers(little=STRAIGHT), _TOGETHER | {"little": -14.0}, **_AWAY),
    "pinch": HandPose(
        {
            "index": (45.0, 50.0, 30.0),
            "middle": (55.0, 60.0, 35.0),
            "ring": (60.0, 65.0, 35.0),
            "little": (60.0, 65.0, 35.0),
        },
        _TOGETHER,
        thumb_tip_at=("index", 12.0),
    ),
}
"""Each gesture as a hand shows it that is not turned: its palm to the camera, its fingers up."""


_SLANT = np.sqrt(0.5)
_HELD = {
    "fingers": np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1.0]]),
    "thumb": np.array([[-_SLANT, 0, _SLANT], [0, 1, 0], [-_SLANT, 0, -_SLANT]]),
    "little": np.array([[-_SLANT, 0, _SLANT], [0, -1, 0], [_SLANT, 0, _SLANT]]),
}
"""Where a left palm's axes (along, toward the thumb, out of the palm) point, as rows: x to the picture's right, y up, z
to the camera."""


@dataclass(frozen=True)
class HandBuild:
    """A hand's proportions."""

    scale: float = 1.0
    fingers: Mapping[str, float] = field(default_factory=dict)
    "Factors of fingers' lengths."
    width: float = 1.0
    "Factor of the fan of the metacarpals."


def varied(pose: HandPose, rng: np.random.Generator, deg: float = 8.0) -> HandPose:
    """Return the pose as another person shows it: each joint differs by ``deg`` (standard deviation)."""

    def vary(value: float, share: float = 1.0) -> float:
        return value + float(rng.normal(0.0, deg * share))

    return HandPose(
        {finger: (vary(a), vary(b), vary(c)) for finger, (a, b, c) in pose.flexion.items()},
        {finger: vary(value, 0.25) for finger, value in pose.spread.items()},
        vary(pose.thumb_out),
        vary(pose.thumb_palmward, 0.6),
        (vary(pose.thumb_flexion[0]), vary(pose.thumb_flexion[1])),
        pose.thumb_tip_at and (pose.thumb_tip_at[0], pose.thumb_tip_at[1] + abs(float(rng.normal(0.0, 4.0)))),
        pose.up,
    )


def random_build(rng: np.random.Generator) -> HandBuild:
    """Return somebody's proportions."""
    return HandBuild(
        float(rng.uniform(0.75, 1.15)),
        {finger: float(rng.normal(1.0, 0.06)) for finger in FINGERS},
        float(rng.uniform(0.85, 1.15)),
    )


def turned(deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation about x, then y, then z by these degrees."""
    matrix = np.eye(3)
    for axis, angle in enumerate(np.radians(deg)):
        one = np.eye(3)
        a, b = (axis + 1) % 3, (axis + 2) % 3
        one[a, a] = one[b, b] = np.cos(angle)
        one[a, b], one[b, a] = -np.sin(angle), np.sin(angle)
        matrix = one @ matrix
    return matrix


def hand(
    pose: HandPose,
    *,
    left: bool = True,
    build: HandBuild | None = None,
    rotation: NDArray[np.float64] | None = None,
    noise_m: float = 0.0,
    rng: np.random.Generator | None = None,
    at: tuple[float, float] = (0.5, 0.5),
) -> Hand:
    """Return the hand that a tracker finds. Noise is normally distributed on each coordinate."""
    points = _points(pose, build or HandBuild())
    seen = points @ _HELD[pose.up]
    if not left:
        seen[:, 0] *= -1
    if rotation is not None:
        seen = seen @ rotation.T
    world = seen * [1.0, -1.0, -1.0] / 1000
    world -= world.mean(0)
    if noise_m:
        world += (rng or np.random.default_rng(0)).normal(0.0, noise_m, world.shape)
    image = np.array([*at, 0.0]) + world * [0.5, 0.5 * 4 / 3, 0.5]
    return Hand(image.astype(np.float32), world.astype(np.float32), 1.0)


def _points(pose: HandPose, build: HandBuild) -> NDArray[np.float64]:
    """Return the (21, 3) landmarks in the palm's frame, millimetres: along, toward the thumb, out of the palm."""
    points = np.zeros((21, 3))
    for number, finger in enumerate(FINGERS[1:], 1):
        longer = build.fingers.get(finger, 1.0)
        metacarpal, *bones = _LENGTHS_MM[finger]
        fan = np.radians(_FAN_DEG[finger] * build.width)
        at = (metacarpal + _WRIST_MM) * np.array([np.cos(fan), np.sin(fan), 0.0])
        aside = np.radians(pose.spread.get(finger, 0.0)) + 0.4 * fan
        across = np.array([np.cos(aside), np.sin(aside), 0.0])
        bent = 0.0
        points[1 + 4 * number] = at
        for joint, (length, flexion) in enumerate(zip(bones, pose.flexion[finger], strict=True), 2):
            bent += np.radians(flexion)
            at = at + longer * length * (np.cos(bent) * across + np.sin(bent) * np.array([0.0, 0.0, 1.0]))
            points[4 * number + joint] = at
    points[1:5] = _thumb(pose, build, points)
    return points * build.scale


def _thumb(pose: HandPose, build: HandBuild, points: NDArray[np.float64]) -> NDArray[np.float64]:
    base = np.array([20.0, 20.0, 5.0])
    metacarpal, proximal, distal = (build.fingers.get("thumb", 1.0) * length for length in _THUMB_MM)
    if pose.thumb_tip_at is not None:
        finger, gap = pose.thumb_tip_at
        tip = points[4 * FINGERS.index(finger) + 4]
        to_tip = tip - base
        tip = tip - to_tip / np.linalg.norm(to_tip) * gap
        return _reach(base, tip, (metacarpal, proximal, distal))
    out, palmward = np.radians(pose.thumb_out), np.radians(pose.thumb_palmward)
    joints = [base]
    # It bends across the palm, toward the little finger and a little out of the palm's plane.
    for length, flexion in zip((metacarpal, proximal, distal), (0.0, *pose.thumb_flexion), strict=True):
        out -= np.radians(flexion)
        joints.append(
            joints[-1]
            + length * np.array([np.cos(out) * np.cos(palmward), np.sin(out) * np.cos(palmward), np.sin(palmward)])
        )
    return np.array(joints)


def _reach(base: NDArray[np.float64], tip: NDArray[np.float64], lengths: tuple[float, ...]) -> NDArray[np.float64]:
    """Return four joints from the base to the tip: an arc of equal bends, outward, whose bones are in proportion."""
    way = tip - base
    distance = float(np.linalg.norm(way))
    along = way / distance
    outward = np.array([0.0, 1.0, 0.0]) - along[1] * along
    outward /= np.linalg.norm(outward)
    low, high = 0.0, np.pi
    for _ in range(40):
        bend = 0.5 * (low + high)
        turns = np.cumsum([bend, -bend, -bend])
        reach = sum(length * np.cos(turn) for length, turn in zip(lengths, turns, strict=True))
        low, high = (bend, high) if reach > distance else (low, bend)
    joints = [base]
    for length, turn in zip(lengths, np.cumsum([bend, -bend, -bend]), strict=True):
        joints.append(joints[-1] + length * (np.cos(turn) * along + np.sin(turn) * outward))
    joints[-1] = tip
    return np.array(joints)
