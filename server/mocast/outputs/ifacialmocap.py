"""iFacialMocap's text: the 52 shapes, head and eyes of a face, one UDP packet a frame.

Source: https://www.ifacialmocap.com/for-developer/. The page gives names, ranges and degrees but no axes; those are
read off its sample frame, whose shapes and eyes say the same in two ways: x down, y to the subject's left, and a
position in metres before a camera that looks along -z. A receiver that takes them for Unity's shows a mirror image.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from mocast.model.blendshapes import SHAPE_NAMES
from mocast.model.quaternions import euler_deg_one
from mocast.model.rig import Rig
from mocast.outputs.bone_poses import LastHead
from mocast.outputs.destination import Destination
from mocast.outputs.output_options import PARTS, OutputOptions, RigPart
from mocast.outputs.status import StatusRecorder
from mocast.outputs.triggers import Trigger
from mocast.outputs.udp import UdpOutput
from mocast.outputs.vts_tokens import Tokens

_SIDEWAYS: Final = ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
"""The one jaw and the one mouth move to a side; all others are of a side."""


def _short(name: str) -> str:
    """``eyeBlinkLeft`` → ``eyeBlink_L``."""
    for long, short in (("Left", "_L"), ("Right", "_R")):
        if name.endswith(long) and name not in _SIDEWAYS:
            return name.removesuffix(long) + short
    return name


NAMES: Final = tuple(_short(name) for name in SHAPE_NAMES)
"""In the order of ``Shape``."""


def make(
    options: OutputOptions, destination: Destination, recorder: StatusRecorder, _: Tokens, __: Sequence[Trigger]
) -> UdpOutput:
    """Return the output for these options; see ``mocast.outputs.output``."""
    return UdpOutput(destination, IFacialMocapEncoder(options.parts), recorder, mirror=options.mirror)


class IFacialMocapEncoder:
    """Writes a rig's face. Without the part ``face`` all shapes are 0; without ``head`` the head keeps still."""

    def __init__(self, parts: Iterable[RigPart] = PARTS) -> None:
        parts = set(parts)
        self._face = "face" in parts
        self._head = "head" in parts
        self._last_head = LastHead()

    def encode(self, rig: Rig) -> Sequence[bytes]:
        """Return the rig's packet."""
        percent = np.rint(rig.shapes.clip(0, 1) * 100).astype(int).tolist() if self._face else [0] * len(NAMES)
        shapes = "|".join(f"{name}-{value}" for name, value in zip(NAMES, percent, strict=True))
        yaw, pitch = rig.gaze_deg.tolist() if self._face else (0.0, 0.0)
        eye = _numbers(-pitch, yaw, 0.0)
        return [f"{shapes}|=head#{self._head_numbers(rig)}|rightEye#{eye}|leftEye#{eye}|".encode("ascii")]

    def _head_numbers(self, rig: Rig) -> str:
        if not self._head:
            return _numbers(*(0.0,) * 6)
        (x, y, z), rotation = self._last_head.of(rig)
        return _numbers(*euler_deg_one(rotation), x, y, -z)


def _numbers(*values: float) -> str:
    """Six decimals, never an exponent: not every receiver reads one."""
    return ",".join(f"{value + 0.0:.6f}" for value in values)
