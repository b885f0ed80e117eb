"""Follows one body with its face and hands."""

from mocast.tracking.handedness import TrackedParts
from mocast.tracking.openvino.body import Body
from mocast.tracking.openvino.face import BodysFace, as_face
from mocast.tracking.openvino.hand import BodysHand
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.part import Part
from mocast.tracking.openvino.picture import Picture
from mocast.tracking.openvino.plans import Plan


class Holistic:
    """Follows a body; looks for its face and hands where the pose says."""

    def __init__(self, networks: Networks, plan: Plan, *, still: bool) -> None:
        self._body = Body(networks, plan, still=still)
        self._left_hand = BodysHand(networks, plan, "LEFT", still=still)
        self._right_hand = BodysHand(networks, plan, "RIGHT", still=still)
        self._face = BodysFace(networks, plan, still=still)
        self._parts: tuple[Part[object], ...] = (self._left_hand, self._right_hand, self._face)

    def find(self, picture: Picture) -> TrackedParts:
        """Return what is in the next picture."""
        for part in self._parts:
            part.start(picture)
            part.foresee(picture)
        body = self._body.find(picture)
        if body is None:
            for part in self._parts:
                part.lose()
            return {}
        for part in self._parts:
            part.look(picture, body)
        for part in self._parts:
            part.settle(picture)
        size_wh = picture.size_wh
        left, right = self._left_hand.read(picture), self._right_hand.read(picture)
        face = self._face.read(picture)
        return {
            "pose": body.pose(size_wh),
            "face": None if face is None else as_face(face, size_wh),
            "left_hand": None if left is None else left.hand(size_wh),
            "right_hand": None if right is None else right.hand(size_wh),
        }

    def forget(self) -> None:
        """Start afresh with the next picture; leave no network running."""
        self._body.forget()
        for part in self._parts:
            part.forget()
