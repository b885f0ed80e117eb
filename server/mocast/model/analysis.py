"""Analyses: what a person's motion means in one frame, in degrees, counts and events; frozen records."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mocast.model.gestures import HandGesture
from mocast.model.head import HeadState
from mocast.model.posture import Posture

EventType = Literal["gesture", "rep", "posture", "hands_lost", "person_lost", "fall", "head", "drowsy", "motion"]
"""What may happen."""

AngleName = Literal[
    "left_elbow",
    "right_elbow",
    "left_shoulder_flexion",
    "right_shoulder_flexion",
    "left_shoulder_abduction",
    "right_shoulder_abduction",
    "left_wrist",
    "right_wrist",
    "left_hip_flexion",
    "right_hip_flexion",
    "left_hip_abduction",
    "right_hip_abduction",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "neck",
    "trunk_lean",
    "trunk_side_lean",
    "trunk_twist",
]
"""Joint angles; left and right are the subject's and alternate, then come the middle ones."""
ANGLE_NAMES: Final[tuple[AngleName, ...]] = get_args(AngleName)
"""In the order of every array of angles."""
ANGLE_COUNT: Final = len(ANGLE_NAMES)
ANGLE_INDEX: Final[dict[AngleName, int]] = {name: index for index, name in enumerate(ANGLE_NAMES)}

PAIR_NAMES: Final = tuple(name.removeprefix("left_") for name in ANGLE_NAMES if name.startswith("left_"))
"""Angles that the body has a left and a right one of, in the order of ``Symmetry``'s arrays."""
PAIR_COUNT: Final = len(PAIR_NAMES)

Degrees = NDArray[np.float32]
"""(n,) float32, degrees; NaN where it is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class JointAngles:
    """A body's joint angles, each array (20,) in the order of ``ANGLE_NAMES``. ``docs/analysis.md`` defines them."""

    degrees: Degrees
    speed_deg_s: Degrees
    "Angular velocity, degrees per second, filtered."
    error_deg: Degrees
    "The error to expect in this view, as an estimate."
    faces_camera: NDArray[np.bool_]
    "Whether the joint is seen, in a view in which its angle can be told well. Where not, it may be withheld."
    lowest_deg: Degrees
    "The range of motion begins here: since the session began, or its ranges were reset."
    highest_deg: Degrees
    "The range of motion ends here."

    def of(self, name: AngleName) -> float:
        """Return an angle in degrees; NaN where it is not known."""
        return float(self.degrees[ANGLE_INDEX[name]])


@dataclass(frozen=True, slots=True, eq=False)
class Symmetry:
    """How alike the body's sides move, each array (8,) in the order of ``PAIR_NAMES``."""

    difference_deg: Degrees
    "The left angle less the right one, in this frame."
    range_percent: NDArray[np.float32]
    """(8,) float32: the difference of both ranges of motion, of their mean: 0 where they are alike, above 0 where the
    left one is larger. NaN where it is not known."""


ExercisePhase = Literal["waiting", "start", "out", "end", "back", "held"]
"""Of an exercise: not at its start yet, at its start, on the way to its end, at its end, on the way back; or held."""
BodySide = Literal["left", "right", "both"]


@dataclass(frozen=True, slots=True)
class Repetition:
    """One repetition of an exercise, or one time that it was held."""

    exercise: str
    count: int
    "Which one it is, from 1 on."
    side: BodySide = "both"
    "Which side made it, of exercises whose sides count by themselves."
    depth: float = 1.0
    "How far it went: 1 is the exercise's end, more is deeper."
    reached: float | None = None
    "The exercise's measure where it was deepest: degrees, lengths of the trunk or a share; ``None`` where it was held."
    out_s: float = 0.0
    "Seconds from the start until it was nearly as deep as it would be."
    hold_s: float = 0.0
    "Seconds for which it was nearly that deep, or was held."
    back_s: float = 0.0
    "Seconds from then to the start."
    hint: str = ""
    "The name of the one thing that could be better; empty where there is none."
    advice: str = ""
    "The same as a sentence."


@dataclass(frozen=True, slots=True)
class ExerciseState:
    """An exercise that is counted: where the body is in it, and what was counted so far."""

    exercise: str
    phase: ExercisePhase
    progress: float
    "0 at the start, 1 at the end of a repetition; below and above are possible."
    count: int
    "Repetitions, or times that it was held for long enough."
    partial: int
    "Repetitions that turned back before the end: half ones, which do not count."
    seconds: float = 0.0
    "For how long it is held now, or was the last time; 0 where repetitions are counted."
    last: Repetition | None = None
    "The last repetition that counted."


Limb = Literal["torso", "head", "left_arm", "right_arm", "left_leg", "right_leg"]


@dataclass(frozen=True, slots=True)
class Similarity:
    """How alike two poses, or two motions, are."""

    score: float
    "0 to 100."
    limbs: Mapping[Limb, float]
    "0 to 100 each; without those that are not seen in both."


@dataclass(frozen=True, slots=True)
class FollowedMotion(Similarity):
    """How alike a pose is to the moment of a reference motion that the person is at, and how far it got in it."""

    progress: float
    "0 at the motion's begin, 1 at its end."
    so_far: float | None
    "The score of all moments since it began, 0 to 100: limbs count as they move in the reference. ``None`` before."
    count: int
    "How often it was done to its end."
    last: float | None
    "The score of the last time that it was done to its end."
    tempo: float | None
    "How many times as fast as the reference that was."


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a person."""

    type: EventType
    pts: int
    "RTP timestamp of the frame in which it was noticed, 90 kHz, unwrapped."
    at_ns: int
    "When it was noticed: nanoseconds since 1970, UTC."
    person: int = 0
    "Index of the person in the picture."
    data: Mapping[str, str | float | int | bool] = field(default_factory=dict)
    "What is special to its type; ``docs/analysis.md`` lists it."


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The analysis of one person in one frame. A part that cannot be told is ``None``.

    On the wire each field from ``angles`` on has its own name (``mocast.wire.analysis_json``).
    """

    frame: int
    "The number of the frame that it was made from."
    pts: int
    "That frame's RTP timestamp, 90 kHz, unwrapped."
    decoded_at_ns: int
    "When that frame was decoded, on the monotonic clock."
    analysed_at_ns: int = field(default_factory=time.monotonic_ns)
    "When the analysis was ready, on the monotonic clock."
    person: int = 0
    "Whose analysis it is: that of ``Tracked.person``."
    angles: JointAngles | None = None
    symmetry: Symmetry | None = None
    present: bool = False
    "Whether a person, or a part of one, has been seen for a while."
    left_hand: HandGesture | None = None
    "``None`` while it is not seen."
    right_hand: HandGesture | None = None
    zoom: float | None = None
    """How far both hands have come apart since they pinch: 1 where they began, 2 at twice the distance. ``None`` while
    they do not both pinch."""
    head: HeadState | None = None
    "``None`` while no face is seen."
    posture: Posture | None = None
    repetitions: tuple[ExerciseState, ...] = ()
    "Of the exercises that the options name, in their order."
    similarity: Similarity | None = None
    "To the session's reference, where it has one."
    events: tuple[Event, ...] = ()
    "What happened in this frame."

    @property
    def delay_ms(self) -> int:
        """Whole milliseconds from decoded to analysed, not negative."""
        return max(round((self.analysed_at_ns - self.decoded_at_ns) / 1e6), 0)
