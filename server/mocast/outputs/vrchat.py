"""VRChat's OSC: trackers for full-body tracking in VR, eyes, and the face as parameters of the avatar.

Sources: https://docs.vrchat.com/docs/osc-trackers (Unity's space, metres, world positions, angles in degrees that turn
about Z, then X, then Y), https://docs.vrchat.com/docs/osc-eye-tracking and
https://docs.vrchat.com/docs/osc-avatar-parameters. Which tracker has which number does not matter to VRChat, which
finds out at calibration where each is worn.
"""

import struct
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import Shape
from mocast.model.humanoid import HumanoidBone
from mocast.model.quaternions import Quaternion, Vector, euler_deg_one
from mocast.model.rig import Rig
from mocast.outputs.bone_poses import bone_in_world
from mocast.outputs.destination import Destination
from mocast.outputs.osc_layout import MAX_BUNDLE_BYTES, OscLayout, osc_bundle, osc_message
from mocast.outputs.output_options import PARTS, REST_HEIGHT_M, TRACKERS, OutputOptions, RigPart, VrchatTracker
from mocast.outputs.status import StatusRecorder
from mocast.outputs.triggers import Trigger
from mocast.outputs.udp import UdpOutput
from mocast.outputs.vrchat_parameters import FaceParameters, prefix_of
from mocast.outputs.vts_tokens import Tokens

B = HumanoidBone
TRACKED_BONES: Final[dict[VrchatTracker, tuple[HumanoidBone, ...]]] = {
    "hip": (B.HIPS,),
    "chest": (B.UPPER_CHEST,),
    "feet": (B.LEFT_FOOT, B.RIGHT_FOOT),
    "knees": (B.LEFT_LOWER_LEG, B.RIGHT_LOWER_LEG),
    "elbows": (B.LEFT_LOWER_ARM, B.RIGHT_LOWER_ARM),
}
"""The bones whose joint, and turn, a tracker has."""
_OF_LEGS: Final = frozenset(TRACKED_BONES["feet"] + TRACKED_BONES["knees"])

REFRESH_S: Final = 1.0
"""Parameters that stay as they are are sent so often, for avatars that were loaded meanwhile."""
LEAST_CHANGE: Final = 1 / 255
"""VRChat gives a parameter to other people as one byte."""


def make(
    options: OutputOptions, destination: Destination, recorder: StatusRecorder, _: Tokens, __: Sequence[Trigger]
) -> UdpOutput:
    """Return the output for these options; see ``mocast.outputs.output``."""
    encoder = VrchatEncoder(
        options.parts,
        options.trackers,
        height_m=options.height,
        prefix=options.prefix,
        arkit=options.names == "arkit",
    )
    return UdpOutput(destination, encoder, recorder, mirror=options.mirror)


