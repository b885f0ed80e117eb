"""The fast engine's geometry against MediaPipe's own calculators, run on random numbers."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import numpy as np
import pytest

from mocast.tracking.openvino.regions import region as regions
from mocast.tracking.openvino.regions.association import associate
from mocast.tracking.openvino.regions.crop import Border, crop
from mocast.tracking.openvino.regions.detection import FACE_ANCHORS, POSE_ANCHORS, Detection, best, several
from mocast.tracking.openvino.regions.drift import FACE_DRIFT_LIMITS, HAND_DRIFT_LIMITS, DriftLimits, drift
from mocast.tracking.openvino.regions.heatmap import refine
from mocast.tracking.openvino.regions.region import Region, letterbox
from mocast.tracking.openvino.regions.smoothing_filters import LowPassFilter, OneEuroFilter
from tests.mediapipe_calculators import (
    HEIGHT,
    IMAGE_SIZE,
    SCALE,
    SIZE_WH,
    WIDTH,
    Calculators,
    Points,
    detected,
    detections_of,
    each,
    floats,
    matrix,
    merged,
    metres,
    node,
    normalized,
    picture,
    pixels,
    plain,
    proto,
    rect,
    region_of,
    regions_of,
    visibilities,
)
from tests.pictures import astronaut_frames

Random = np.random.Generator


@pytest.fixture
def random() -> Random:
    return np.random.default_rng(2718)


def cloud(random: Random, count: int) -> Points:
    """Return points around a random place, sometimes all outside the picture."""
    middle = random.uniform((-200, -150, -20), (WIDTH + 200, HEIGHT + 150, 20))
    return (middle + random.normal(0, random.uniform(3, 80), (count, 3))).astype(np.float32)


def any_region(random: Random, least: float = 20, most: float = 700) -> Region:
    x, y = random.uniform((-100, -100), (WIDTH + 100, HEIGHT + 100)).tolist()
    return Region(x, y, random.uniform(least, most), random.uniform(-math.pi, math.pi))


def assert_same(ours: Region | None, theirs: Region) -> None:
    assert ours is not None
    np.testing.assert_allclose(ours[:3], theirs[:3], rtol=1e-5, atol=2e-3)
    assert abs(math.remainder(ours.angle - theirs.angle, 2 * math.pi)) < 1e-4


TRACKING_OPTIONS = {
    HAND_DRIFT_LIMITS: """rect_requirements { rotation_degrees: 40 translation: 0.2 scale: 0.4 }
      landmarks_requirements { recrop_rect_margin: -0.1 }""",
    FACE_DRIFT_LIMITS: """rect_requirements { rotation_degrees: 15 translation: 0.1 scale: 0.3 }
      landmarks_requirements { recrop_rect_margin: -0.2 }""",
}
"""As in MediaPipe's hand_tracking.pbtxt and face_tracking.pbtxt."""


@pytest.mark.parametrize("limits", TRACKING_OPTIONS, ids=["hand", "face"])
@pytest.mark.parametrize("strained", ["turn", "shift", "scale", "reach", "all"])
def test_a_part_is_followed_where_mediapipe_follows_it(random: Random, limits: DriftLimits, strained: str) -> None:
    options = f"RoiTrackingCalculatorOptions {{ {TRACKING_OPTIONS[limits]} }}"
    streams = ["PREV_LANDMARKS:before", "PREV_LANDMARKS_RECT:followed", "RECROP_RECT:found", "IMAGE_SIZE:image_size"]
    text = [IMAGE_SIZE, node("RoiTrackingCalculator", streams, ["TRACKING_RECT:rect"], options)]
    verdicts = []
    with closing(Calculators(text, ["image", "before", "followed", "found"], ["rect"])) as calculators:
        for _ in range(150):
            found, followed, landmarks = moved(random, limits, strained)
            ours = drift(landmarks, followed, found, limits)
            if abs(ours - 1) < 1e-3:
                continue  # there MediaPipe's rounding decides
            packets = {"before": normalized(landmarks), "followed": rect(followed), "found": rect(found)}
            out = calculators.run(picture() | {name: proto(message) for name, message in packets.items()})
            theirs = region_of(out["rect"])
            assert_same(followed if ours <= 1 else found, theirs)
            verdicts.append(ours <= 1)
    assert 0.2 < np.mean(verdicts) < 0.8


