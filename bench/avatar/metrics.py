"""Metrics of rigs against the truth: angles by group of bones, jitter, delay, flips, feet, hands."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.avatar.people import Person, average_person
from bench.avatar.takes import Answer, Take
from mocast.model.humanoid import FINGER_JOINTS, HumanoidBone, finger_bones
from mocast.model.quaternions import CONJUGATE, angle_between, multiply, rotate, to_vectors
from mocast.model.topology import HEELS, TOES
from mocast.model.tracked import Tracked
from mocast.rigging.body import kinematics

B = HumanoidBone
Series = NDArray[np.float64]


def _both(*names: str) -> list[HumanoidBone]:
    return [B[f"{side}_{name}"] for name in names for side in ("LEFT", "RIGHT")]


_FINGERS = [bone for side in ("LEFT", "RIGHT") for finger in FINGER_JOINTS for bone in finger_bones(side, finger)]
GROUPS: dict[str, list[HumanoidBone]] = {
    "pelvis": [B.HIPS],
    "chest": [B.UPPER_CHEST],
    "neck and head": [B.NECK, B.HEAD],
    "upper arms": _both("UPPER_ARM"),
    "forearms": _both("LOWER_ARM"),
    "hands": _both("HAND"),
    "fingers": _FINGERS,
    "thighs": _both("UPPER_LEG"),
    "shanks": _both("LOWER_LEG"),
    "feet": _both("FOOT"),
}
"""Bones that are reported together. Of limbs and fingers the direction counts, of the others the whole rotation."""
_DIRECTION_GROUPS = ("upper arms", "forearms", "fingers", "thighs", "shanks")

FLIP_DEG = 45.0
"""A bone that turns by more than this between two pictures, of 30 a second, has flipped..."""
FLIP_TRUE_DEG = 20.0
"""...unless the truth turned by more than this."""
LEVELLED_S = 5.0
FLOAT_M = 0.03
"""A planted foot that is further than this above the floor floats."""


def _rest_directions() -> NDArray[np.float64]:
    directions = np.zeros((len(B), 3))
    directions[:, 1] = 1.0
    for bone in B:
        name = bone.name
        side = -1.0 if name.startswith("RIGHT") else 1.0
        if "LEG" in name:
            directions[bone] = [0.0, -1.0, 0.0]
        elif "ARM" in name:
            directions[bone] = [side, 0.0, 0.0]
    offsets = average_person().offsets
    for side in ("LEFT", "RIGHT"):
        for finger in FINGER_JOINTS:
            bones = finger_bones(side, finger)
            for number, bone in enumerate(bones):
                offset = offsets[bones[min(number + 1, 2)]]
                directions[bone] = offset / np.linalg.norm(offset)
    return directions


_REST = _rest_directions()


def turned_of(local: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 55, 4) rotations in avatar space from local ones."""
    return np.stack([kinematics.to_global(one) for one in local])


def errors_deg(turned: NDArray[np.float64], truth: NDArray[np.float64]) -> dict[str, Series]:
    """Return by group the (n, bones) angles between rotations in avatar space, (n, 55, 4), and the truth."""
    errors = {}
    for group, bones in GROUPS.items():
        ours, true = turned[:, bones], truth[:, bones]
        if group in _DIRECTION_GROUPS:
            rest = np.broadcast_to(_REST[bones], (*ours.shape[:2], 3))
            cosine = (rotate(ours, rest) * rotate(true, rest)).sum(-1)
            errors[group] = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
        else:
            errors[group] = np.degrees(angle_between(ours, true))
    return errors


def steps_deg(rotations: NDArray[np.float64]) -> Series:
    """Return the (n - 1, bones) angles by which rotations, (n, bones, 4), change between frames.

    By the chord between two quaternions: by their product's arc cosine a rig's rounding to 32 bits would be 0.02°.
    """
    before, after = rotations[:-1], rotations[1:]
    chord = np.minimum(np.linalg.norm(after - before, axis=-1), np.linalg.norm(after + before, axis=-1))
    return np.degrees(4.0 * np.arcsin(np.minimum(0.5 * chord, 1.0)))


