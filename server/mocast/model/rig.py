"""Rigs, which move avatars: frozen records of arrays, in the avatar space that ``mocast.model.humanoid`` explains."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mocast.model.hand_targets import NO_TARGETS, HandTargets

Rotations = NDArray[np.float32]
"""(n, 4) or (4,) float32: x, y, z, w; unit length."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadPose:
    """The subject's head pose relative to the camera: what face apps call position and angles."""

    position: NDArray[np.float32]
    """(3,) float32, metres from the camera: x to the subject's left (the image's right), y up, z from the camera toward
    the subject, always positive."""
    rotation: Rotations
    "(4,) float32, avatar space: the identity looks straight into the camera."


@dataclass(frozen=True, slots=True)
class Found:
    """Which parts of the rig are driven by the subject at present; the others are held, or at rest."""

    body: bool = False
    face: bool = False
    left_hand: bool = False
    right_hand: bool = False
    half_body: bool = False
    "Only the upper body is followed: the legs are at rest."

    @property
    def anything(self) -> bool:
        """Whether the subject is seen at all."""
        return self.body or self.face or self.left_hand or self.right_hand


@dataclass(frozen=True, slots=True, eq=False)
class Rig:
    """A humanoid's pose and face for one frame, smoothed and never mirrored. All values are always there and finite."""

    frame: int
    "The number of the frame that it was made from."
    pts: int
    "That frame's RTP timestamp, 90 kHz, unwrapped."
    decoded_at_ns: int
    "When that frame was decoded, on the monotonic clock."
    rigged_at_ns: int
    "When the rig was ready, on the monotonic clock."
    hips: NDArray[np.float32]
    """(3,) float32, metres, avatar space: where the hips are, for a skeleton of the size of
    ``humanoid.REST_POSITIONS``. For another skeleton it is scaled by the ratio of the hips' heights at rest."""
    rotations: Rotations
    "(55, 4) float32: each bone's rotation relative to its parent; the identity at rest. Order: ``HumanoidBone``."
    shapes: NDArray[np.float32]
    "(52,) float32, 0..1: ARKit's blend shapes. Order: ``Shape``."
    expressions: NDArray[np.float32]
    "(12,) float32, 0..1: VRM's expressions, as estimates. Order: ``Expression``."
    gaze_deg: NDArray[np.float32]
    "(2,) float32: where the eyes look, relative to the head: yaw (positive to the subject's left) and pitch (up)."
    found: Found
    head: HeadPose | None
    "``None`` while no face is seen."
    person: int = 0
    "Whose rig it is: that of ``Tracked.person``."
    planted: tuple[bool, bool] = (False, False)
    "Whether the left and the right foot stand on the floor, and so stay where they are."
    hand_targets: HandTargets = NO_TARGETS
    "Where the hands are relative to the body, for figures of other proportions."

    @property
    def delay_ms(self) -> int:
        """Whole milliseconds from decoded to rigged, not negative."""
        return max(round((self.rigged_at_ns - self.decoded_at_ns) / 1e6), 0)
