"""The faces of all people in a picture, as privacy needs them."""

from typing import Final

import numpy as np

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.model.tracked import NO_FACES, FaceBoxes
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.mediapipe.graph_pool import GraphPool
from mocast.tracking.mediapipe.graph_runner import image_packet

_RECT: Final = np.dtype([("tag", "u1"), ("value", "<f4")])
_TAGS: Final = (0x0D, 0x15, 0x1D, 0x25)
"""Of the first four fields of a ``NormalizedRect``, 32 bits each: x and y of the centre, height, width."""


class GraphFaceFinder:
    """One of the two face detectors, on whole pictures."""

    def __init__(self, graph: GraphPool) -> None:
        """Raises ``TrackingError`` where the graph cannot be built."""
        self._graph = graph
        graph.ready()

    def find(self, rgb: RgbImage) -> FaceBoxes:
        """Return the faces in a picture of any size, the surest first. Raises ``TrackingError``."""
        packets = self._graph.run({"image": image_packet(np.ascontiguousarray(rgb))})
        if "face_boxes" not in packets:
            return NO_FACES
        rects = native()._packet_getter._get_serialized_proto_list(packets["face_boxes"])
        faces = np.array([_corners(rect) for rect in rects], np.float32).reshape(-1, 4)
        finite: FaceBoxes = faces[np.isfinite(faces).all(axis=1)]
        return finite


def _corners(rect: bytes) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom. Raises ``TrackingError`` where the bytes are no ``NormalizedRect``."""
    fields = np.frombuffer(rect[: len(_TAGS) * _RECT.itemsize], _RECT)
    if tuple(fields["tag"]) != _TAGS:
        raise TrackingError("a rectangle from MediaPipe has an unknown layout")
    x, y, height, width = map(float, fields["value"])
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
