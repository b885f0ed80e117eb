"""Quality profiles: what ``best``, ``exact``, ``balanced`` and ``fast`` leave out, if anything.

docs/tracking-speed.md has each saving's cost. All numbers are our own: chosen by ``bench.parity`` over clips of
signing, against MediaPipe's own noise, and with ``--rig`` by what an avatar shows of them.
"""

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

from mocast.model.options import OfflineQuality
from mocast.tracking.openvino.networks.conversion import WantedPrecision


@dataclass(frozen=True, slots=True)
class RedetectionPolicy:
    """How often a tracked region is compared with where its part is detected anew."""

    max_drift: float
    "The drift (see ``drift.py``; 1 ends the tracking) up to which a re-detection is skipped."
    max_skipped: int
    "Frames in a row without a re-detection, at most."


@dataclass(frozen=True, slots=True)
class BackoffPolicy:
    """How often something that was not found is searched again; see ``SearchBackoff``."""

    free_misses: int
    "Unsuccessful searches in a row before the back-off begins."
    max_frames: int
    "Frames between two searches, at most; 0: there is a search in every frame."
    first_frames: int = 1
    "Frames that are skipped first; then twice as many each time."


NO_BACKOFF: Final = BackoffPolicy(free_misses=1, max_frames=0)


@dataclass(frozen=True, slots=True)
class QualityProfile:
    """What is computed for a frame."""

    hand_precision: WantedPrecision
    "Of the hands' landmarks."
    body_precision: WantedPrecision
    "The same for the body's landmarks."
    body_network: Literal["pose_landmark", "pose_landmark_heavy"]
    face_redetection: RedetectionPolicy
    hand_redetection: RedetectionPolicy
    backoff: BackoffPolicy
    "For searches of bodies, faces and hands without a body."
    hand_backoff: BackoffPolicy
    """For searches of a body's hands. That of ``balanced`` searches in frames in which ``exact`` does, too: it finds a
    hand in the same frame, or later by two or four."""
    doubtful_hand_frames: int
    "Frames until the next search for a hand whose score is too low, but not clearly so."
    min_score_of_new_hand: float
    "The score, 0..1, from which a hand is reported in its first frame; below, from its second frame on."
    max_speed_of_new_hand: float
    """Search regions per frame at 30 frames per second: a hand that is not tracked is not searched while it is faster,
    as its picture is blurred then. Measured: at more than 0.3, 14 of 100 searches find one; at less, 38."""
    drops_duplicate_hands: bool
    "Whether a hand that was found as the left and as the right one is reported, and tracked, once. MediaPipe does not."
    skips_frames: bool
    "Whether networks are skipped in frames where nothing changed, or where landmarks are extrapolated."
    max_body_speed: float
    """Torso lengths per second: a body whose limbs move more slowly is extrapolated in every second frame. 0: never.
    Both speeds."""
    max_face_residual: float
    """Widths of the face: one whose points moved otherwise than the head by more is not followed through the picture,
    but observed; see ``FaceMotion``. 0: always."""
    max_hand_speed: float
    "Longer sides of the hand's bounding box per second, of a hand of a body."
    max_body_change: float
    """Share of the body's region in which the picture may have changed since it was observed, where it is extrapolated;
    see ``ExtrapolatingSkipper``."""
    max_lone_hand_speed: float
    "The same of hands without a body, and of all where there is no time for all frames."
    faces_by_place: bool = True
    "Whether a face is chosen among several by where it is; by its score alone, as MediaPipe does, where not."
    still: bool = False
    "Whether pictures are unrelated: nothing is tracked from one to the next."
    rests_detector: bool = False
    """Whether the detector of bodies is given back while one is tracked. Not in files' workers: OpenVINO loads nothing
    in a process that was forked."""

    def for_stills(self) -> "QualityProfile":
        """Return the profile for unrelated pictures: what depends on earlier ones is off."""
        return replace(
            self,
            still=True,
            backoff=NO_BACKOFF,
            hand_backoff=NO_BACKOFF,
            doubtful_hand_frames=0,
            min_score_of_new_hand=0,
            max_speed_of_new_hand=math.inf,
            skips_frames=False,
        )


_EXACT: Final = QualityProfile(
    hand_precision="f32",
    body_precision="f32",
    body_network="pose_landmark",
    face_redetection=RedetectionPolicy(max_drift=0.9, max_skipped=7),
    hand_redetection=RedetectionPolicy(max_drift=0.9, max_skipped=3),
    backoff=BackoffPolicy(free_misses=3, max_frames=1),
    hand_backoff=BackoffPolicy(free_misses=3, max_frames=1),
    doubtful_hand_frames=0,
    min_score_of_new_hand=0.5,
    max_speed_of_new_hand=math.inf,
    drops_duplicate_hands=False,
    skips_frames=False,
    max_body_speed=0,
    max_face_residual=0,
    max_hand_speed=0,
    max_body_change=math.inf,
    max_lone_hand_speed=0,
    faces_by_place=False,
)
_BEST: Final = replace(
    _EXACT,
    body_network="pose_landmark_heavy",
    drops_duplicate_hands=True,
    face_redetection=RedetectionPolicy(max_drift=0, max_skipped=0),
    hand_redetection=RedetectionPolicy(max_drift=0, max_skipped=0),
    backoff=replace(_EXACT.backoff, max_frames=0),
    hand_backoff=replace(_EXACT.hand_backoff, max_frames=0),
    faces_by_place=True,
)
_BALANCED: Final = replace(
    _EXACT,
    hand_precision="reduced",
    hand_redetection=RedetectionPolicy(max_drift=1.0, max_skipped=7),
    backoff=BackoffPolicy(free_misses=1, max_frames=3),
    hand_backoff=BackoffPolicy(free_misses=2, max_frames=3, first_frames=2),
    max_speed_of_new_hand=0.5,
    drops_duplicate_hands=True,
    skips_frames=True,
    max_body_speed=1.0,
    max_face_residual=0.007,
    max_hand_speed=0.6,
    max_body_change=0.0075,
    max_lone_hand_speed=1.8,
    faces_by_place=True,
)
_FAST: Final = replace(
    _BALANCED,
    body_precision="reduced",
    face_redetection=RedetectionPolicy(max_drift=0.9, max_skipped=14),
    hand_backoff=_BALANCED.backoff,
    doubtful_hand_frames=1,
    min_score_of_new_hand=0.55,
    max_speed_of_new_hand=0.3,
    max_body_speed=4.5,
    max_face_residual=0.02,
    max_hand_speed=7.5,
    max_body_change=math.inf,
    max_lone_hand_speed=7.5,
)

PROFILES: Final[dict[OfflineQuality, QualityProfile]] = {
    "best": _BEST,
    "exact": _EXACT,
    "balanced": _BALANCED,
    "fast": _FAST,
}
