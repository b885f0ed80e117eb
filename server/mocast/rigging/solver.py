"""The rig's solver: one stream's landmarks to its rigs, frame by frame."""

import time
from typing import Final

import numpy as np

from mocast.model.choices import RigChoices
from mocast.model.humanoid import HumanoidBone
from mocast.model.rig import Found, Rig
from mocast.model.tracked import Tracked
from mocast.rigging.body import Body, Measured
from mocast.rigging.calibration import Calibration
from mocast.rigging.face import FaceShaper, FaceSolver, FaceState
from mocast.rigging.gating import Gate, Part
from mocast.rigging.hips import aside_m, height_m
from mocast.rigging.one_euro import OneEuro, OneEuroFilter
from mocast.rigging.quaternions import Quaternions, multiply
from mocast.rigging.smoothing import ROTATIONS, RotationFilter
from mocast.rigging.stream_clock import StreamClock

HIPS: Final = OneEuro(min_cutoff_hz=1.0, beta=3.0)
"""Of the hips' way aside, metres."""


class Solver:
    """Turns what was tracked into rigs. Keeps one stream's state; ``rig`` is called from one thread at a time."""

    def __init__(self, choices: RigChoices, face_shaper: FaceShaper | None = None) -> None:
        self.choices = choices
        "May be replaced from any thread; the next frame follows it."
        self.calibration: Calibration | None = None
        "May be replaced from any thread."
        self._clock = StreamClock()
        self._face = FaceSolver(choices.smoothing, face_shaper)
        self._body = Body()
        self._gate = Gate()
        self._filter = RotationFilter(self._gate.rotations)
        self._hips_filter = OneEuroFilter(HIPS)
        self._aside_m = 0.0

    def rig(self, tracked: Tracked) -> Rig:
        """Return the rig of the next frame; also of an empty one, in which the rig holds still and then rests."""
        choices, calibration = self.choices, self.calibration
        step_s = self._clock.step_s(tracked.pts)
        self._face.smoothing = choices.smoothing
        face = self._face.solve(tracked.face, tracked.size_wh, self._clock.now_s, calibration)
        body = self._body.measure(tracked, face, choices.body, None, self._chest, step_s)
        gated = self._gate.pass_on(body.rotations, body.are_seen, body.are_resting, step_s)
        rotations = self._filter.smooth(gated, step_s, ROTATIONS[choices.smoothing])
        return self._assembled(tracked, face, body, rotations)

    def _chest(self) -> Quaternions:
        """Return the rotation of the chest in avatar space as it was last shown."""
        chest = self._gate.rotations[HumanoidBone.HIPS]
        for bone in (HumanoidBone.SPINE, HumanoidBone.CHEST, HumanoidBone.UPPER_CHEST):
            chest = multiply(chest, self._gate.rotations[bone])
        return chest

    def _assembled(self, tracked: Tracked, face: FaceState, body: Measured, rotations: Quaternions) -> Rig:
        is_body = bool(body.are_seen[Part.TORSO])
        if is_body and tracked.pose is not None:
            aside = aside_m(tracked.pose, tracked.size_wh)
            self._aside_m = self._aside_m if aside is None else aside
        smoothed_m = self._hips_filter.smooth(np.array([self._aside_m]), self._clock.now_s)[0]
        return Rig(
            frame=tracked.frame,
            pts=tracked.pts,
            captured_at_ns=tracked.captured_at_ns,
            rigged_at_ns=time.monotonic_ns(),
            hips=np.array([smoothed_m, height_m(rotations), 0.0], np.float32),
            rotations=rotations.astype(np.float32),
            shapes=face.shapes,
            expressions=face.expressions,
            gaze_deg=face.gaze_deg,
            found=Found(
                body=is_body,
                face=face.found,
                left_hand=bool(body.are_seen[Part.LEFT_FINGERS]),
                right_hand=bool(body.are_seen[Part.RIGHT_FINGERS]),
                half_body=self._body.finder.is_half,
            ),
            head=face.head,
        )