def moved(random: Random, limits: DriftLimits, strained: str) -> tuple[Region, Region, Points]:
    """Return a found and a followed region, and landmarks; what is strained is near its limit, the rest is not."""
    found = any_region(random)

    def off(what: str, limit: float) -> float:
        near = random.uniform(0.5, 1.5) if what == strained else random.uniform(0, 1.1 if strained == "all" else 0.8)
        return float(near * limit * random.choice((-1, 1)))

    along = np.array((off("shift", limits.shift), random.uniform(-0.8, 0.8) * limits.shift)) * found.size
    cos, sin = math.cos(found.angle), math.sin(found.angle)
    to_picture = np.array(((cos, sin), (-sin, cos)))
    x, y = random.permutation(along) @ to_picture
    size = found.size * (1 + off("scale", limits.scale))
    angle = math.remainder(found.angle + off("turn", limits.angle), 2 * math.pi)
    inside = random.uniform(-0.3, 0.3, (21, 2)) * (1 + limits.margin)
    inside[3, random.integers(2)] = off("reach", 0.5 * (1 + limits.margin))
    landmarks = np.zeros((21, 3), np.float32)
    landmarks[:, :2] = inside * found.size @ to_picture + (found.x, found.y)
    return found, Region(found.x + x, found.y + y, size, angle), landmarks


LANDMARKS_TO_REGION: dict[str, tuple[str, int, Callable[[Points], Region | None]]] = {
    "HandLandmarksToRoi": ("LANDMARKS", 21, regions.of_hand_by_landmarks),
    "HandLandmarkLandmarksToRoi": ("LANDMARKS", 21, regions.of_hand_by_landmarks),
    "FaceLandmarksToRoi": ("LANDMARKS", 478, regions.of_face_by_landmarks),
    "FaceLandmarkLandmarksToRoi": ("LANDMARKS", 478, regions.of_face_by_landmarks),
    "FaceLandmarksFromPoseToRecropRoi": ("FACE_LANDMARKS_FROM_POSE", 11, regions.of_face_by_pose),
    "HandLandmarksFromPoseToRecropRoi": ("HAND_LANDMARKS_FROM_POSE", 3, lambda px: regions.of_hand_by_pose(*px)),
    "PoseLandmarksToRoi": ("LANDMARKS", 2, lambda px: regions.of_body(*px)),
}


@pytest.mark.parametrize("name", LANDMARKS_TO_REGION)
def test_a_region_of_landmarks_is_mediapipes(name: str, random: Random) -> None:
    tag, count, of_landmarks = LANDMARKS_TO_REGION[name]
    text = [IMAGE_SIZE, node(name, [f"{tag}:marks", "IMAGE_SIZE:image_size"], ["ROI:rect"])]
    with closing(Calculators(text, ["image", "marks"], ["rect"])) as calculators:
        for _ in range(60):
            points = cloud(random, count)
            out = calculators.run(picture() | {"marks": proto(normalized(points))})
            assert_same(of_landmarks(points), region_of(out["rect"]))


def test_a_region_of_recrops_points_is_mediapipes(random: Random) -> None:
    turn = """DetectionsToRectsCalculatorOptions {
      rotation_vector_start_keypoint_index: 0
      rotation_vector_end_keypoint_index: 1
      rotation_vector_target_angle_degrees: -90
    }"""
    shift = "RectTransformationCalculatorOptions { scale_x: 1 scale_y: 1 shift_y: -0.1 square_long: true }"
    aligning = ["DETECTION:extent", "IMAGE_SIZE:image_size"]
    text = [
        IMAGE_SIZE,
        node("LandmarksToDetectionCalculator", ["NORM_LANDMARKS:marks"], ["DETECTION:extent"]),
        node("AlignmentPointsRectsCalculator", aligning, ["NORM_RECT:tight"], turn),
        node("RectTransformationCalculator", ["NORM_RECT:tight", "IMAGE_SIZE:image_size"], ["rect"], shift),
    ]
    with closing(Calculators(text, ["image", "marks"], ["rect"])) as calculators:
        for _ in range(60):
            points = cloud(random, 2)
            out = calculators.run(picture() | {"marks": proto(normalized(points))})
            assert_same(regions.of_hand_by_recrop(points), region_of(out["rect"]))


