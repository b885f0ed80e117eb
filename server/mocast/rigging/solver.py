"""The rig's solver: from one stream's landmarks to its rigs, frame by frame."""

import math
import threading
import time
from collections.abc import Callable

import numpy as np

from mocast.errors import Conflict
from mocast.model.body_parts import BodyPart
from mocast.model.camera_rays import picture_scale
from mocast.model.frame_timer import FrameTimer
from mocast.model.hand_targets import HandTargets
from mocast.model.humanoid import HumanoidBone
from mocast.model.options import RigOptions
from mocast.model.quaternions import Quaternions, multiply
from mocast.model.rig import Found, Rig
from mocast.model.tracked import Tracked
from mocast.rigging.body.body_solver import BodySolver, MeasuredBody
from mocast.rigging.body.body_space import BodySpace
from mocast.rigging.body.bone_filter import BoneFilter
from mocast.rigging.body.feet_solver import FeetSolver, Stance
from mocast.rigging.body.limbs_apart import ArmsApart
from mocast.rigging.body.visibility import PartGate
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.calibration.calibration_run import CalibrationRun
from mocast.rigging.face.face_solver import FaceSolver, FaceState
from mocast.rigging.face.network_shapes import FaceShaper
from mocast.rigging.field_of_view import at_assumed_view
from mocast.rigging.retargeting.hands_in_picture import HandsInPicture
from mocast.rigging.retargeting.target_finder import hand_targets


class Solver:
    """Solves the rigs of one stream. ``rig`` is called from one thread at a time."""

    def __init__(self, options: RigOptions, face_shaper: FaceShaper | None = None) -> None:
        self.options = options
        "May be replaced from any thread; in use from the next frame on."
        self.calibration: Calibration | None = None
        "May be replaced from any thread."
        self._clock = FrameTimer()
        self._face = FaceSolver(options.smoothing, face_shaper, options.expression_style)
        self._body = BodySolver()
        self._space = BodySpace()
        self._gate = PartGate()
        self._filter = BoneFilter(self._gate.rotations)
        self._arms = ArmsApart()
        self._feet = FeetSolver()
        self._in_picture = HandsInPicture()
        self._lock = threading.Lock()
        self._run: CalibrationRun | None = None

    def calibrate(self, seconds: float = 2.0, t_pose: bool = False, *, on_done: Callable[[Calibration], None]) -> None:
        """Start a calibration, for which the person rests the face (and stands in the T-pose); from any thread.

        ``on_done`` is called on the rig's thread with the calibration, which is in use by then. Where the person is not
        seen for long enough, it starts over until ``stop_calibrating``. Raises ``Conflict`` while another calibration
        runs and where no face is seen.
        """
        with self._lock:
            if self._run is not None:
                raise Conflict("A calibration is running already.")
            if self._face.observed is None:
                raise Conflict("No face is seen to calibrate.")
            self._run = CalibrationRun(seconds, t_pose=t_pose, on_done=on_done)

    def stop_calibrating(self) -> None:
        """End a calibration without a result; from any thread. Does nothing where none runs."""
        with self._lock:
            self._run = None

    def rig(self, tracked: Tracked) -> Rig:
        """Return the rig of the next frame; without a person it is held, then at rest."""
        options, calibration = self.options, self.calibration
        step_s = self._clock.step_s(tracked.pts)
        self._body.picture_size = scale = picture_scale(options.field_of_view)
        tracked = at_assumed_view(tracked, scale)
        self._see_camera(options)
        self._face.smoothing, self._face.style = options.smoothing, options.expression_style
        face = self._face.solve(tracked.face, tracked.size_wh, self._clock.now_s, calibration)
        self._calibrate_with(tracked)
        person = calibration.body if calibration is not None else None
        self._space.see(tracked, calibration, self._body.half_body.full_share)
        body = self._body.measure(
            tracked,
            face,
            options.body,
            head=self._space.head(face, calibration),
            level=self._space.level,
            last_chest=self._chest,
            step_s=step_s,
        )
        if body.spine is not None:
            self._space.learn(body.spine, step_s, calibration)
        gated = self._gate.update(body.rotations, body.are_seen, body.are_resting, step_s)
        rotations = self._filter.smooth(gated, step_s, options.smoothing)
        middle_m = 0.0 if person is None else person.sideways_m
        stance = self._feet.solve(
            rotations,
            tracked,
            body,
            is_half=self._body.half_body.is_half,
            middle_m=middle_m,
            root=options.root,
            step_s=step_s,
            time_s=self._clock.now_s,
        )
        proportions = self._body.size.proportions()
        rotations, upper = self._arms.apply(stance.rotations, proportions, step_s)
        observed = self._face.observed
        self._in_picture.see(
            tracked,
            body.placement,
            None if observed is None else observed.placement,
            level=self._space.level,
            are_hands=body.are_seen[BodyPart.LEFT_FINGERS : BodyPart.RIGHT_FINGERS + 1],
            step_s=step_s,
        )
        targets = hand_targets(rotations, proportions, upper, self._in_picture)
        return self._rig_of(tracked, face, body, stance, rotations, targets)

    def _see_camera(self, options: RigOptions) -> None:
        tilt_rad = math.radians(options.camera_tilt) if options.camera == "set" else None
        self._feet.floor.tell(tilt_rad, options.camera_height)
        self._space.told_up = None if tilt_rad is None else (0.0, math.cos(tilt_rad), math.sin(tilt_rad))

    def _calibrate_with(self, tracked: Tracked) -> None:
        run = self._run
        calibration = run.add(tracked, self._face.observed, self._clock.now_s) if run is not None else None
        if run is None or calibration is None:
            return
        with self._lock:
            if self._run is not run:
                return
            self._run = None
            self.calibration = calibration
        run.on_done(calibration)

    def _chest(self) -> Quaternions:
        """Return the rotation of the chest in avatar space as it was shown last."""
        chest: Quaternions = self._gate.rotations[HumanoidBone.HIPS]
        for bone in (HumanoidBone.SPINE, HumanoidBone.CHEST, HumanoidBone.UPPER_CHEST):
            chest = multiply(chest, self._gate.rotations[bone])
        return chest

    def _rig_of(  # noqa: PLR0917
        self,
        tracked: Tracked,
        face: FaceState,
        body: MeasuredBody,
        stance: Stance,
        rotations: Quaternions,
        targets: HandTargets,
    ) -> Rig:
        return Rig(
            frame=tracked.frame,
            pts=tracked.pts,
            decoded_at_ns=tracked.decoded_at_ns,
            rigged_at_ns=time.monotonic_ns(),
            hips=np.array(stance.hips, np.float32),
            rotations=rotations.astype(np.float32),
            shapes=face.shapes,
            expressions=face.expressions,
            gaze_deg=face.gaze_deg,
            found=Found(
                body=bool(body.are_seen[BodyPart.TORSO]) and tracked.pose is not None,
                face=face.found,
                left_hand=bool(body.are_seen[BodyPart.LEFT_FINGERS]),
                right_hand=bool(body.are_seen[BodyPart.RIGHT_FINGERS]),
                half_body=self._body.half_body.is_half,
            ),
            head=face.head,
            person=tracked.person,
            planted=stance.planted,
            hand_targets=targets,
        )
