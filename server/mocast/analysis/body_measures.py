"""What a person's body does: whether it is there, its posture, whether it falls."""

from mocast.analysis.falls import Falls
from mocast.analysis.observation import Observation
from mocast.analysis.posture_angles import posture_angles
from mocast.analysis.posture_watch import PostureWatch
from mocast.analysis.presence import PERSON_GONE_S, Presence
from mocast.model.posture import Posture


class Body:
    """The body of one person."""

    def __init__(self) -> None:
        self._presence = Presence(PERSON_GONE_S)
        self._posture = PostureWatch()
        self._falls = Falls()

    def update(self, seen: Observation) -> tuple[bool, Posture | None]:
        """Return whether the person is present, and their posture, ``None`` where it cannot be told."""
        tracked, now_s, step_s = seen.tracked, seen.now_s, seen.step_s
        if self._presence.update(not tracked.is_empty, now_s):
            seen.happened("person_lost")
        if self._falls.update(tracked.pose, tracked.size_wh, now_s, step_s):
            seen.happened("fall")
        if self._posture.update(posture_angles(tracked.pose), now_s, step_s):
            seen.happened("posture", name=str(self._posture.posture))
        angles = self._posture.angles
        if angles is None:
            return self._presence.is_there, None
        return self._presence.is_there, Posture(
            self._posture.posture, angles.neck_forward_deg, angles.trunk_forward_deg, angles.neck_height
        )
