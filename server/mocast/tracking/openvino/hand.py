"""Follows one hand of the tracked body."""

from typing import Literal

from mocast.model.frame import RgbImage
from mocast.model.topology import PoseLandmark
from mocast.tracking.openvino.body import FoundBody
from mocast.tracking.openvino.following_check import HAND_LIMITS, strain
from mocast.tracking.openvino.hand_landmarks import FoundHand, read_hand
from mocast.tracking.openvino.looking import Looking
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.plans import Plan
from mocast.tracking.openvino.recheck import Patience, Recheck
from mocast.tracking.openvino.region import Region, of_hand_by_landmarks, of_hand_by_pose, of_hand_by_recrop

VISIBLE = 0.1
"""The visibility of the pose's wrist above which its hand is looked for. Source: MediaPipe's
hand_visibility_from_hand_landmarks_from_pose.pbtxt."""


class BodysHand:
    """Follows the hand at one wrist of a body. See ``part.Part`` for its steps.

    A small network (recrop) says where the hand is around the pose's wrist, little and index finger. A hand that was
    there in the frame before is followed to where its landmarks were, as long as recrop agrees.
    """

    def __init__(self, networks: Networks, plan: Plan, side: Literal["LEFT", "RIGHT"], *, still: bool) -> None:
        self._wrist, self._pinky, self._index = (
            PoseLandmark[f"{side}_{point}"].value for point in ("WRIST", "PINKY", "INDEX")
        )
        self._recrop = Looking(networks.request("hand_recrop"))
        self._landmarks = Looking(networks.request(plan.hand, reduced=plan.reduced))
        self._is_still = still
        self._recheck = Recheck(plan.calm, plan.unchecked)
        self._patience = Patience(plan.patience, plan.rest)
        self._before: FoundHand | None = None
        self._followed: Region | None = None
        self._is_there = False

    def foresee(self, rgb: RgbImage) -> None:
        """See ``Part``."""
        if self._followed is not None:
            self._landmarks.start(rgb, self._followed)

    def look(self, rgb: RgbImage, body: FoundBody) -> None:
        """See ``Part``."""
        self._is_there = bool(body.visibility[self._wrist] > VISIBLE)
        if not self._is_there:
            self.lose()
            return
        if self._followed is None and not self._patience.is_due():
            self._is_there = False
            return
        if self._followed is None or self._recheck.is_due():
            points = body.points
            around = of_hand_by_pose(points[self._wrist], points[self._pinky], points[self._index])
            if around is None:
                self.lose()
                self._is_there = False
            else:
                self._recrop.start(rgb, around)

    def settle(self, rgb: RgbImage) -> None:
        """See ``Part``."""
        if not self._is_there:
            return
        region = self._followed if self._recrop.region is None else self._checked(self._recrop.region)
        if region is not None and region is not self._landmarks.region:
            self._landmarks.start(rgb, region)

    def read(self) -> FoundHand | None:
        """See ``Part``."""
        region, self._followed, self._before = self._landmarks.region, None, None
        if region is None:
            return None
        found = read_hand(self._landmarks.wait(), region, self._landmarks.size)
        if found is None:
            self._recheck.reset()
            self._patience.missed()
        else:
            self._patience.found()
            if not self._is_still:
                self._before, self._followed = found, of_hand_by_landmarks(found.points)
        return found

    def lose(self) -> None:
        """See ``Part``."""
        self._recrop.give_up()
        self._landmarks.give_up()
        self._recheck.reset()
        self._before = self._followed = None

    def _checked(self, around: Region) -> Region | None:
        """Return where the hand is: where it is followed, unless recrop says otherwise."""
        (points,) = self._recrop.wait()
        found = of_hand_by_recrop(around.project(points, side=self._recrop.size))
        if self._followed is None or self._before is None or found is None:
            return found
        strained = strain(self._before.points, self._followed, found, HAND_LIMITS)
        self._recheck.checked(strained)
        return self._followed if strained <= 1 else found
