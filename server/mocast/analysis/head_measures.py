"""What a person's head does: nods, shakes, blinks, where it looks, yawns."""

from mocast.analysis.drowsiness import Drowsiness, Yawns
from mocast.analysis.eye_blinks import EyeBlinks
from mocast.analysis.gaze_on_screen import GazeOnScreen
from mocast.analysis.head_angles import yaw_pitch_deg
from mocast.analysis.head_gestures import HeadGestures
from mocast.analysis.observation import Observation
from mocast.model.blendshapes import Shape
from mocast.model.head import HeadState


class Head:
    """The head of one person. It is measured by the rig's face."""

    def __init__(self) -> None:
        self._gestures = HeadGestures()
        self._blinks = EyeBlinks()
        self._gaze = GazeOnScreen()
        self._yawns = Yawns()
        self._drowsiness = Drowsiness()

    def update(self, seen: Observation) -> HeadState | None:
        """Return what the head does; ``None`` while no face is seen."""
        rig, now_s = seen.rig, seen.now_s
        if rig is None or rig.head is None or not rig.found.face:
            self._gestures.update(None, now_s)
            self._blinks.update(None, now_s, seen.step_s)
            self._yawns.update(None, now_s)
            self._gaze.update(None, now_s)
            return None
        yaw, pitch = yaw_pitch_deg(rig.head.rotation.tolist())
        gaze_yaw, gaze_pitch = rig.gaze_deg.tolist()
        gaze_deg = yaw + gaze_yaw, pitch + gaze_pitch
        shut = float(min(rig.shapes[Shape.EYE_BLINK_LEFT], rig.shapes[Shape.EYE_BLINK_RIGHT]))
        if self._gestures.update((yaw, pitch), now_s):
            seen.happened("head", name=str(self._gestures.gesture))
        self._blinks.update(shut, now_s, seen.step_s)
        self._gaze.update(gaze_deg, now_s)
        if self._yawns.update(float(rig.shapes[Shape.JAW_OPEN]), now_s):
            seen.happened("head", name="yawn")
        perclos = self._blinks.perclos
        if self._drowsiness.update(perclos, self._blinks.shut_s, self._yawns.recent(now_s), now_s):
            seen.happened("drowsy", estimate=round(self._drowsiness.estimate, 2))
        return HeadState(
            gesture=self._gestures.gesture,
            yaw_deg=yaw,
            pitch_deg=pitch,
            gaze_yaw_deg=gaze_deg[0],
            gaze_pitch_deg=gaze_deg[1],
            gaze_off_screen=self._gaze.is_off,
            blinks_per_minute=self._blinks.per_minute,
            perclos=perclos,
            yawning=self._yawns.is_yawning,
            drowsiness=self._drowsiness.estimate,
        )
