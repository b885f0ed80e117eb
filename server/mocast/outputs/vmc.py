"""The VMC protocol 3.1: a humanoid's bones and blend shapes as OSC bundles over UDP, performer to marionette.

Source: https://protocol.vmc.info/specification and, in English, with less in it, https://protocol.vmc.info/english
(sh-akira/VirtualMotionCaptureProtocol, MIT). Spaces: *Unity's* is left-handed, Y up, the avatar faces +Z, so its left
is -X; from avatar space: p → (-x, y, z), q → (x, -y, -z, w).
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES, REST_OFFSETS, HumanoidBone
from mocast.model.quaternions import MIRROR_ROTATION, MIRROR_VECTOR
from mocast.model.rig import Rig
from mocast.outputs.destination import Destination
from mocast.outputs.osc_layout import OscLayout
from mocast.outputs.output_options import PARTS, OutputOptions, RigPart, ShapeNames
from mocast.outputs.sent_bones import bones_of
from mocast.outputs.status import StatusRecorder
from mocast.outputs.triggers import Trigger, Triggers
from mocast.outputs.udp import UdpOutput
from mocast.outputs.vts_tokens import Tokens
from mocast.rigging.retargeting.avatar_fitter import AvatarFitter, read_avatar
from mocast.rigging.retargeting.proportions import Proportions

MAX_BUNDLE_BONES: Final = 16
_BONE: Final = "/VMC/Ext/Bone/Pos"

LOADED, CALIBRATED, NORMAL_MODE = 1, 3, 0
"""``/VMC/Ext/OK``: an avatar is loaded, it is calibrated, and there is no mixed reality."""

VRM0_NAMES: Final = ("Joy", "Angry", "Sorrow", "Fun", "Surprised", "A", "I", "U", "E", "O", "Blink_L", "Blink_R")
"""In the order of ``Expression``; case-sensitive. VRM 0 has no preset for surprise: ``Surprised`` is its customary
name."""
ARKIT_NAMES: Final = tuple(name[0].upper() + name[1:] for name in SHAPE_NAMES)
"""In the order of ``Shape``; as Unity's ``ARKitBlendShapeLocation`` writes them, which the protocol refers to."""

CAMERA_POSITION: Final = (0.0, 1.4, 1.3)
"""Avatar space, metres: before the bust of an avatar of the height of ``humanoid.REST_POSITIONS``."""
CAMERA_ROTATION: Final = (0.0, 1.0, 0.0, 0.0)
"""A camera of Unity looks along its +Z: half a turn about Y, and it looks at the avatar."""
CAMERA_FOV_DEG: Final = 35.0

_UNITY_POSITION: Final = MIRROR_VECTOR.astype(np.float32)
_UNITY_ROTATION: Final = MIRROR_ROTATION.astype(np.float32)
_CAMERA_IN_UNITY: Final[list[float]] = [
    *(np.array(CAMERA_POSITION) * _UNITY_POSITION).tolist(),
    *(np.array(CAMERA_ROTATION) * _UNITY_ROTATION).tolist(),
]


def make(
    options: OutputOptions,
    destination: Destination,
    recorder: StatusRecorder,
    _: Tokens,
    triggers: Sequence[Trigger],
    avatar: Path | None = None,
) -> UdpOutput:
    """Return the output for these options; see ``mocast.outputs.output``.

    ``avatar``: the VRM that the app shows. Raises ``ValueError`` where it cannot be read.
    """
    raised = RaisedBlends()
    blends = [trigger.blend for trigger in triggers if trigger.blend is not None]
    encoder = VmcEncoder(
        options.names,
        options.parts,
        camera=options.camera,
        more_blends=blends,
        raised=raised,
        avatar=read_avatar(avatar) if avatar is not None else None,
    )
    return UdpOutput(
        destination, encoder, recorder, mirror=options.mirror, triggers=Triggers(triggers, raised.on_change)
    )


def unity_name(bone: HumanoidBone) -> str:
    """Return a bone's name in Unity's ``HumanBodyBones``, whose thumbs begin with what VRM 1.0 calls metacarpal."""
    name = BONE_NAMES[bone]
    if "Thumb" in name:
        name = name.replace("Proximal", "Intermediate").replace("Metacarpal", "Proximal")
    return name[0].upper() + name[1:]


