"""The mixer: a camera's rig and the poses of further sources → one rig, each part from its leader.

A part's leader is the first in its order that is live and has the part. What a leader does not give of a part (a
microphone no tongue) comes from the next. Where a channel's source changes, the channel moves from what was shown to
the new source's values within ``CROSSFADE_S``, rotations on the shortest arc.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.mixing.head_alignment import HeadAlignment
from mocast.mixing.liveness import MOST_ALIVE_S, Liveness
from mocast.mixing.mixer_options import MixerOptions
from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT
from mocast.model.hand_targets import NO_TARGETS
from mocast.model.humanoid import BONE_COUNT, FINGER_JOINTS, REST_POSITIONS, HumanoidBone, finger_bones
from mocast.model.mixed_parts import (
    CHANNEL_COUNT,
    CHANNELS_OF,
    EXPRESSIONS_AT,
    GAZE,
    HEAD_POSE,
    HIPS,
    PARTS,
    SHAPES_AT,
    SOURCES,
    MixedPart,
    SourceName,
)
from mocast.model.names import SIDES
from mocast.model.quaternions import multiply, slerp
from mocast.model.rig import Found, HeadPose, Rig
from mocast.model.source_pose import Given, SourcePose
from mocast.rigging.body.neck import neck_and_head
from mocast.rigging.body.visibility import RELAXED

CROSSFADE_S: Final = 0.2

B = HumanoidBone

_CAMERA: Final = SOURCES.index("camera")
_REST: Final = len(SOURCES)
"""Owner of the channels that no source gives."""

_CHEST: Final = (B.SPINE, B.CHEST, B.UPPER_CHEST)
_NECK: Final = slice(B.NECK, B.HEAD + 1)
_HAND_BONES: Final = {
    f"{side.lower()}_hand": [
        HumanoidBone[f"{side}_HAND"],
        *(bone for finger in FINGER_JOINTS for bone in finger_bones(side, finger)),
    ]
    for side in SIDES
}
"""By the names in ``Found``."""
_LEGS: Final = (B.LEFT_UPPER_LEG, B.RIGHT_UPPER_LEG)

_ARMS: Final = CHANNELS_OF["arms"] | CHANNELS_OF["hands"]
_BODY: Final = CHANNELS_OF["body"]
_FACE: Final = CHANNELS_OF["face"] | CHANNELS_OF["mouth"] | CHANNELS_OF["head"]

_NUMBERS: Final = SHAPE_COUNT + EXPRESSION_COUNT + 2 + 3 + 3
"""Shapes, expressions, gaze, hips, the head's position: what is interpolated number by number."""
_CHANNEL_OF_NUMBER: Final = np.array([*range(SHAPES_AT, GAZE), GAZE, GAZE, *[HIPS] * 3, *[HEAD_POSE] * 3])
_CHANNEL_OF_ROTATION: Final = np.array([*range(BONE_COUNT), HEAD_POSE])


@dataclass(slots=True, eq=False)
class _Values:
    """A rig's values in two arrays."""

    rotations: NDArray[np.float32]
    "(56, 4): the bones', then the head's before the camera."
    numbers: NDArray[np.float32]
    "(72,): shapes, expressions, gaze, hips, the head's position."


def _values(of: Rig | SourcePose) -> _Values:
    head = of.head or _NO_HEAD
    return _Values(
        np.concatenate([of.rotations, head.rotation[None]]),
        np.concatenate([of.shapes, of.expressions, of.gaze_deg, of.hips, head.position]),
    )


_NO_HEAD: Final = HeadPose(np.array([0, 0, 0.6], np.float32), np.array([0, 0, 0, 1], np.float32))
"""Straight before the camera, at arm's length."""


def _at_rest() -> _Values:
    rotations = np.concatenate([RELAXED.astype(np.float32), _NO_HEAD.rotation[None]])
    numbers = np.zeros(_NUMBERS, np.float32)
    numbers[-6:-3], numbers[-3:] = REST_POSITIONS[B.HIPS], _NO_HEAD.position
    return _Values(rotations, numbers)


_AT_REST: Final = _at_rest()


@dataclass(slots=True, eq=False)
class _Received:
    """A source's last pose."""

    pose: SourcePose
    given: Given
    "With neck and head, where the head's pose turns them."
    values: _Values
    liveness: Liveness
    alignment: HeadAlignment