def flips_a_minute(answer: Answer, fps: int, truth: NDArray[np.float64] | None = None) -> dict[str, float]:
    """Return by group how often a minute a bone turns over between two frames: local rotations, (n, 55, 4)."""
    steps = steps_deg(answer.local)
    flipped = steps > FLIP_DEG
    if truth is not None:
        flipped &= steps_deg(truth) < FLIP_TRUE_DEG
    minutes = len(steps) / fps / 60
    return {group: float(flipped[:, bones].sum() / minutes) for group, bones in GROUPS.items()}


@dataclass(frozen=True, slots=True)
class Response:
    """How a motion to and fro is followed."""

    delay_ms: float
    kept: float
    "Amplitude, of the truth's."


def response(turned: NDArray[np.float64], truth: NDArray[np.float64], fps: int, hertz: float) -> Response:
    """Return how one bone's rotations in avatar space, (n, 4), follow the truth's, over whole periods.

    The first seconds are left out: a tilted camera is levelled then.
    """
    period = round(fps / hertz)
    count = (len(truth) - round(LEVELLED_S * fps)) // period * period
    ours, true = (_about_mean(one[-count:]) for one in (turned, truth))
    axis = _main_axis(true)
    wave = np.exp(-2j * np.pi * hertz * np.arange(count) / fps)
    ratio = complex((ours @ axis) @ wave) / complex((true @ axis) @ wave)
    return Response(1e3 * -np.angle(ratio) / (2 * np.pi * hertz), abs(ratio))


def course_deg(turned: NDArray[np.float64], truth: NDArray[np.float64]) -> Series:
    """Return (n,) degrees that a bone, (n, 4) rotations, goes to and fro about the axis about which the truth does."""
    return np.degrees(_about_mean(turned) @ _main_axis(_about_mean(truth)))


def _main_axis(vectors: Series) -> Series:
    axis: Series = np.linalg.svd(vectors, full_matrices=False)[2][0]
    return axis


def _about_mean(turned: NDArray[np.float64]) -> Series:
    signs = np.sign((turned * turned[0]).sum(-1, keepdims=True))
    mean = (turned * np.where(signs == 0, 1.0, signs)).mean(0)
    mean /= np.linalg.norm(mean)
    return to_vectors(multiply(np.broadcast_to(mean * CONJUGATE, turned.shape), turned))


@dataclass(frozen=True, slots=True, eq=False)
class Feet:
    """Planted feet of the default avatar."""

    slide_cm_s: Series
    "The speed along the floor of each planted foot, in each frame (WHAM: foot sliding)."
    drift_cm: Series
    "Over each stance: the furthest that it gets from where it was planted."
    height_cm: Series
    "Of the lowest point of each planted foot's sole, above the floor."


def feet(answer: Answer, take: Take) -> Feet:
    """Return how the avatar's feet stay where they are planted.

    Left out are the frames until it is settled, and those in which heel or toes are out of the picture.
    """
    avatar = average_person()
    soles = np.stack([avatar.sole_points(*avatar.joints(*one)) for one in zip(answer.local, answer.hips, strict=True)])
    planted = np.array([body.planted for body in take.bodies]) & np.stack(
        [_feet_in_picture(one) for one in take.tracked]
    )
    slides, drifts, heights = [], [], []
    start = take.settled.start
    for side in range(2):
        middle = soles[:, side].mean(1)
        lowest = soles[:, side, :, 1].min(1)
        since = None
        for frame in range(start, len(planted)):
            if not planted[frame, side]:
                since = None
                continue
            heights.append(100 * lowest[frame])
            if since is None:
                since = frame
                drifts.append(0.0)
                continue
            slides.append(100 * take.fps * np.linalg.norm((middle[frame] - middle[frame - 1])[[0, 2]]))
            drifts[-1] = max(drifts[-1], 100 * float(np.linalg.norm((middle[frame] - middle[since])[[0, 2]])))
    return Feet(np.array(slides), np.array(drifts), np.array(heights))


