"""The face network's own operations, against the same written out number by number."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset13 as ops

from mocast.errors import TrackingError
from mocast.tracking import networks_folder
from mocast.tracking.openvino.networks import face_attention, face_branches
from mocast.tracking.openvino.networks.openvino_core import core
from mocast.tracking.openvino.networks.parallel_branches import ParallelBranches
from mocast.tracking.openvino.runtime.probe_images import person

SIDE = 16
"""Of the squares that are cut out, in pixels, as in the network."""
RNG = np.random.default_rng(5)


class Node:
    """An operation of the network as OpenVINO shows it to a converter."""

    def __init__(self, inputs: Sequence[Any], **attributes: float) -> None:
        self._inputs = inputs
        self._attributes = attributes

    def get_input(self, number: int) -> ov.Output:
        return self._inputs[number].output(0)

    def get_attribute(self, name: str) -> float:
        return self._attributes[name]


def converted(name: str) -> Callable[[Any], list[ov.Output]]:
    return {
        "Landmarks2TransformMatrix": face_attention._transform_matrix,
        "TransformTensorBilinear": face_attention._cut,
        "TransformLandmarks": face_attention._put_back,
    }[name]


def run(name: str, inputs: Sequence[NDArray[np.floating]], **attributes: float) -> NDArray[np.float32]:
    parameters = [ops.parameter(array.shape, np.float32) for array in inputs]
    outputs = converted(name)(Node(parameters, **attributes))
    compiled = core().compile_model(
        ov.Model([ops.result(output) for output in outputs], parameters, name),
        "CPU",
        {"INFERENCE_PRECISION_HINT": "f32"},
    )
    found: NDArray[np.float32] = compiled([array.astype(np.float32) for array in inputs])[0]
    return found


def matrix_of(landmarks: NDArray[np.floating], subset: Sequence[int], left: int, right: int, scale: float) -> Any:
    """Return the (4, 4) matrix by which a corner (u, v) of the square, in its pixels, goes to the features."""
    along = landmarks[right, :2] - landmarks[left, :2]
    angle = np.arctan2(along[1], along[0])
    to_upright = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    points = [to_upright @ landmarks[index, :2] for index in subset]
    low = np.array([min(point[axis] for point in points) for axis in (0, 1)])
    high = np.array([max(point[axis] for point in points) for axis in (0, 1)])
    centre, half = (low + high) / 2, scale * (high - low) / 2
    corners = [to_upright.T @ (centre + half * np.array(sign)) for sign in ((-1, -1), (1, -1), (-1, 1))]
    matrix = np.eye(4)
    matrix[:2, 0] = (corners[1] - corners[0]) / SIDE
    matrix[:2, 1] = (corners[2] - corners[0]) / SIDE
    matrix[:2, 3] = corners[0]
    return matrix


@pytest.mark.parametrize(
    ("left", "right", "subset"),
    [
        (61, 291, face_attention.LIPS),
        (33, 133, face_attention.LEFT_EYE),
        (362, 263, face_attention.RIGHT_EYE),
    ],
)
def test_a_square_stands_on_its_part_of_the_mesh(left: int, right: int, subset: Sequence[int]) -> None:
    for _ in range(5):
        landmarks = RNG.uniform(0, 48, (1, 1, 1, 1404))
        found = run(
            "Landmarks2TransformMatrix",
            [landmarks],
            left_rotation_idx=left,
            right_rotation_idx=right,
            output_width=SIDE,
            output_height=SIDE,
            scale_x=1.5,
            scale_y=1.5,
        )
        expected = matrix_of(landmarks.reshape(468, 3), subset, left, right, 1.5)
        assert found.shape == (1, 4, 4)
        assert np.allclose(found[0], expected, atol=1e-4)


def test_an_unknown_part_is_refused() -> None:
    node = Node([ops.parameter([1, 468, 3], np.float32)], left_rotation_idx=1, right_rotation_idx=2)
    with pytest.raises(TrackingError, match="unknown part"):
        face_attention._transform_matrix(node)


def test_what_is_cut_out_is_bilinear_and_nothing_outside() -> None:
    features = RNG.normal(size=(1, 10, 12, 3))
    matrix = np.eye(4)
    matrix[:2, :2] = [[0.7, -0.4], [0.3, 0.8]]
    matrix[:2, 3] = [2.1, -1.3]
    found = run("TransformTensorBilinear", [features, matrix[None]], output_width=SIDE, output_height=SIDE)
    assert found.shape == (1, SIDE, SIDE, 3)
    outside = 0
    for v in range(SIDE):
        for u in range(SIDE):
            x, y = matrix[:2, :2] @ (u + 0.5, v + 0.5) + matrix[:2, 3] - 0.5
            expected = bilinear(features[0], x, y)
            outside += expected is None
            assert np.allclose(found[0, v, u], 0 if expected is None else expected, atol=1e-4)
    assert 20 < outside < SIDE * SIDE - 20


def bilinear(features: NDArray[np.floating], x: float, y: float) -> NDArray[np.floating] | None:
    height, width, _ = features.shape
    if not (0 <= x <= width - 1 and 0 <= y <= height - 1):
        return None
    x0, y0 = min(int(x), width - 2), min(int(y), height - 2)
    a, b = x - x0, y - y0
    above = (1 - a) * features[y0, x0] + a * features[y0, x0 + 1]
    below = (1 - a) * features[y0 + 1, x0] + a * features[y0 + 1, x0 + 1]
    mixed: NDArray[np.floating] = (1 - b) * above + b * below
    return mixed


def test_points_of_a_square_go_back_where_they_were() -> None:
    points = RNG.uniform(0, SIDE, (1, 80, 2))
    matrix = RNG.normal(size=(1, 4, 4))
    found = run("TransformLandmarks", [points, matrix])
    expected = [matrix[0, :2, :2] @ point + matrix[0, :2, 3] for point in points[0]]
    assert found.shape == (1, 80, 2)
    assert np.allclose(found[0], expected, atol=1e-4)


def test_the_parts_take_the_places_of_the_mesh() -> None:
    shapes = [(1, 1, 1, count) for count in (1404, 160, 142, 142, 10, 10, 1)]
    values = [RNG.normal(size=shape).astype(np.float32) for shape in shapes]
    parameters = [ops.parameter(shape, np.float32) for shape in shapes]
    outputs = face_attention.merged([parameter.output(0) for parameter in parameters])
    graph = ov.Model([ops.result(output) for output in outputs], parameters, "merged")
    compiled = core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    landmarks, flag = compiled(values).values()

    expected = np.zeros((478, 3), np.float32)
    expected[:468] = values[0].reshape(468, 3)
    for part, indices in enumerate((face_attention.LIPS, face_attention.LEFT_EYE, face_attention.RIGHT_EYE), start=1):
        for number, index in enumerate(indices):
            expected[index, :2] = values[part].reshape(-1, 2)[number]
    for iris, eye in enumerate((face_attention.LEFT_EYE, face_attention.RIGHT_EYE)):
        for number in range(5):
            expected[468 + 5 * iris + number, :2] = values[4 + iris].reshape(5, 2)[number]
            expected[468 + 5 * iris + number, 2] = np.mean([expected[index, 2] for index in eye[:16]])
    assert np.allclose(landmarks, expected, atol=1e-6)
    assert flag.item() == values[6].item()


def test_squares_are_cut_out_together_with_nothing_outside() -> None:
    mesh, features = RNG.uniform(-60, 252, (468, 2)), RNG.normal(size=(1, 2, 48, 48))
    parameters = [ops.parameter(array.shape, np.float32) for array in (mesh, features)]
    squares = face_branches._squares(parameters[0].output(0))
    cut = face_branches._cut(parameters[1].output(0), *squares)
    graph = ov.Model([ops.result(cut)], parameters, "cut")
    compiled = core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = compiled([mesh.astype(np.float32), features.astype(np.float32)])[0].reshape(3, 2, SIDE, SIDE)
    outside = 0
    parts = ((61, 291, face_attention.LIPS), (33, 133, face_attention.LEFT_EYE), (362, 263, face_attention.RIGHT_EYE))
    for number, (left, right, subset) in enumerate(parts):
        matrix = matrix_of(mesh / 4, subset, left, right, 1.5)
        for v in range(SIDE):
            for u in range(SIDE):
                x, y = matrix[:2, :2] @ (u + 0.5, v + 0.5) + matrix[:2, 3] - 0.5
                expected = bilinear(features[0].transpose(1, 2, 0), x, y)
                outside += expected is None
                assert np.allclose(found[number, :, v, u], 0 if expected is None else expected, atol=1e-3)
    assert 100 < outside < 3 * SIDE * SIDE - 100


def test_branches_together_find_what_each_finds_alone_with_a_third_of_the_operations() -> None:
    compiled = []
    for merge in (face_attention.merged, face_branches.merged_together):
        graph = core().read_model(networks_folder.network_file("face_landmark"))
        outputs = merge([result.input_value(0) for result in graph.get_results()])
        graph = ov.Model([ops.result(output) for output in outputs], graph.get_parameters(), "face")
        compiled.append(core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}))
    face = np.repeat(np.repeat(person(), 3, 0), 3, 1)[60:252, 320:512] / np.float32(255)
    for picture in (face, face[::-1], RNG.uniform(0, 1, face.shape)):
        (landmarks, flag), (of_both, flag_of_both) = (
            list(one(picture[None].astype(np.float32)).values()) for one in compiled
        )
        assert np.allclose(of_both, landmarks, atol=2e-3)
        assert np.allclose(flag_of_both, flag, atol=1e-3)
    operations = [len(one.get_runtime_model().get_ops()) for one in compiled]
    assert operations[1] < 0.4 * operations[0]


def test_branches_that_are_not_known_or_not_alike_are_refused() -> None:
    begins = [ops.parameter([1, 4, 2, 2], np.float32) for _ in range(2)]
    branches = ParallelBranches([one.output(0) for one in begins], ops.concat(begins, 1).output(0))
    with pytest.raises(TrackingError, match="the operation Sin "):
        branches.together([ops.sin(one).output(0) for one in begins])
    weights = ops.constant(np.ones((4, 4, 1, 1), np.float32))
    convolutions = [
        ops.convolution(one, weights, strides, [0, 0], [0, 0], [1, 1])
        for one, strides in zip(begins, ([1, 1], [2, 2]), strict=True)
    ]
    with pytest.raises(TrackingError, match="another Convolution "):
        branches.together([one.output(0) for one in convolutions])
    with pytest.raises(TrackingError, match="branches that share"):
        branches.together([begins[number].output(0) for number in (0, 1, 1, 0)])
