"""Paths of MediaPipe's networks: a wheel of Mocast holds them; in a checkout they are in the package mediapipe, which
is not imported for them.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from mocast.errors import TrackingError

FILES: Final = {
    "pose_detection": "pose_detection/pose_detection.tflite",
    "pose_landmark": "pose_landmark/pose_landmark_full.tflite",
    "face_detection": "face_detection/face_detection_short_range.tflite",
    "face_detection_far": "face_detection/face_detection_full_range_sparse.tflite",
    "face_landmark": "face_landmark/face_landmark_with_attention.tflite",
    "hand_recrop": "holistic_landmark/hand_recrop.tflite",
    "hand_landmark": "hand_landmark/hand_landmark_full.tflite",
    "hand_landmark_lite": "hand_landmark/hand_landmark_lite.tflite",
    "palm_detection": "palm_detection/palm_detection_full.tflite",
}
"""Name → file below the package's ``modules`` folder."""

HEAVY: Final = Path(__file__).parent / "heavy" / "pose_landmark_heavy.tflite"
"""The pose's network of quality ``best``, where it is installed: ``make heavy``, docs/tracking.md."""

NO_HEAVY: Final = "quality best finds bodies with the full network: the heavy one is not installed (docs/tracking.md)"

FACE_SHAPES: Final = Path(__file__).parent / "face_shapes" / "face_blendshapes.tflite"
"""The network of a face's blend shapes, out of another package than mediapipe: ``scripts/face_shapes.sh``."""

OWN: Final = Path(__file__).parent / "networks"
"""Where they are in a wheel of Mocast, as ``NAME.tflite`` (``scripts/networks.py``)."""


@cache
def package_folder() -> Path:
    """Return the folder of the installed mediapipe package. Raises ``TrackingError`` where there is none."""
    spec = find_spec("mediapipe")
    if spec is None or not spec.submodule_search_locations:
        install = "pip install --no-deps mediapipe==0.10.21 'protobuf<5'"
        raise TrackingError(f"the package mediapipe is not installed (Python 3.11 or 3.12: {install})")
    return Path(spec.submodule_search_locations[0])


def network_file(name: str) -> Path:
    """Return the TensorFlow Lite file of the network of that name, one of ``FILES`` or ``HEAVY``'s."""
    if name == HEAVY.stem:
        return HEAVY
    own = OWN / f"{name}.tflite"
    return own if own.is_file() else package_folder() / "modules" / FILES[name]
