"""Follows one hand of the tracked body."""

import math
from typing import Literal

from mocast.model.topology import PoseLandmark
from mocast.tracking.openvino.body import FoundBody
from mocast.tracking.openvino.carried import carried
from mocast.tracking.openvino.following_check import HAND_LIMITS, strain
from mocast.tracking.openvino.hand_landmarks import FLAG, FoundHand, read_hand
from mocast.tracking.openvino.looking import Looking
from mocast.tracking.openvino.motions import HandMotion
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.patience import Patience
from mocast.tracking.openvino.picture import Picture
from mocast.tracking.openvino.plans import Plan
from mocast.tracking.openvino.recheck import Recheck
from mocast.tracking.openvino.region import Region, of_hand_by_landmarks, of_hand_by_pose, of_hand_by_recrop
from mocast.tracking.openvino.sparing import Sparing

VISIBLE = 0.1
"""The visibility of the pose's wrist above which its hand is looked for. Source: MediaPipe's
hand_visibility_from_hand_landmarks_from_pose.pbtxt."""


VISIBLE_TO_BEGIN = 0.5
"""The same for a hand that is not followed yet, in this frame alone. Where there are hands it is above 0.6; where the
network sees one that is not there it is below."""
OUTSIDE = 0.1
"""A hand whose middle is outside the picture by more than this part of its region is not looked for: none is found
there."""
MOVED = 0.3
"""A hand that was looked for in vain is looked for again at once when it moved by this part of its region."""
ABSENT = 0.1
"""The network's flag below which a hand is clearly not there."""
LIKELY = 0.4
"""The network's flag from which a hand that was not seen is looked for again in the next frame."""