PIXEL = Region(0.5, 0.5, 1, 0)
"""Positions in it are positions in the picture."""

DETECTION_TO_REGION: dict[str, tuple[str, int, Callable[[Detection], Region | None]]] = {
    "PalmDetectionDetectionToRoi": ("DETECTION", 7, lambda found: regions.of_palm(PIXEL, found)),
    "FaceDetectionFrontDetectionToRoi": ("DETECTION", 6, lambda one: regions.of_face_alone_by_detection(PIXEL, one)),
    "FaceDetectionFrontDetectionsToRoi": ("DETECTIONS", 6, lambda found: regions.of_face_by_detection(found.points)),
    "PoseDetectionToRoi": ("DETECTION", 4, lambda found: regions.of_body(*found.points[:2])),
}


@pytest.mark.parametrize("name", DETECTION_TO_REGION)
def test_a_region_of_a_detection_is_mediapipes(name: str, random: Random) -> None:
    tag, count, of_detection = DETECTION_TO_REGION[name]
    stream = "found" if tag == "DETECTIONS" else "found0"
    text = [IMAGE_SIZE, merged("found", 1), node(name, [f"{tag}:{stream}", "IMAGE_SIZE:image_size"], ["ROI:rect"])]
    with closing(Calculators(text, ["image", "found0"], ["rect"])) as calculators:
        for _ in range(60):
            points = cloud(random, count + 2)[:, :2]
            found = Detection(0.9, np.stack([points[:2].min(0), points[:2].max(0)]), points[2:])
            out = calculators.run(picture() | each("found", [detected(found)]))
            assert_same(of_detection(found), region_of(out["rect"]))


def test_landmarks_go_back_to_the_picture_as_in_mediapipe(random: Random) -> None:
    projection = ["NORM_LANDMARKS:marks", "NORM_RECT:rect"], ["NORM_LANDMARKS:projected"]
    world_projection = ["LANDMARKS:world", "NORM_RECT:rect"], ["LANDMARKS:turned"]
    text = [
        node("LandmarkProjectionCalculator", *projection),
        node("WorldLandmarkProjectionCalculator", *world_projection),
    ]
    with closing(Calculators(text, ["marks", "world", "rect"], ["projected", "turned"])) as calculators:
        for _ in range(60):
            region = any_region(random)
            points = random.uniform(-0.5, 1.5, (33, 3)).astype(np.float32)
            packets = {"marks": normalized(points * SCALE), "world": plain(points), "rect": rect(region)}
            out = calculators.run({name: proto(message) for name, message in packets.items()})
            np.testing.assert_allclose(region.project(points), pixels(out["projected"]), atol=2e-3)
            np.testing.assert_allclose(region.project(points * 256, side=256), pixels(out["projected"]), atol=2e-3)
            np.testing.assert_allclose(region.rotate_world(points), metres(out["turned"]), atol=1e-6)


def walk(random: Random, points: Points, step: float) -> Iterator[tuple[int, Points | None]]:
    """Yield times and points, which stand still, move, jump, and twice are not there."""
    time_us = 7_000
    for number in range(120):
        time_us += int(random.choice((16_667, 33_333, 33_334, 50_000, 400_000, 1)))
        if number not in range(20, 35):
            points = points + random.normal(0, step, points.shape).astype(np.float32)
        if number == 70:
            points = points + np.float32(40 * step)
        yield time_us, None if number in (50, 90) else points


@pytest.mark.parametrize(("min_cutoff", "beta"), [(0.05, 80), (0.01, 10)])
def test_landmarks_are_smoothed_as_in_mediapipe(random: Random, min_cutoff: float, beta: float) -> None:
    values = f"one_euro_filter {{ min_cutoff: {min_cutoff} beta: {beta} derivate_cutoff: 1 }}"
    options = f"LandmarksSmoothingCalculatorOptions {{ {values} }}"
    streams = ["NORM_LANDMARKS:marks", "IMAGE_SIZE:image_size", "OBJECT_SCALE_ROI:scale"]
    smoothing = node("LandmarksSmoothingCalculator", streams, ["NORM_FILTERED_LANDMARKS:smooth"], options)
    ours = OneEuroFilter(min_cutoff, beta)
    with closing(Calculators([IMAGE_SIZE, smoothing], ["image", "marks", "scale"], ["smooth"])) as calculators:
        for time_us, points in walk(random, cloud(random, 33), 2.0):
            if points is None:
                ours.reset()
                assert not calculators.run(picture(), time_us)
                continue
            size = float(random.uniform(100, 500))
            packets = {"marks": proto(normalized(points)), "scale": proto(rect(Region(9, 9, size, 0)))}
            out = calculators.run(picture() | packets, time_us)
            np.testing.assert_allclose(ours(points, 1 / size, time_us), pixels(out["smooth"]), atol=2e-3)