def _feet_in_picture(tracked: Tracked) -> NDArray[np.bool_]:
    """Return of which feet heel and toes are in the picture, (2,)."""
    if tracked.pose is None:
        return np.zeros(2, bool)
    at = tracked.pose.image[np.array([HEELS, TOES]), :2]
    return ((at > 0) & (at < 1)).all((0, 2))


def rise_cm(answer: Answer, take: Take) -> tuple[float, float]:
    """Return how far the lower sole gets above the floor at most: the avatar's and the truth, at the avatar's size."""
    avatar = average_person()
    frames = range(take.settled.start, len(take.shots))
    shown = [avatar.sole_points(*avatar.joints(answer.local[n], answer.hips[n]))[..., 1].min() for n in frames]
    true = [_soles_m(take, n) for n in frames]
    return 100 * float(max(shown)), 100 * float(max(true)) / size_of(take.shots[0].person)


def nearer_cm(answer: Answer, take: Take) -> tuple[float, float]:
    """Return how much nearer to the camera the hips get: the avatar's and the truth, at the avatar's size."""
    first, last = take.settled.start, len(take.shots) - 1
    moved = answer.hips[last, 2] - answer.hips[first, 2]
    true = take.shots[last].room_joints[0, 2] - take.shots[first].room_joints[0, 2]
    return 100 * float(moved), 100 * float(true) / size_of(take.shots[0].person)


def _soles_m(take: Take, frame: int) -> float:
    shot = take.shots[frame]
    return float(shot.person.sole_points(shot.room_joints, shot.room_turned)[..., 1].min())


def size_of(person: Person) -> float:
    """Return the height of a person's hips, of the default avatar's."""
    return float(person.offsets[B.HIPS, 1] / average_person().offsets[B.HIPS, 1])


def touch_errors_cm(answer: Answer, take: Take, *, on_avatar: bool = False) -> Series:
    """Return how far each touching fingertip is from where it is in truth, relative to the part that it touches.

    The rig's rotations are put on the person's own skeleton, or on the default avatar's, where the truth is scaled by
    the size of the part.
    """
    errors = []
    for number in range(take.settled.start, len(take.shots)):
        body, shot = take.bodies[number], take.shots[number]
        person = average_person() if on_avatar else shot.person
        joints, turned = person.joints(answer.local[number], answer.hips[number])
        for touch in body.touches:
            scale = 1.0
            if on_avatar:
                scale = 1 / shot.person.head if touch.part == B.HEAD else 0.17 / float(shot.person.offsets[B.NECK, 1])
            true = scale * _tip_in(touch.part, touch.side, shot.person, shot.joints, shot.turned)
            shown = _tip_in(touch.part, touch.side, person, joints, turned)
            errors.append(100 * float(np.linalg.norm(shown - true)))
    return np.array(errors)


def _tip_in(part: HumanoidBone, side: str, person: Person, joints: Series, turned: Series) -> Series:
    tip = person.hand_points(joints, turned, side)[12]
    return rotate(turned[part] * CONJUGATE, tip - joints[part])


def hands_apart_cm(answer: Answer, take: Take) -> tuple[Series, Series]:
    """Return the distance of both middle fingertips, on the person's own skeleton, and the truth: (n,) each."""
    shown, true = [], []
    for number in range(take.settled.start, len(take.shots)):
        shot = take.shots[number]
        state = shot.person.joints(answer.local[number], answer.hips[number])
        for into, (joints, turned) in ((shown, state), (true, (shot.joints, shot.turned))):
            tips = [shot.person.hand_points(joints, turned, side)[12] for side in ("LEFT", "RIGHT")]
            into.append(100 * float(np.linalg.norm(tips[0] - tips[1])))
    return np.array(shown), np.array(true)


def lean_deg(turned: NDArray[np.float64]) -> Series:
    """Return how far rotations, (n, 4), are tipped back from upright: positive where the face or chest looks up."""
    forward = rotate(turned, np.broadcast_to([0.0, 0.0, 1.0], (*turned.shape[:-1], 3)))
    return np.degrees(np.arctan2(forward[..., 1], np.hypot(forward[..., 0], forward[..., 2])))
