"""A further camera of a room, for a part of the person: a sink of its rigs that feeds the room's mixer."""

import contextlib
from typing import Final

from mocast.mixing.rig_source import pose_of
from mocast.model.mixed_parts import MixedPart, SourceName
from mocast.model.options import CameraPart
from mocast.model.rig import Rig
from mocast.rooms.room_mixer import RoomMixer

PARTS_OF: Final[dict[CameraPart, tuple[SourceName, tuple[MixedPart, ...]]]] = {
    "face": ("face_camera", ("head", "face", "eyes", "mouth")),
    "body": ("body_camera", ("arms", "hands", "fingers", "body")),
}
"""As which source a camera feeds the mixer, and with what."""


class PartCamera:
    """The sink of one part's rigs."""

    def __init__(self, mixer: RoomMixer, part: CameraPart) -> None:
        source, self._parts = PARTS_OF[part]
        self._feeding = contextlib.ExitStack()
        self._take = self._feeding.enter_context(mixer.feed(source))

    def send(self, rig: Rig) -> None:
        """Called on the further camera's thread."""
        if rig.person == 0:
            self._take(pose_of(rig, self._parts))

    def close(self) -> None:
        """Feed nothing more."""
        self._feeding.close()
