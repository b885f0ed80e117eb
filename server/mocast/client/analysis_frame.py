"""What the motion of a person means in one frame, by its names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

VERSION: Final = 1
"""Of the JSON of ``docs/wire-format.md``."""

Part = Mapping[str, Any]
"""Named as in ``docs/analysis.md``; a number that is not known is ``None``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnalysisFrame:
    """An analysis: ``frame.angles["left_knee"]["degrees"]``, ``frame.left_hand["gesture"]``.

    A part that cannot be told in this frame, or that the server does not know, is ``None``. Left and right are the
    subject's.
    """

    frame: int
    "The frame's number in the room."
    pts: int
    "The frame's time, 90 kHz, modulo 2³²."
    person: int
    "Index of the person, which stays theirs: 0 where one is tracked."
    delay_ms: int
    "From decoded to analysed."
    angles: Mapping[str, Part] | None = None
    """Of 20 joint angles: ``degrees``, ``speed_deg_s``, ``error_deg`` (to be expected), ``faces_camera`` (whether it is
    seen well), ``lowest_deg`` and ``highest_deg`` (the range so far)."""
    symmetry: Mapping[str, Part] | None = None
    "Of the 8 pairs among them: ``difference_deg`` and ``range_percent``."
    repetitions: Sequence[Part] | None = None
    "Of each exercise that is counted: ``exercise``, ``count``, ``phase``, ``progress`` and ``last``, among others."
    similarity: Part | None = None
    "To the session's reference: ``score`` and ``limbs``; of a motion ``progress``, ``count`` and others, too."
    present: bool | None = None
    "Whether somebody has been seen for a while."
    left_hand: Part | None = None
    "``gesture``, ``confidence`` and ``pinch``."
    right_hand: Part | None = None
    "The same."
    zoom: float | None = None
    "How far two pinching hands have come apart."
    head: Part | None = None
    "``gesture``, ``yaw_deg``, ``blinks_per_minute``, ``gaze_off_screen`` and others."
    posture: Part | None = None
    "``posture`` and its angles."
    events: Sequence[Part] | None = None
    "What happened in this frame: ``type``, ``at`` and ``data`` of each."

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the analysis in a recording's line or a message of a room's WebSocket.

        ``None`` where it is of another type or version.
        """
        message = orjson.loads(text)
        if message.get("type") != "analysis" or message.get("version") != VERSION:
            return None
        return cls(**{name: message[name] for name in cls.__dataclass_fields__ if name in message})
