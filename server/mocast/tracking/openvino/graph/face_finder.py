"""The faces of all people in a picture, as privacy needs them."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.model.tracked import FaceBoxes
from mocast.tracking.engines import FaceRange
from mocast.tracking.openvino.networks.conversion import NetworkName
from mocast.tracking.openvino.regions.detection import FACE_ANCHORS, FAR_FACE_ANCHORS, several
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry

MAX_FACES: Final = 32
"""Faces in a picture at most, so that a picture full of them takes no longer."""

_NETWORKS: Final[dict[FaceRange, tuple[NetworkName, NDArray[np.float32]]]] = {
    "near": ("face_detection", FACE_ANCHORS),
    "far": ("face_detection_far", FAR_FACE_ANCHORS),
}


class NetworkFaceFinder:
    """One of the two face detectors, run on whole pictures in the thread that asks."""

    def __init__(self, networks: NetworkRegistry, reach: FaceRange) -> None:
        """Raises ``TrackingError`` where the network cannot be compiled."""
        name, self._anchors = _NETWORKS[reach]
        self._request = networks.request(name)

    def find(self, rgb: RgbImage) -> FaceBoxes:
        """Return the faces in a picture of any size, the surest first. Raises ``TrackingError``."""
        height, width = rgb.shape[:2]
        side, longer = self._request.picture.shape[0], max(width, height)
        size_wh = max(1, round(side * width / longer)), max(1, round(side * height / longer))
        left, top = (side - size_wh[0]) // 2, (side - size_wh[1]) // 2
        # Averaged, not sampled: of a face that is 100 pixels wide 15 are left.
        small = cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA)
        self._request.picture.fill(0)
        self._request.picture[top : top + size_wh[1], left : left + size_wh[0]] = small
        boxes, scores = self._request.run()
        found = several(boxes, scores, self._anchors, side, most=MAX_FACES)
        corners = np.array([one.box for one in found], np.float32).reshape(-1, 2, 2)
        placed = (corners * side - np.array((left, top), np.float32)) / np.array(size_wh, np.float32)
        faces: FaceBoxes = placed[np.isfinite(placed).all(axis=(1, 2))].reshape(-1, 4)
        return faces