class VrchatEncoder:
    """Writes a rig as trackers (the parts ``body`` and ``arms``), the head they are aligned by (``head``), eyes and
    parameters (``face``).

    While nobody is seen no tracker is sent, and while the legs are not, none of theirs: VRChat goes on without. Of the
    parameters those are sent that have changed, and all of them each ``REFRESH_S``.
    """

    def __init__(
        self,
        parts: Iterable[RigPart] = PARTS,
        trackers: Iterable[VrchatTracker] = TRACKERS,
        *,
        height_m: float = REST_HEIGHT_M,
        prefix: str = "",
        arkit: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts, wanted = set(parts), set(trackers)
        bones = [bone for name in TRACKERS if name in wanted for bone in TRACKED_BONES[name] if _part(name) in parts]
        self._scale = height_m / REST_HEIGHT_M
        self._whole = _Trackers(bones, head="head" in parts)
        self._upper = _Trackers([bone for bone in bones if bone not in _OF_LEGS], head="head" in parts)
        self._face = FaceParameters(prefix, arkit=arkit) if "face" in parts else None
        self._parameters = _Changes(self._face.names if self._face else (), clock)
        layout = OscLayout()
        self._gaze_word = layout.add("/tracking/eye/CenterPitchYaw", 0.0, 0.0)
        self._closed_word = layout.add("/tracking/eye/EyesClosedAmount", 0.0)
        self._eyes = layout.finish()
        self._tracking = {
            seen: osc_bundle([osc_message(f"/avatar/parameters/{prefix_of(prefix)}Tracking", [seen])])
            for seen in (False, True)
        }
        self._told: bool | None = None
        self._tell_at_s = float("-inf")
        self._clock = clock

    def encode(self, rig: Rig) -> Sequence[bytes | memoryview]:
        """Return the rig's packets, which the next call writes over."""
        packets: list[bytes | memoryview] = []
        if rig.found.anything:
            packets += (self._upper if rig.found.half_body else self._whole).encode(rig, self._scale)
        if self._face is not None:
            if rig.found.face:
                packets += self._eye_packets(rig)
                packets += self._parameters.packets(self._face.values(rig))
            now_s = self._clock()
            if rig.found.face != self._told or now_s >= self._tell_at_s:
                self._told, self._tell_at_s = rig.found.face, now_s + REFRESH_S
                packets.append(self._tracking[rig.found.face])
        return packets

    def _eye_packets(self, rig: Rig) -> Sequence[memoryview]:
        """Unity's angles: pitch down, yaw to the right."""
        yaw, pitch = rig.gaze_deg.tolist()
        self._eyes.write(self._gaze_word, (-pitch, -yaw))
        closed = (rig.shapes[Shape.EYE_BLINK_LEFT] + rig.shapes[Shape.EYE_BLINK_RIGHT]) / 2
        self._eyes.write(self._closed_word, [min(max(float(closed), 0.0), 1.0)])
        return self._eyes.packets


def _part(tracker: VrchatTracker) -> RigPart:
    return "arms" if tracker == "elbows" else "body"


class _Trackers:
    """Ready messages of trackers."""

    def __init__(self, bones: Sequence[HumanoidBone], *, head: bool) -> None:
        layout = OscLayout()
        self._words = {bone: _add_tracker(layout, str(number)) for number, bone in enumerate(bones, 1)}
        self._head = _add_tracker(layout, "head") if head and bones else None
        self._osc = layout.finish()

    def encode(self, rig: Rig, scale: float) -> Sequence[memoryview]:
        for bone, words in self._words.items():
            self._write(words, *bone_in_world(rig, bone), scale)
        if self._head is not None:
            _, rotation = bone_in_world(rig, HumanoidBone.HEAD)
            left, right = (np.array(bone_in_world(rig, eye)[0]) for eye in (B.LEFT_EYE, B.RIGHT_EYE))
            x, y, z = ((left + right) / 2).tolist()  # where a headset is
            self._write(self._head, (x, y, z), rotation, scale)
        return self._osc.packets

    def _write(self, words: tuple[int, int], position: Vector, rotation: Quaternion, scale: float) -> None:
        x, y, z = position
        qx, qy, qz, qw = rotation
        self._osc.write(words[0], (-x * scale, y * scale, z * scale))
        self._osc.write(words[1], euler_deg_one((qx, -qy, -qz, qw)))


def _add_tracker(layout: OscLayout, name: str) -> tuple[int, int]:
    """The words of its position and rotation."""
    position, rotation = (
        layout.add(f"/tracking/trackers/{name}/{what}", 0.0, 0.0, 0.0) for what in ("position", "rotation")
    )
    return position, rotation


class _Changes:
    """Bundles of those parameters that have changed."""

    def __init__(self, names: Sequence[str], clock: Callable[[], float]) -> None:
        messages = [osc_message(f"/avatar/parameters/{name}", [0.0]).dgram for name in names]
        self._elements = [struct.pack(">i", len(message)) + message[:-4] for message in messages]
        "Of a bundle: the message's length and the message, without its value."
        self._head = osc_bundle([])
        self._last = np.full(len(names), np.inf, np.float32)
        self._clock = clock
        self._refresh_at_s = float("-inf")

    def packets(self, values: NDArray[np.float32]) -> list[bytes]:
        now_s = self._clock()
        if now_s >= self._refresh_at_s:
            self._refresh_at_s = now_s + REFRESH_S
            changed = np.arange(len(values))
        else:
            changed = np.flatnonzero(np.abs(values - self._last) >= LEAST_CHANGE)
        self._last[changed] = values[changed]
        packets, bundle = [], self._head
        for index in changed.tolist():
            element = self._elements[index] + struct.pack(">f", values[index])
            if len(bundle) + len(element) > MAX_BUNDLE_BYTES:
                packets.append(bundle)
                bundle = self._head
            bundle += element
        return [*packets, bundle] if len(bundle) > len(self._head) else packets
