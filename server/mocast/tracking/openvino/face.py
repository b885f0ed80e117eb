"""Follows a face: that of the tracked body, or the one in the picture where nothing else is tracked."""

import math

import numpy as np
from numpy.typing import NDArray

from mocast.model.tracked import Face
from mocast.tracking.openvino.body import FoundBody
from mocast.tracking.openvino.detection import FACE_ANCHORS, Detection, best
from mocast.tracking.openvino.finite import is_finite
from mocast.tracking.openvino.following_check import FACE_LIMITS, strain
from mocast.tracking.openvino.looking import Looking
from mocast.tracking.openvino.motions import FaceMotion
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.patience import Patience
from mocast.tracking.openvino.picture import Picture, in_image_space
from mocast.tracking.openvino.plans import Plan
from mocast.tracking.openvino.recheck import Recheck
from mocast.tracking.openvino.region import (
    Region,
    letterbox,
    of_face_alone_by_detection,
    of_face_by_detection,
    of_face_by_landmarks,
    of_face_by_pose,
)
from mocast.tracking.openvino.sparing import Sparing

FoundFace = NDArray[np.float32]
"""(478, 3) float32: a face's landmarks in pixels; z on the scale of x."""


def as_face(found: FoundFace, size_wh: tuple[int, int]) -> Face:
    """Return a face as a record of the model, for a picture of that size."""
    return Face(in_image_space(found, size_wh))


class BodysFace:
    """Follows the face of a body. See ``part.Part`` for its steps.

    A detector says where the face is around the head of the pose. A face that was there in the frame before is followed
    to where its landmarks were, as long as the detector agrees. The detector is not asked while it agreed clearly a
    short time ago.
    """

    def __init__(self, networks: Networks, plan: Plan, *, still: bool) -> None:
        self._detection = FaceDetection(networks)
        self._landmarks = FaceLandmarks(networks)
        self._is_still = still
        self._recheck = Recheck(plan.sure_face, plan.unchecked_face)
        self._patience = Patience(plan.misses, 0 if still else plan.rest)
        self._strain = math.inf
        "Of the last check."
        self._is_unchecked = False
        self._sparing = Sparing(FaceMotion(), plan.calm_face, is_off=still or not plan.spares)
        self._spared: FoundFace | None = None
        "The face of this picture, where it is not looked at."
        self._head: Region | None = None
        self._before: FoundFace | None = None
        self._followed: Region | None = None

    def start(self, picture: Picture) -> None:
        """See ``Part``."""
        self._spared = self._sparing.spare(picture, may_foretell=not picture.is_even)

    def foresee(self, picture: Picture) -> None:
        """See ``Part``."""
        if self._followed is not None and self._spared is None:
            self._landmarks.start(picture, self._followed)

    def look(self, picture: Picture, body: FoundBody) -> None:
        """See ``Part``."""
        if self._spared is not None:
            return
        self._head = of_face_by_pose(body.points)
        if self._head is None:
            self.lose()
        elif self._patience.is_due() if self._followed is None else self._recheck.is_due(self._strain):
            self._detection.start(picture, self._head)

    def settle(self, picture: Picture) -> None:
        """See ``Part``."""
        if self._spared is not None:
            return
        self._is_unchecked = self._detection.region is None
        region = self._followed if self._is_unchecked else self._checked()
        if region is None:
            self._landmarks.give_up()
        elif region is not self._landmarks.region:
            self._landmarks.start(picture, region)

    def read(self, picture: Picture) -> FoundFace | None:
        """See ``Part``."""
        found = self._spared
        if found is None:
            found = self._found(picture)
            if found is None and self._followed is not None and self._is_unchecked:
                found = self._elsewhere(picture)
        self._before = self._followed = None
        if found is not None and not self._is_still:
            self._before, self._followed = found, of_face_by_landmarks(found)
        return found

    def lose(self) -> None:
        """See ``Part``."""
        self._detection.give_up()
        self._landmarks.give_up()
        self._sparing.forget()
        self._head = self._before = self._followed = self._spared = None

    def forget(self) -> None:
        """See ``Part``."""
        self.lose()
        self._patience.reset()

    def _found(self, picture: Picture) -> FoundFace | None:
        region = self._landmarks.region
        found = self._landmarks.read()
        if found is None or region is None:
            self._sparing.forget()
        else:
            self._sparing.saw(found, picture, region)
        return found

    def _elsewhere(self, picture: Picture) -> FoundFace | None:
        """Make the check that was left out, as there is no face where it was followed."""
        if self._head is None:
            return None
        self._detection.start(picture, self._head)
        region = self._checked()
        if region is None or region is self._followed:
            return None
        self._landmarks.start(picture, region)
        return self._found(picture)

    def _checked(self) -> Region | None:
        """Return where the face is: where it is followed, unless the detector says otherwise or sees none."""
        head = self._detection.region
        detection = None if head is None else self._detection.best()
        if head is None or detection is None:
            self._patience.missed()
            return None
        self._patience.reset()
        found = of_face_by_detection(head.project(detection.points))
        if self._followed is None or self._before is None or found is None:
            self._strain = math.inf
            return found
        self._strain = strain(self._before, self._followed, found, FACE_LIMITS)
        return self._followed if self._strain <= 1 else found


class OneFace:
    """Follows the surest face in the picture, and searches the whole picture where there is none to follow."""

    def __init__(self, networks: Networks, plan: Plan, *, still: bool) -> None:
        self._detection = FaceDetection(networks)
        self._landmarks = FaceLandmarks(networks)
        self._is_still = still
        self._patience = Patience(plan.misses, 0 if still else plan.rest)
        self._followed: Region | None = None

    def find(self, picture: Picture) -> FoundFace | None:
        """Return the face in the next picture."""
        region = self._followed or self._detect(picture)
        self._followed = None
        if region is None:
            return None
        self._landmarks.start(picture, region)
        found = self._landmarks.read()
        if found is not None and not self._is_still:
            self._followed = of_face_by_landmarks(found)
        return found

    def forget(self) -> None:
        """Start afresh with the next picture; leave no network running."""
        self._landmarks.give_up()
        self._patience.reset()
        self._followed = None

    def _detect(self, picture: Picture) -> Region | None:
        if not self._patience.is_due():
            return None
        whole = letterbox(picture.size_wh)
        self._detection.start(picture, whole)
        detection = self._detection.best()
        if detection is None:
            self._patience.missed()
            return None
        self._patience.reset()
        return of_face_alone_by_detection(whole, detection)


class FaceDetection(Looking):
    """The network that finds faces."""

    def __init__(self, networks: Networks) -> None:
        super().__init__(networks.request("face_detection"), networks.crew, border="black", is_short=True)

    def best(self) -> Detection | None:
        """Return the surest face in the region that is looked at."""
        boxes, scores = self.wait()
        return best(boxes, scores, FACE_ANCHORS, self.size)


class FaceLandmarks(Looking):
    """The network of a face's landmarks."""

    def __init__(self, networks: Networks) -> None:
        super().__init__(networks.request("face_landmark"), networks.crew)

    def read(self) -> FoundFace | None:
        """Return the face in the region that is looked at; ``None`` where the network sees none, or none is."""
        region = self.region
        if region is None:
            return None
        landmarks, flag = self.wait()
        if not flag.item() > 0:  # a logit
            return None
        points = region.project(landmarks, side=self.size)
        return points if is_finite(points) else None
