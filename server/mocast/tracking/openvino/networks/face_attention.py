"""The custom operations of MediaPipe's face network with attention, as OpenVINO operations, and its outputs as one.

The network finds a coarse mesh first. Around the lips and around each eye of that mesh it cuts a small, upright square
out of its own features (``Landmarks2TransformMatrix`` says where, ``TransformTensorBilinear`` cuts), finds finer
landmarks there and puts them back into the picture (``TransformLandmarks``). The three operations are version 2 of what
is in mediapipe/util/tflite/operations.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import openvino as ov
from openvino import opset13 as ops
from openvino.frontend import ConversionExtension

from mocast.errors import TrackingError

MESH_COUNT: Final = 468
"""Landmarks of the mesh; the two irises' five each come after them."""

# Which landmarks of the mesh each part's network finds anew, in the order of its output.
# Source: mediapipe/modules/face_landmark/tensors_to_face_landmarks_with_attention.pbtxt
LIPS: Final = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409, 78, 95, 88, 178, 87, 14,
    317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415, 76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306,
    184, 74, 73, 72, 11, 302, 303, 304, 408, 62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268,
    271, 272, 407,
)  # fmt: skip
LEFT_EYE: Final = (
    33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173, 130, 25, 110, 24, 23, 22, 26, 112, 243,
    247, 30, 29, 27, 28, 56, 190, 226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189, 35,
    124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245, 156, 70, 63, 105, 66, 107, 55, 193,
)  # fmt: skip
"""Left in the picture of someone who looks at the camera, as MediaPipe names it here."""
RIGHT_EYE: Final = (
    263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398, 359, 255, 339, 254, 253, 252, 256,
    341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442,
    441, 413, 265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336,
    285, 417,
)  # fmt: skip
EYE_CONTOUR: Final = 16
"""So many first landmarks of an eye go round it. An iris is as deep as they are on average."""
IRIS_COUNT: Final = 5

_SUBSETS: Final = {61: LIPS, 33: LEFT_EYE, 362: RIGHT_EYE}
"""The operation's own list of landmarks cannot be read through OpenVINO; ``left_rotation_idx`` tells which it is."""


def extensions() -> list[ConversionExtension]:
    """Return what ``openvino.Core`` needs to read the network."""
    return [
        ConversionExtension("Landmarks2TransformMatrix", _transform_matrix),
        ConversionExtension("TransformTensorBilinear", _cut),
        ConversionExtension("TransformLandmarks", _put_back),
    ]


def merged(outputs: list[ov.Output]) -> list[ov.Output]:
    """Return the (478, 3) landmarks in crop pixels and the flag, a logit, of the network's seven outputs.

    The lips and eyes take the place of the mesh's as far as x and y go; an iris is as deep as the contour of its eye.
    This is what ``TensorsToFaceLandmarksWithAttentionCalculator`` does.
    """
    mesh, *parts, flag = outputs
    mesh = ops.reshape(mesh, integers([MESH_COUNT, 3]), False)
    points = [ops.reshape(part, integers([-1, 2]), False) for part in parts]
    lengths = [point.get_output_shape(0)[0] for point in points]
    return placed(mesh, ops.concat(points, 0), [sum(lengths[:place]) for place in range(len(lengths))], flag)


