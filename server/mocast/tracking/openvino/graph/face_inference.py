"""The two networks of a face: its detector and its landmarks."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.tracked import Face
from mocast.tracking.openvino.graph.region_inference import RegionInference
from mocast.tracking.openvino.regions.detection import FACE_ANCHORS, Detection, several
from mocast.tracking.openvino.regions.finite import is_finite
from mocast.tracking.openvino.regions.frame_view import in_image_space
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry

MIN_FACE_LOGIT: Final = 0.0
"""Least score of the landmark network: a probability of 0.5. Source: MediaPipe's face_landmark_cpu.pbtxt."""

FoundFace = NDArray[np.float32]
"""(478, 3) float32: a face's landmarks in pixels; z on the scale of x."""


def as_face(found: FoundFace, size_wh: tuple[int, int]) -> Face:
    """Return a face in image space, for a picture of that size."""
    return Face(in_image_space(found, size_wh))


class FaceDetector(RegionInference):
    """The short-range face detector. Source: Bazarevsky et al., "BlazeFace", 2019 (arXiv:1907.05047)."""

    def __init__(self, networks: NetworkRegistry) -> None:
        super().__init__(networks.request("face_detection"), networks.workers, border="black", is_short=True)

    def faces(self, most: int) -> list[Detection]:
        """Return up to so many faces in the submitted region, the surest first."""
        boxes, scores = self.result()
        return several(boxes, scores, FACE_ANCHORS, self.size, most=most)


class FaceLandmarker(RegionInference):
    """The network of a face's landmarks, with attention around lips and eyes.

    Source: Grishchenko et al., "Attention Mesh: High-fidelity Face Mesh Prediction in Real-time", 2020
    (arXiv:2006.10962).
    """

    def __init__(self, networks: NetworkRegistry) -> None:
        super().__init__(networks.request("face_landmark"), networks.workers)

    def read(self) -> FoundFace | None:
        """Return the face in the submitted region; ``None`` where there is none, or no region was submitted."""
        region = self.region
        if region is None:
            return None
        landmarks, logit = self.result()
        if not logit.item() > MIN_FACE_LOGIT:
            return None
        points = region.project(landmarks, side=self.size)
        return points if is_finite(points) else None
