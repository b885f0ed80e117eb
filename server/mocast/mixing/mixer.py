"""The mixer: a camera's rig and the poses of further sources → one rig, each part from its leader.

A part's leader is the first in its order that is live and has the part. What a leader does not give of a part (a
microphone no tongue) comes from the next. Where a channel's source changes, the channel moves from what was shown to
the new source's values within ``CROSSFADE_S``, rotations on the shortest arc.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mocast.mixing.found_channels import found_with, given_by
from mocast.mixing.head_alignment import HeadAlignment
from mocast.mixing.liveness import MOST_ALIVE_S, Liveness
from mocast.mixing.mixer_options import MixerOptions
from mocast.mixing.rig_values import AT_REST, RigValues, Rows
from mocast.model.hand_targets import NO_TARGETS
from mocast.model.humanoid import HumanoidBone
from mocast.model.mixed_parts import CHANNEL_COUNT, CHANNELS_OF, HEAD_POSE, PARTS, SOURCES, MixedPart, SourceName
from mocast.model.quaternions import multiply
from mocast.model.rig import Found, HeadPose, Rig
from mocast.model.source_pose import Given, SourcePose
from mocast.rigging.body.neck import neck_and_head

CROSSFADE_S: Final = 0.2

B = HumanoidBone

_CAMERA: Final = SOURCES.index("camera")
_REST: Final = len(SOURCES)
"""Owner of the channels that no source gives."""

_CHEST: Final = (B.SPINE, B.CHEST, B.UPPER_CHEST)
_NECK: Final = slice(B.NECK, B.HEAD + 1)
_ARMS: Final = CHANNELS_OF["arms"] | CHANNELS_OF["hands"]
_BODY: Final = CHANNELS_OF["body"]


@dataclass(slots=True, eq=False)
class _Received:
    """A source's last pose."""

    pose: SourcePose
    given: Given
    "With neck and head, where the head's pose turns them."
    values: RigValues
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
        self._before: RigValues = AT_REST
        "Of each channel: what was shown when its source changed."
        self._shown: RigValues | None = None
        self._key: object = None
        "All that ``_owners`` depend on."
        self._owned: list[tuple[int, Rows]] = []
        "Each owner, with what comes from it."

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
        self._received[source] = _Received(pose, given, RigValues.of(pose), liveness, alignment)

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
        self._shown, self._key = RigValues.of(rig), None
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
        self._shown = values = self._gathered(rig)
        self._crossfade(values, now_s)
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
            self._before = self._before.copy()
            self._before.put(Rows.of(changed), self._shown)
            self._began_s[changed] = now_s
        self._owners = owners
        self._owned = [(owner, Rows.of(are_own)) for owner in range(_REST) if (are_own := owners == owner).any()]

    def _gathered(self, rig: Rig | None) -> RigValues:
        """Return each channel's value of its own source."""
        found = AT_REST.copy()
        for owner, rows in self._owned:
            received = self._received.get(SOURCES[owner])
            values = received.values if received is not None else AT_REST if rig is None else RigValues.of(rig)
            found.put(rows, values)
        self._turn_head(found)
        return found

    def _turn_head(self, found: RigValues) -> None:
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

    def _crossfade(self, values: RigValues, now_s: float) -> None:
        """Have values whose source changed lately still be in part as they were shown then."""
        done = np.clip((now_s - self._began_s) / CROSSFADE_S, 0.0, 1.0)
        if done.min() < 1.0:
            values.fade_from(self._before, done * done * (3.0 - 2.0 * done))

    def _rig(self, template: Rig, rig: Rig | None, values: RigValues) -> Rig:
        has_head = self._owners[HEAD_POSE] not in (_REST, _CAMERA) or (rig is not None and rig.head is not None)
        led = (self._owners != _CAMERA) & (self._owners != _REST)
        return replace(
            template,
            hips=values.hips,
            rotations=values.bones,
            shapes=values.shapes,
            expressions=values.expressions,
            gaze_deg=values.gaze_deg,
            found=found_with(rig.found if rig is not None else Found(), led),
            planted=template.planted if self._all_from_camera(_BODY) else (False, False),
            hand_targets=template.hand_targets if self._all_from_camera(_ARMS) else NO_TARGETS,
            head=values.head if has_head else None,
        )

    def _all_from_camera(self, channels: Given) -> bool:
        """Return whether all these channels are the camera's, so that what else its rig says of them holds."""
        return bool((self._owners[channels] == _CAMERA).all())