class RaisedBlends:
    """The blend shapes that triggers raise at present. Changed on one thread at a time, read on any."""

    def __init__(self) -> None:
        self.values: Mapping[str, float] = {}
        "By name: at least so much of it is sent."
        self._on: set[Trigger] = set()

    def on_change(self, trigger: Trigger, is_on: bool) -> None:
        """Raise a trigger's blend shape, or let go of it."""
        if trigger.blend is None:
            return
        (self._on.add if is_on else self._on.discard)(trigger)
        values: dict[str, float] = {}
        for on in self._on:
            values[on.blend or ""] = max(values.get(on.blend or "", 0.0), on.value)
        self.values = values


class VmcEncoder:
    """Writes rigs into one buffer of ready OSC bundles, of which only the numbers change.

    A frame is Root, Bones, Blends, Apply, Cam, OK and T: the protocol's samples send those of them that they have in
    this order.
    """

    def __init__(
        self,
        names: ShapeNames = "vrm0",
        parts: Iterable[RigPart] = PARTS,
        *,
        camera: bool = False,
        more_blends: Iterable[str] = (),
        raised: RaisedBlends | None = None,
        avatar: Proportions | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``more_blends``: names of blend shapes that triggers raise, of which ``raised`` tells.

        ``avatar``: whose bones are sent, and to whom rigs are fitted; without it those of the skeleton at rest.
        """
        parts = set(parts)
        self._raised = raised or RaisedBlends()
        self._clock = clock
        self._started_at = clock()
        self._shapes = names == "arkit"
        bones = bones_of(parts)
        blends = _blend_names(names) if "face" in parts else ()
        layout = OscLayout({_BONE: MAX_BUNDLE_BONES})
        layout.add("/VMC/Ext/Root/Pos", "root", *(0.0,) * 6, 1.0)
        self._fitter = AvatarFitter(avatar) if avatar is not None else None
        offsets = np.array(avatar.offsets, np.float32) if avatar is not None else REST_OFFSETS
        rest = offsets * _UNITY_POSITION
        bone_words = {
            bone: layout.add(_BONE, unity_name(bone), *map(float, rest[bone]), 0.0, 0.0, 0.0, 1.0) for bone in bones
        }
        self._word_of_blend = _add_blends(layout, (*blends, *more_blends))
        if camera:
            layout.add("/VMC/Ext/Cam", "Camera", *_CAMERA_IN_UNITY, CAMERA_FOV_DEG)
        ok_word = layout.add("/VMC/Ext/OK", LOADED, CALIBRATED, NORMAL_MODE, 0)
        self._time_word = layout.add("/VMC/Ext/T", 0.0)
        osc = layout.finish()
        self._packets, self._floats, self._integers = osc.packets, osc.floats, osc.integers
        # The blend shapes open the mouth. A jaw that turned as well would open it twice, and of many models it is hair.
        self._bones = np.array([bone for bone in bones if bone != HumanoidBone.JAW], np.intp)
        self._rotation_words = np.array([bone_words[bone] for bone in self._bones], np.intp)[:, None] + np.arange(3, 7)
        self._hips_word = bone_words.get(HumanoidBone.HIPS)
        self._blend_words = np.array([self._word_of_blend[name] for name in blends], np.intp)
        self._other_blend_words = np.array(list(self._word_of_blend.values())[len(blends) :], np.intp)
        self._tracking_word = ok_word + 3

    def encode(self, rig: Rig) -> Sequence[memoryview]:
        """Return the rig's bundles. They are the encoder's own: the next call writes over them."""
        if self._fitter is not None:
            rig = self._fitter.fit(rig)
        self._floats[self._rotation_words] = rig.rotations[self._bones] * _UNITY_ROTATION
        if self._hips_word is not None:
            self._floats[self._hips_word : self._hips_word + 3] = rig.hips * _UNITY_POSITION
        if len(self._blend_words):
            self._floats[self._blend_words] = rig.shapes if self._shapes else rig.expressions
        self._floats[self._other_blend_words] = 0.0
        for name, value in self._raised.values.items():
            word = self._word_of_blend[name]
            self._floats[word] = max(self._floats[word], value)
        self._integers[self._tracking_word] = rig.found.anything
        self._floats[self._time_word] = self._clock() - self._started_at
        return self._packets


def _blend_names(names: ShapeNames) -> tuple[str, ...]:
    return {"vrm0": VRM0_NAMES, "vrm1": EXPRESSION_NAMES, "arkit": ARKIT_NAMES}[names]


def _add_blends(layout: OscLayout, names: Iterable[str]) -> dict[str, int]:
    """Add a message for each blend shape, and the one that applies them; return the word of each one's value."""
    words = {name: layout.add("/VMC/Ext/Blend/Val", name, 0.0) for name in dict.fromkeys(names)}
    if words:
        layout.add("/VMC/Ext/Blend/Apply")
    return words