def placed(mesh: Any, points: Any, firsts: Sequence[int], flag: ov.Output) -> list[ov.Output]:
    """Return the landmarks and the flag of a (468, 3) mesh and (n, 2) points of lips, eyes and irises.

    ``firsts``: where each part's begin.
    """
    count = MESH_COUNT + 2 * IRIS_COUNT
    irises = [range(first, first + IRIS_COUNT) for first in range(MESH_COUNT, count, IRIS_COUNT)]
    order = np.arange(count)
    for part, first in zip((LIPS, LEFT_EYE, RIGHT_EYE, *irises), firsts, strict=True):
        order[list(part)] = MESH_COUNT + first + np.arange(len(part))
    places = ops.gather(mesh, integers([0, 1]), integers(1))
    places = ops.gather(ops.concat([places, points], 0), integers(order), integers(0))
    depth = ops.gather(mesh, integers([2]), integers(1))
    contours = [eye[:EYE_CONTOUR] for eye in (LEFT_EYE, RIGHT_EYE)]
    means = ops.reduce_mean(ops.gather(depth, integers(contours), integers(0)), integers([1]), False)  # (2, 1)
    order = np.minimum(np.arange(count), MESH_COUNT + (np.arange(count) - MESH_COUNT) // IRIS_COUNT)
    depth = ops.gather(ops.concat([depth, means], 0), integers(order), integers(0))
    landmarks = ops.concat([places, depth], 1)
    return [landmarks.output(0), ops.reshape(flag, integers([1]), False).output(0)]


def _transform_matrix(node: Any) -> list[ov.Output]:
    """(1, 468, 3) landmarks → (1, 4, 4): pixels of the square to cut → pixels of the features.

    The square stands on the line between two landmarks and is as large as the subset's bounding box, times a scale.
    """
    left, right = node.get_attribute("left_rotation_idx"), node.get_attribute("right_rotation_idx")
    if left not in _SUBSETS:
        raise TrackingError(f"the face network cuts out an unknown part, that of landmark {left}")
    width, height = node.get_attribute("output_width"), node.get_attribute("output_height")
    landmarks = ops.reshape(node.get_input(0), integers([-1, 3]), False)
    along = ops.subtract(_row(landmarks, right), _row(landmarks, left))  # (1, 2)
    along = ops.divide(along, ops.sqrt(ops.reduce_sum(ops.multiply(along, along), integers([1]), True)))
    cos, sin = _column(along, 0), _column(along, 1)  # (1, 1) each
    upright = ops.concat([ops.concat([cos, ops.negative(sin)], 1), ops.concat([sin, cos], 1)], 0)  # (2, 2)

    points = ops.gather(landmarks, integers(_SUBSETS[left]), integers(0))
    # Element by element and not by MatMul, which a plugin may do in lower precision.
    x, y = _column(points, 0), _column(points, 1)
    turned = ops.concat(
        [
            ops.add(ops.multiply(cos, x), ops.multiply(sin, y)),
            ops.subtract(ops.multiply(cos, y), ops.multiply(sin, x)),
        ],
        1,
    )
    low, high = (reduce(turned, integers([0]), True) for reduce in (ops.reduce_min, ops.reduce_max))
    scales = np.array([[node.get_attribute("scale_x") / width, node.get_attribute("scale_y") / height]])
    step = ops.multiply(ops.subtract(high, low), floats(scales))  # (1, 2): features' pixels per pixel of the square
    axes = ops.multiply(upright, step)  # (2, 2): columns are the square's x and y
    # The square's middle is the box's.
    centre = ops.multiply(ops.add(low, high), floats(0.5))
    centre = ops.reduce_sum(ops.multiply(upright, centre), integers([1]), True)  # (2, 1)
    half = ops.reduce_sum(ops.multiply(axes, floats([[width / 2, height / 2]])), integers([1]), True)
    rows = ops.concat([axes, floats(np.zeros((2, 1))), ops.subtract(centre, half)], 1)  # (2, 4)
    matrix = ops.concat([rows, floats([[0, 0, 1, 0], [0, 0, 0, 1]])], 0)
    return [ops.unsqueeze(matrix, integers(0)).output(0)]


def _cut(node: Any) -> list[ov.Output]:
    """(1, h, w, c) features and a (1, 4, 4) matrix → (1, height, width, c), bilinear, 0 outside of the features."""
    features, matrix = node.get_input(0), node.get_input(1)
    width, height = node.get_attribute("output_width"), node.get_attribute("output_height")
    _, from_height, from_width, _ = features.get_partial_shape().to_shape()
    # Pixels have their centres at halves on both sides.
    y, x = np.mgrid[:height, :width].reshape(2, -1, 1) + 0.5
    place = ops.subtract(_transformed(floats(x), floats(y), matrix), floats(0.5))  # (height * width, 2)
    last = np.array([[from_width - 1, from_height - 1]])
    inside = ops.logical_and(ops.greater_equal(place, floats(0)), ops.less_equal(place, floats(last)))
    inside = ops.reduce_logical_and(inside, integers([1]), False)
    inside = ops.reshape(ops.convert(inside, "f32"), integers([1, 1, height, width]), False)
    grid = ops.subtract(ops.multiply(place, floats(2 / last)), floats(1))  # -1 and 1 are the outermost centres
    grid = ops.reshape(grid, integers([1, height, width, 2]), False)
    planes = ops.transpose(features, integers([0, 3, 1, 2]))
    sampling = {"align_corners": True, "mode": "bilinear", "padding_mode": "zeros"}
    # Features whose bilinear neighbours are partly outside count as outside, unlike in GridSample.
    cut = ops.multiply(ops.grid_sample(planes, grid, sampling), inside)
    return [ops.transpose(cut, integers([0, 2, 3, 1])).output(0)]


def _put_back(node: Any) -> list[ov.Output]:
    """(1, n, 2) points of a square that was cut out and its (1, 4, 4) matrix → (1, n, 2) points in the picture."""
    points, matrix = ops.squeeze(node.get_input(0), integers(0)), node.get_input(1)
    return [ops.unsqueeze(_transformed(_column(points, 0), _column(points, 1), matrix), integers(0)).output(0)]


def _transformed(x: Any, y: Any, matrix: ov.Output) -> Any:
    """Return (n, 2) points of (n, 1) x and y; element by element, as in ``_transform_matrix``."""
    matrix = ops.squeeze(matrix, integers(0))  # (4, 4)
    columns = ops.transpose(ops.gather(matrix, integers([0, 1]), integers(0)), integers([1, 0]))  # (4, 2)
    for_x, for_y, offset = (ops.gather(columns, integers([row]), integers(0)) for row in (0, 1, 3))  # (1, 2) each
    return ops.add(ops.add(ops.multiply(x, for_x), ops.multiply(y, for_y)), offset)


def _row(landmarks: Any, index: int) -> Any:
    """(n, 3) → (1, 2): x and y of one."""
    return ops.gather(ops.gather(landmarks, integers([index]), integers(0)), integers([0, 1]), integers(1))


def _column(points: Any, index: int) -> Any:
    """(n, m) → (n, 1)."""
    return ops.gather(points, integers([index]), integers(1))


def floats(values: Any) -> Any:
    """Return a constant."""
    return ops.constant(np.asarray(values, np.float32))


def integers(values: Any) -> Any:
    """Return a constant."""
    return ops.constant(np.asarray(values, np.int64))