class Mixer:
    """Mixes one person's rig. Used by one thread at a time; all times are of one monotonic clock, in seconds."""

    def __init__(self, options: MixerOptions | None = None) -> None:
        self.options = options or MixerOptions()
        self._received_at_s = self._changed_at_s = float("-inf")
        "When the last pose of any source came, and when the options changed."
        self._received: dict[SourceName, _Received] = {}
        self._owners = np.full(CHANNEL_COUNT, _REST)
        self._began_s = np.full(CHANNEL_COUNT, -np.inf)
        "When each channel's source changed last."
        self._before: _Values = _AT_REST
        "Of each channel: what was shown when its source changed."
        self._shown: _Values | None = None
        self._key: object = None
        "All that ``_owners`` depend on."
        self._owned: list[tuple[int, Given, Given]] = []
        "Each owner, with masks of the rotations and of the numbers that come from it."

    def receive(self, source: SourceName, pose: SourcePose, now_s: float) -> None:
        """Take a source's next pose."""
        known = self._received.get(source)
        alignment, liveness = (known.alignment, known.liveness) if known else (HeadAlignment(), Liveness())
        liveness.received(now_s)
        self._received_at_s = now_s
        given = pose.given
        if pose.turns_head:
            given = given.copy()
            given[_NECK] = True
        self._received[source] = _Received(pose, given, _values(pose), liveness, alignment)

    def liveness(self) -> dict[SourceName, Liveness]:
        """Return the liveness of each source that has ever sent; the camera's is kept by its owner."""
        return {name: received.liveness for name, received in self._received.items()}

    def change(self, options: MixerOptions, now_s: float) -> None:
        """Have parts led by others from now on."""
        self.options, self._changed_at_s = options, now_s

    def is_needed(self, now_s: float) -> bool:
        """Return whether ``mix`` would change the camera's rig. May be called by another thread.

        It would where another source lives, or did a moment ago, where the options have just changed, and where a part
        is to rest.
        """
        lately = MOST_ALIVE_S + CROSSFADE_S
        return now_s - max(self._received_at_s, self._changed_at_s) <= lately or not self.options.has_camera

    def bypass(self, rig: Rig) -> None:
        """Note a rig that was sent as it is, from which the next change begins."""
        self._shown, self._key = _values(rig), None
        self._owners[:] = _CAMERA
        self._began_s[:] = -np.inf

    def leaders(self, rig: Rig | None, now_s: float) -> dict[MixedPart, SourceName | None]:
        """Return each part's leader: the first in its order that gives any of the part. ``rig``: the camera's, if it
        lives."""
        given = self._given(rig, now_s)
        return {part: self._leader(part, given) for part in PARTS}

    def mix(self, template: Rig, now_s: float, *, is_camera: bool = True) -> Rig:
        """Return ``template`` with each part from its leader. ``is_camera``: it is the camera's rig of this moment;
        else the camera is dead, and only frame, times and person are taken from it."""
        rig = template if is_camera else None
        if rig is not None and rig.found.face and rig.head is not None:
            self._align(rig.head, now_s)
        self._own(self._given(rig, now_s), rig, now_s)
        self._shown = values = self._crossfaded(self._gathered(rig), now_s)
        return self._rig(template, rig, values)

    def _given(self, rig: Rig | None, now_s: float) -> dict[SourceName, Given]:
        given = {name: received.given for name, received in self._received.items() if received.liveness.is_live(now_s)}
        if rig is not None:
            given["camera"] = given_by(rig.found)
        return given

    def _leader(self, part: MixedPart, given: dict[SourceName, Given]) -> SourceName | None:
        order: tuple[SourceName, ...] = getattr(self.options, part)
        channels = CHANNELS_OF[part]
        for name in order:
            if name in given and (given[name] & channels).any():
                return name
        return "camera" if "camera" in given and "camera" in order else None

    def _own(self, given: dict[SourceName, Given], rig: Rig | None, now_s: float) -> None:
        """Decide which source each channel comes from, where anything has changed that this depends on."""
        key = (self.options, rig is not None, tuple((name, are.tobytes()) for name, are in given.items()))
        if key == self._key:
            return
        self._key = key
        owners = np.full(CHANNEL_COUNT, _REST)
        for part in PARTS:
            order: tuple[SourceName, ...] = getattr(self.options, part)
            if rig is not None and "camera" in order:
                owners[CHANNELS_OF[part]] = _CAMERA  # which holds what it does not see, and eases it to rest
            for name in reversed(order):
                if name in given:
                    owners[CHANNELS_OF[part] & given[name]] = SOURCES.index(name)
        if self._shown is not None:
            changed = owners != self._owners
            self._before = _merged(self._before, self._shown, changed)
            self._began_s[changed] = now_s
        self._owners = owners
        self._owned = [
            (owner, are_own[_CHANNEL_OF_ROTATION], are_own[_CHANNEL_OF_NUMBER])
            for owner in range(_REST)
            if (are_own := owners == owner).any()
        ]

    def _gathered(self, rig: Rig | None) -> _Values:
        """Return each channel's value of its own source."""
        found = _Values(_AT_REST.rotations.copy(), _AT_REST.numbers.copy())
        for owner, rows, numbers in self._owned:
            received = self._received.get(SOURCES[owner])
            values = received.values if received is not None else _AT_REST if rig is None else _values(rig)
            found.rotations[rows] = values.rotations[rows]
            found.numbers[numbers] = values.numbers[numbers]
        self._turn_head(found)
        return found

    def _turn_head(self, found: _Values) -> None:
        """Turn neck and head by the head's pose, where the head's source knows no chest."""
        owner = int(self._owners[B.HEAD])
        received = self._received.get(SOURCES[owner]) if owner < _REST else None
        if received is None or not received.pose.turns_head or received.pose.head is None:
            return
        head = received.alignment.aligned(received.pose.head.rotation.astype(np.float64))
        chest = found.rotations[B.HIPS].astype(np.float64)
        for bone in _CHEST:
            chest = multiply(chest, found.rotations[bone].astype(np.float64))
        found.rotations[_NECK] = neck_and_head(chest, head)
        if self._owners[HEAD_POSE] == owner:
            found.rotations[-1] = head

    def _align(self, reference: HeadPose, now_s: float) -> None:
        for received in self._received.values():
            head = received.pose.head
            if head is not None and received.pose.turns_head and received.liveness.is_live(now_s):
                seen, expected = head.rotation.astype(np.float64), reference.rotation.astype(np.float64)
                received.alignment.learn(seen, expected, now_s)

    def _crossfaded(self, values: _Values, now_s: float) -> _Values:
        """Return the values, those whose source changed lately still in part as they were shown then."""
        done = np.clip((now_s - self._began_s) / CROSSFADE_S, 0.0, 1.0)
        if done.min() == 1.0:
            return values
        done = done * done * (3.0 - 2.0 * done)
        by_number, by_rotation = done[_CHANNEL_OF_NUMBER], done[_CHANNEL_OF_ROTATION]
        turning = by_rotation < 1.0
        values.rotations[turning] = slerp(
            self._before.rotations[turning], values.rotations[turning], by_rotation[turning]
        )
        before = self._before.numbers
        values.numbers = (before + by_number * (values.numbers - before)).astype(np.float32)
        return values

    def _rig(self, template: Rig, rig: Rig | None, values: _Values) -> Rig:
        numbers = values.numbers
        has_head = self._owners[HEAD_POSE] not in (_REST, _CAMERA) or (rig is not None and rig.head is not None)
        return replace(
            template,
            hips=numbers[-6:-3],
            rotations=values.rotations[:BONE_COUNT],
            shapes=numbers[: EXPRESSIONS_AT - SHAPES_AT],
            expressions=numbers[EXPRESSIONS_AT - SHAPES_AT : GAZE - SHAPES_AT],
            gaze_deg=numbers[-8:-6],
            found=self._found(rig),
            planted=template.planted if self._all_from_camera(_BODY) else (False, False),
            hand_targets=template.hand_targets if self._all_from_camera(_ARMS) else NO_TARGETS,
            head=HeadPose(numbers[-3:], values.rotations[-1]) if has_head else None,
        )

    def _all_from_camera(self, channels: Given) -> bool:
        """Return whether all these channels are the camera's, so that what else its rig says of them holds."""
        return bool((self._owners[channels] == _CAMERA).all())

    def _found(self, rig: Rig | None) -> Found:
        """Return what is found: by the camera where it leads, and where another source does."""
        camera = rig.found if rig is not None else Found()
        led = (self._owners != _CAMERA) & (self._owners != _REST)
        return Found(
            body=camera.body or bool(led[_BODY].any()),
            face=camera.face or bool(led[_FACE].any()),
            **{name: getattr(camera, name) or bool(led[bones[1:]].any()) for name, bones in _HAND_BONES.items()},
            half_body=camera.half_body and not led[list(_LEGS)].any(),
        )


def given_by(found: Found) -> Given:
    """Return the channels that a rig gives: those of the parts that its camera sees."""
    given = np.zeros(CHANNEL_COUNT, bool)
    if found.body:
        given |= CHANNELS_OF["body"] | CHANNELS_OF["arms"] | CHANNELS_OF["hands"] | CHANNELS_OF["head"]
    if found.face:
        given |= CHANNELS_OF["face"] | CHANNELS_OF["eyes"] | CHANNELS_OF["mouth"] | CHANNELS_OF["head"]
    for name, bones in _HAND_BONES.items():
        given[bones] |= getattr(found, name)
    return given


def _merged(first: _Values, second: _Values, are_second: Given) -> _Values:
    """Return the values of the first, and of the second where channels are marked."""
    return _Values(
        np.where(are_second[_CHANNEL_OF_ROTATION, None], second.rotations, first.rotations),
        np.where(are_second[_CHANNEL_OF_NUMBER], second.numbers, first.numbers),
    )