class BodysHand:
    """Follows the hand at one wrist of a body. See ``part.Part`` for its steps.

    A small network (recrop) says where the hand is around the pose's wrist, little and index finger. A hand that was
    there in the frame before is followed to where its landmarks were, as long as recrop agrees. Recrop is not asked
    while its last answer, carried along with the pose's wrist and fingers, agrees clearly.
    """

    def __init__(self, networks: Networks, plan: Plan, side: Literal["LEFT", "RIGHT"], *, still: bool) -> None:
        self._wrist, self._pinky, self._index = (
            PoseLandmark[f"{side}_{point}"].value for point in ("WRIST", "PINKY", "INDEX")
        )
        self._recrop = Looking(networks.request("hand_recrop"), networks.crew, is_short=True)
        self._landmarks = Looking(networks.request("hand_landmark", reduced=plan.reduced_hands), networks.crew)
        self._is_left = side == "LEFT"
        self._is_still = still
        self._recheck = Recheck(plan.sure_hand, plan.unchecked_hand)
        self._patience = Patience(plan.misses, 0 if still else plan.rest)
        self._rest_in_doubt = 0 if still else plan.rest_in_doubt
        self._sure_at_once = 0.0 if still else plan.sure_at_once
        self._before: FoundHand | None = None
        self._followed: Region | None = None
        self._around: Region | None = None
        "Where the pose says that the hand is in this frame; ``None`` where it is not to be looked for."
        self._answer: tuple[Region, Region] | None = None
        "Where recrop found the hand last, and where the pose said that it was then."
        self._tried: Region | None = None
        "Where the hand was looked for in vain last."
        self._is_unchecked = False
        self._sparing = Sparing(HandMotion(), plan.calm_hand, is_off=still or not plan.spares)
        self._spared: FoundHand | None = None
        "The hand of this picture, where it is not looked at."

    def start(self, picture: Picture) -> None:
        """See ``Part``."""
        self._spared = self._sparing.spare(picture, may_foretell=picture.is_even == self._is_left)

    def foresee(self, picture: Picture) -> None:
        """See ``Part``."""
        if self._followed is not None and self._spared is None:
            self._landmarks.start(picture, self._followed)

    def look(self, picture: Picture, body: FoundBody) -> None:
        """See ``Part``."""
        if self._spared is not None:
            return
        self._around = self._place(picture, body)
        if self._around is None:
            self.lose()
        elif self._followed is None:
            if self._is_search_due(self._around):
                self._recrop.start(picture, self._around)
            else:
                self._around = None
        elif self._recheck.is_due(self._guessed_strain(self._around)):
            self._recrop.start(picture, self._around)

    def settle(self, picture: Picture) -> None:
        """See ``Part``."""
        if self._spared is not None:
            return
        self._is_unchecked = self._recrop.region is None
        region = self._followed if self._is_unchecked else self._checked()
        if region is None:
            self._landmarks.give_up()
        elif region is not self._landmarks.region:
            self._landmarks.start(picture, region)

    def read(self, picture: Picture) -> FoundHand | None:
        """See ``Part``."""
        found = self._spared
        is_new = found is None and self._followed is None
        if found is None:
            found = self._found(picture)
            if found is None and self._followed is not None and self._is_unchecked:
                found = self._elsewhere(picture)
        self._before = self._followed = None
        if found is not None and not self._is_still:
            self._before, self._followed = found, of_hand_by_landmarks(found.points)
        return None if is_new and found is not None and found.score < self._sure_at_once else found

    def lose(self) -> None:
        """See ``Part``."""
        self._recrop.give_up()
        self._landmarks.give_up()
        self._sparing.forget()
        self._before = self._followed = self._around = self._answer = self._spared = None

    def forget(self) -> None:
        """See ``Part``."""
        self.lose()
        self._patience.reset()
        self._tried = None

    def _place(self, picture: Picture, body: FoundBody) -> Region | None:
        if not body.visibility[self._wrist] > VISIBLE:
            return None
        if self._followed is None and not body.seen[self._wrist] > VISIBLE_TO_BEGIN:
            return None
        points = body.points
        around = of_hand_by_pose(points[self._wrist], points[self._pinky], points[self._index])
        if around is None:
            return None
        width, height = picture.size_wh
        reach = OUTSIDE * around.size
        is_near = -reach <= around.x <= width + reach and -reach <= around.y <= height + reach
        return around if is_near else None

    def _is_search_due(self, around: Region) -> bool:
        tried = self._tried
        if tried is not None and math.dist(tried[:2], around[:2]) > MOVED * around.size:
            self._patience.reset()
        return self._patience.is_due()

    def _guessed_strain(self, around: Region) -> float:
        """Return the strain as it would be if the hand had moved as the pose's wrist and fingers did."""
        if self._before is None or self._followed is None or self._answer is None:
            return math.inf
        return strain(self._before.points, self._followed, carried(*self._answer, around), HAND_LIMITS)

    def _checked(self) -> Region | None:
        """Return where the hand is: where it is followed, unless recrop says otherwise."""
        around = self._recrop.region
        (points,) = self._recrop.wait()
        found = None if around is None else of_hand_by_recrop(around.project(points, side=self._recrop.size))
        if found is None or around is None:
            self._answer = None
            return None
        self._answer = found, around
        if self._followed is None or self._before is None:
            return found
        return self._followed if strain(self._before.points, self._followed, found, HAND_LIMITS) <= 1 else found

    def _found(self, picture: Picture) -> FoundHand | None:
        region = self._landmarks.region
        if region is None:
            self._sparing.forget()
            return None
        outputs = self._landmarks.wait()
        found = read_hand(outputs, region, self._landmarks.size)
        if found is not None:
            self._sparing.saw(found, picture, region)
            self._patience.reset()
            self._tried = None
            return found
        self._sparing.forget()
        self._tried = self._around
        flag = outputs[FLAG].item()
        if flag < ABSENT:
            self._patience.missed()
        else:
            self._patience.wait(self._rest_in_doubt if flag < LIKELY else 0)
        return None

    def _elsewhere(self, picture: Picture) -> FoundHand | None:
        """Make the check that was left out, as there is no hand where it was followed."""
        if self._around is None:
            return None
        self._recrop.start(picture, self._around)
        region = self._checked()
        if region is None or region is self._followed:
            return None
        self._landmarks.start(picture, region)
        return self._found(picture)
