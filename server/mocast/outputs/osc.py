"""Plain OSC with addresses of our own, for programs that take any: TouchDesigner, Max, Resolume, your own.

``docs/avatars.md`` has the addresses. Spaces are those of ``mocast.model``: avatar space, and the picture's.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES
from mocast.model.names import camel
from mocast.model.rig import Rig
from mocast.model.topology import HandLandmark, PoseLandmark
from mocast.model.tracked import Tracked
from mocast.outputs.bone_poses import LastHead
from mocast.outputs.destination import Destination
from mocast.outputs.osc_layout import OscLayout
from mocast.outputs.output_options import PARTS, OutputOptions, RigPart
from mocast.outputs.sent_bones import bones_of
from mocast.outputs.status import StatusRecorder
from mocast.outputs.triggers import Trigger
from mocast.outputs.udp import Packets, UdpOutput, UdpSender
from mocast.outputs.vts_tokens import Tokens

PREFIX: Final = "mocast"
POSE_NAMES: Final = tuple(camel(landmark.name) for landmark in PoseLandmark)
HAND_NAMES: Final = tuple(camel(landmark.name) for landmark in HandLandmark)
_INT32: Final = 0x7FFF_FFFF


def make(
    options: OutputOptions, destination: Destination, recorder: StatusRecorder, _: Tokens, __: Sequence[Trigger]
) -> UdpOutput:
    """Return the output for these options; see ``mocast.outputs.output``."""
    prefix = options.prefix.strip("/") or PREFIX
    encoder = OscEncoder(options.parts, prefix)
    if not options.landmarks:
        return UdpOutput(destination, encoder, recorder, mirror=options.mirror)
    landmarks = UdpSender(destination, LandmarksEncoder(prefix).encode, StatusRecorder(f"osc landmarks {destination}"))
    return OscOutput(landmarks, destination, encoder, recorder, mirror=options.mirror)


class OscOutput(UdpOutput):
    """Sends landmarks beside rigs, each from a thread of its own. Its status is that of the rigs."""

    def __init__(
        self,
        landmarks: UdpSender[Tracked],
        destination: Destination,
        encoder: "OscEncoder",
        recorder: StatusRecorder,
        *,
        mirror: bool,
    ) -> None:
        super().__init__(destination, encoder, recorder, mirror=mirror)
        self.landmarks = self._sender = landmarks

    def start(self) -> None:
        """Begin to send."""
        self._sender.start()
        super().start()

    def close(self) -> None:
        """Send nothing more; does not wait."""
        self._sender.close()
        super().close()

    async def wait_closed(self) -> None:
        """Wait, once closed, until the threads have ended."""
        await self._sender.wait_closed()
        await super().wait_closed()


def base_address(prefix: str, person: int) -> str:
    """Return what a person's addresses begin with."""
    return f"/{prefix}/person{person}" if person else f"/{prefix}"


class OscEncoder:
    """Writes rigs; each person's messages are laid out when the first rig of theirs comes."""

    def __init__(self, parts: Iterable[RigPart] = PARTS, prefix: str = PREFIX) -> None:
        self._parts = frozenset(parts)
        self._prefix = prefix
        self._of_person: dict[int, _RigMessages] = {}

    def encode(self, rig: Rig) -> Packets:
        """Return the rig's bundles, which the next call writes over."""
        messages = self._of_person.get(rig.person)
        if messages is None:
            base = base_address(self._prefix, rig.person)
            messages = self._of_person[rig.person] = _RigMessages(base, self._parts)
        return messages.encode(rig)


class _RigMessages:
    """One person's ready messages of a rig."""

    def __init__(self, base: str, parts: frozenset[RigPart]) -> None:
        layout = OscLayout()
        self._frame = layout.add(f"{base}/frame", 0)
        self._found = layout.add(f"{base}/found", 0, 0, 0, 0, 0)
        self._hips = layout.add(f"{base}/hips", 0.0, 0.0, 0.0) if "body" in parts else None
        self._head = layout.add(f"{base}/head", *(0.0,) * 6, 1.0) if "head" in parts else None
        self._bones = np.array(bones_of(parts), np.intp)
        starts = [layout.add(f"{base}/bone/{BONE_NAMES[bone]}", 0.0, 0.0, 0.0, 1.0) for bone in self._bones]
        self._bone_words = np.array(starts, np.intp)[:, None] + np.arange(4)
        self._gaze: int | None = None
        if "face" in parts:
            self._gaze = layout.add(f"{base}/gaze", 0.0, 0.0)
            self._shape_words = [layout.add(f"{base}/shape/{name}", 0.0) for name in SHAPE_NAMES]
            self._expression_words = [layout.add(f"{base}/expression/{name}", 0.0) for name in EXPRESSION_NAMES]
        self._osc = layout.finish()
        self._last_head = LastHead()

    def encode(self, rig: Rig) -> Packets:
        osc, found = self._osc, rig.found
        osc.integers[self._frame] = rig.frame & _INT32
        seen = (found.body, found.face, found.left_hand, found.right_hand, found.half_body)
        osc.integers[self._found : self._found + len(seen)] = seen
        if self._hips is not None:
            osc.write(self._hips, rig.hips)
        if self._head is not None:
            position, rotation = self._last_head.of(rig)
            osc.write(self._head, position + rotation)
        osc.floats[self._bone_words] = rig.rotations[self._bones]
        if self._gaze is not None:
            osc.write(self._gaze, rig.gaze_deg)
            osc.floats[self._shape_words] = rig.shapes
            osc.floats[self._expression_words] = rig.expressions
        return osc.packets


class LandmarksEncoder:
    """Writes landmarks of body and hands; a part that is not found is not sent."""

    def __init__(self, prefix: str = PREFIX) -> None:
        self._prefix = prefix
        self._parts: dict[tuple[int, str], _PartMessages] = {}

    def encode(self, tracked: Tracked) -> Packets:
        """Return the frame's bundles, which the next call writes over."""
        packets: list[bytes | memoryview] = []
        if tracked.pose is not None:
            seen = tracked.pose.visibility[:, None]
            part = self._part(tracked.person, "pose", POSE_NAMES, 7)
            packets += part.encode(np.concatenate([tracked.pose.image, tracked.pose.world, seen], axis=1))
        for name, hand in (("leftHand", tracked.left_hand), ("rightHand", tracked.right_hand)):
            if hand is not None:
                part = self._part(tracked.person, name, HAND_NAMES, 6)
                packets += part.encode(np.concatenate([hand.image, hand.world], axis=1))
        return packets

    def _part(self, person: int, name: str, landmarks: Sequence[str], width: int) -> "_PartMessages":
        part = self._parts.get((person, name))
        if part is None:
            base = f"{base_address(self._prefix, person)}/landmark/{name}"
            part = self._parts[person, name] = _PartMessages([f"{base}/{landmark}" for landmark in landmarks], width)
        return part


class _PartMessages:
    """Ready messages of a part's landmarks: of each, ``width`` numbers."""

    def __init__(self, addresses: Sequence[str], width: int) -> None:
        layout = OscLayout()
        starts = [layout.add(address, *(0.0,) * width) for address in addresses]
        self._words = np.array(starts, np.intp)[:, None] + np.arange(width)
        self._osc = layout.finish()

    def encode(self, values: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> Sequence[memoryview]:
        self._osc.floats[self._words] = values
        return self._osc.packets