def test_metres_are_smoothed_as_in_mediapipe_which_remembers_them_over_a_gap(random: Random) -> None:
    values = "one_euro_filter { min_cutoff: 0.1 beta: 40 derivate_cutoff: 1 disable_value_scaling: true }"
    options = f"LandmarksSmoothingCalculatorOptions {{ {values} }}"
    text = [node("LandmarksSmoothingCalculator", ["LANDMARKS:marks"], ["FILTERED_LANDMARKS:smooth"], options)]
    ours = OneEuroFilter(0.1, 40)
    with closing(Calculators(text, ["marks"], ["smooth"])) as calculators:
        for time_us, points in walk(random, cloud(random, 33) / 500, 0.01):
            if points is None:
                assert not calculators.run({}, time_us)
                continue
            out = calculators.run({"marks": proto(plain(points))}, time_us)
            np.testing.assert_allclose(ours(points, 1, time_us), metres(out["smooth"]), atol=5e-6)


def test_visibility_is_smoothed_as_in_mediapipe_which_takes_a_gap_for_no_time(random: Random) -> None:
    options = "VisibilitySmoothingCalculatorOptions { low_pass_filter { alpha: 0.1 } }"
    streams = ["NORM_LANDMARKS:marks"], ["NORM_FILTERED_LANDMARKS:smooth"]
    ours = LowPassFilter(0.1)
    seen = 0
    points = cloud(random, 33)
    with closing(
        Calculators([node("VisibilitySmoothingCalculator", *streams, options)], ["marks"], ["smooth"])
    ) as calculators:
        for number in range(60):
            if number == 30:
                assert not calculators.run({})
                continue
            visibility = random.uniform(0, 1, 33).astype(np.float32)
            out = calculators.run({"marks": proto(normalized(points, visibility))})
            seen += 1
            smooth = ours(visibility, round(seen * 1e6 / 30))
            np.testing.assert_allclose(smooth, visibilities(out["smooth"]), atol=1e-5)


SUPPRESSION = """NonMaxSuppressionCalculatorOptions {
  min_suppression_threshold: 0.3 overlap_type: INTERSECTION_OVER_UNION algorithm: WEIGHTED
}"""


def test_boxes_that_overlap_are_one_detection_as_in_mediapipe(random: Random) -> None:
    text = [merged("all", 25), node("NonMaxSuppressionCalculator", ["all"], ["kept"], SUPPRESSION)]
    anchors = np.zeros((25, 2), np.float32)
    counts = set()
    with closing(Calculators(text, [f"all{index}" for index in range(25)], ["kept"])) as calculators:
        for _ in range(80):
            middles = random.uniform(20, 100, (4, 2))[random.integers(0, 4, 25)] + random.normal(0, 4, (25, 2))
            sizes, points = random.uniform(8, 50, (25, 2)), random.uniform(0, 128, (25, 12))
            boxes = np.concatenate([middles, sizes, points], 1).astype(np.float32)
            scores = random.uniform(0.01, 5, 25).astype(np.float32)
            alone = [several(boxes[i : i + 1], scores[i : i + 1], anchors[:1], 128, most=1)[0] for i in range(25)]
            out = calculators.run(each("all", [detected(one, (1, 1)) for one in alone]))
            theirs = detections_of(out["kept"], (1, 1))
            ours = several(boxes, scores, anchors, 128, most=25)
            assert_same_detections(ours, theirs)
            assert_same_detections(several(boxes, scores, anchors, 128, most=2), theirs[:2])
            counts.add(len(ours))
    assert len(counts) > 3


def assert_same_detections(ours: Iterable[Detection], theirs: Iterable[Detection]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert abs(one.score - other.score) < 1e-5
        np.testing.assert_allclose(one.box, other.box, atol=1e-5)
        np.testing.assert_allclose(one.points, other.points, atol=1e-5)


DETECTORS = {
    "pose_detection": (POSE_ANCHORS, 224, 4, (8, 16, 32, 32, 32)),
    "face_detection": (FACE_ANCHORS, 128, 6, (8, 16, 16, 16)),
}


@pytest.mark.parametrize("name", DETECTORS)
def test_what_a_network_detects_is_read_as_in_mediapipe(name: str) -> None:
    anchors, size, points, strides = DETECTORS[name]
    scaling = f"""ImageToTensorCalculatorOptions {{
      output_tensor_width: {size} output_tensor_height: {size} keep_aspect_ratio: true
      output_tensor_float_range {{ min: -1 max: 1 }} border_mode: BORDER_ZERO
    }}"""
    grid = f"""SsdAnchorsCalculatorOptions {{
      num_layers: {len(strides)} min_scale: 0.1484375 max_scale: 0.75
      input_size_width: {size} input_size_height: {size} anchor_offset_x: 0.5 anchor_offset_y: 0.5
      strides: {list(strides)} aspect_ratios: 1 fixed_anchor_size: true
    }}"""
    decoding = f"""TensorsToDetectionsCalculatorOptions {{
      num_classes: 1 num_boxes: {len(anchors)} num_coords: {4 + 2 * points} box_coord_offset: 0
      keypoint_coord_offset: 4 num_keypoints: {points} num_values_per_keypoint: 2
      sigmoid_score: true score_clipping_thresh: 100 reverse_output_order: true
      x_scale: {size} y_scale: {size} w_scale: {size} h_scale: {size} min_score_thresh: 0.5
    }}"""
    halves = "SplitVectorCalculatorOptions { ranges { begin: 0 end: 1 } ranges { begin: 1 end: 2 } }"
    model, grid_packet = 'input_side_packet: "MODEL:model"', 'input_side_packet: "ANCHORS:anchors"'
    blob = f'input_side_packet: "MODEL_BLOB:{name}" output_side_packet: "MODEL:model"'
    text = [
        node("TfLiteModelCalculator", [], [], more=blob),
        node("ImageToTensorCalculator", ["IMAGE:image"], ["TENSORS:input"], scaling),
        # Twice, as a tensor can be read by one calculator only.
        node("InferenceCalculatorCpu", ["TENSORS:input"], ["TENSORS:output"], more=model),
        node("InferenceCalculatorCpu", ["TENSORS:input"], ["TENSORS:same_output"], more=model),
        node("SplitTensorVectorCalculator", ["same_output"], ["box_tensor", "score_tensor"], halves),
        node("TensorsToFloatsCalculator", ["TENSORS:box_tensor"], ["FLOATS:boxes"]),
        node("TensorsToFloatsCalculator", ["TENSORS:score_tensor"], ["FLOATS:scores"]),
        node("SsdAnchorsCalculator", [], [], grid, more='output_side_packet: "anchors"'),
        node("TensorsToDetectionsCalculator", ["TENSORS:output"], ["DETECTIONS:all"], decoding, more=grid_packet),
        node("NonMaxSuppressionCalculator", ["all"], ["kept"], SUPPRESSION),
    ]
    found = 0
    with closing(Calculators(text, ["image"], ["boxes", "scores", "kept"], [name])) as calculators:
        for moved_picture in astronaut_frames(5):
            out = calculators.run(picture(moved_picture.rgb))
            boxes = floats(out["boxes"]).reshape(len(anchors), -1)
            ours = best(boxes, floats(out["scores"]), anchors, size)
            if ours is None:
                assert "kept" not in out
                continue
            assert_same_detections([ours], detections_of(out["kept"], (1, 1))[:1])
            found += 1
    assert found > 2


def test_a_landmark_goes_where_the_heatmap_sees_it_as_in_mediapipe(random: Random) -> None:
    as_it_is = "TensorConverterCalculatorOptions { zero_center: false row_major_matrix: true }"
    kernel = "RefineLandmarksFromHeatmapCalculatorOptions { kernel_size: 9 }"
    refining = ["NORM_LANDMARKS:marks", "TENSORS:heatmap"], ["NORM_LANDMARKS:refined"]
    text = [
        node("TensorConverterCalculator", ["MATRIX:heat"], ["TENSORS:heatmap"], as_it_is),
        node("RefineLandmarksFromHeatmapCalculator", *refining, kernel),
    ]
    moves = []
    with closing(Calculators(text, ["heat", "marks"], ["refined"])) as calculators:
        for number in range(200):
            logits = random.normal(-4, 2, (64, 64)).astype(np.float32)
            row, column = random.integers(0, 64, 2)
            logits[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] += random.uniform(1, 9)
            point = random.uniform(-0.1, 1.1, (1, 3)) if number % 2 else np.array([[column, row, 32]]) / 64
            ours = point.astype(np.float32)
            out = calculators.run({"heat": matrix(logits), "marks": proto(normalized(ours * SCALE))})
            refine(ours, logits[:, :, None])
            np.testing.assert_allclose(ours, pixels(out["refined"]) / SCALE, atol=2e-6)
            moves.append(not np.allclose(ours, point))
    assert 0.3 < np.mean(moves) < 0.9


@pytest.mark.parametrize("border", ["replicate", "black"])
@pytest.mark.parametrize("side", [128, 256])
def test_a_crop_is_mediapipes_to_two_grey_levels(random: Random, border: Border, side: int) -> None:
    options = f"""ImageToTensorCalculatorOptions {{
      output_tensor_width: {side} output_tensor_height: {side} keep_aspect_ratio: true
      output_tensor_float_range {{ min: 0 max: 1 }}
      border_mode: {"BORDER_REPLICATE" if border == "replicate" else "BORDER_ZERO"}
    }}"""
    text = [
        node("ImageToTensorCalculator", ["IMAGE:image", "NORM_RECT:rect"], ["TENSORS:input"], options),
        node("TensorsToFloatsCalculator", ["TENSORS:input"], ["FLOATS:pixels"]),
    ]
    rgb = next(astronaut_frames(1, SIZE_WH)).rgb
    out = np.empty((side, side, 3), np.uint8)
    with closing(Calculators(text, ["image", "rect"], ["pixels"])) as calculators:
        for region in [letterbox(SIZE_WH), *(any_region(random, 60) for _ in range(8))]:
            packets = calculators.run(picture(rgb) | {"rect": proto(rect(region))})
            crop(rgb, region, out, border)
            off = np.abs(out - floats(packets["pixels"]).reshape(out.shape) * 255)
            # MediaPipe rounds positions to 1/32 of a pixel. Where the black border begins that may be many levels.
            assert off.mean() < 0.15
            assert np.quantile(off, 0.999) <= (2.01 if border == "replicate" else 6)


def test_hands_are_told_apart_as_in_mediapipe(random: Random) -> None:
    options = "AssociationCalculatorOptions { min_similarity_threshold: 0.5 }"
    text = [node("AssociationNormRectCalculator", ["found_rects", "followed_rects"], ["hands"], options)]
    for name in ("found", "followed"):
        text += [
            merged(name, 2),
            node("DetectionsToRectsCalculator", [f"DETECTIONS:{name}"], [f"NORM_RECTS:{name}_rects"]),
        ]
    counts = set()
    with closing(Calculators(text, ["found0", "found1", "followed0", "followed1"], ["hands"])) as calculators:
        for _ in range(200):
            places = [any_region(random, 60, 90)._replace(angle=0.0) for _ in range(2)]
            near = [
                place._replace(x=place.x + random.normal(0, 12), size=place.size * random.uniform(0.8, 1.2))
                for place in places * 2
            ]
            found, followed = near[: random.integers(3)], near[2 : 2 + random.integers(1, 3)]
            out = calculators.run(each("found", map(boxed, found)) | each("followed", map(boxed, followed)))
            ours = associate(found, followed)
            np.testing.assert_allclose(ours, regions_of(out["hands"]), atol=1e-3)
            counts.add(len(ours))
    assert counts >= {1, 2, 3}


def boxed(region: Region) -> object:
    """Return an upright region as MediaPipe's detection."""
    half = region.size / 2
    corners = np.array(((region.x - half, region.y - half), (region.x + half, region.y + half)))
    return detected(Detection(0.9, corners, np.empty((0, 2))))
