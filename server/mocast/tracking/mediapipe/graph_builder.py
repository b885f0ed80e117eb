"""The builder of the MediaPipe graphs' text, from the parts in ``graphs/``.

The graphs are MediaPipe's own (Holistic, Pose, Hands and Face Mesh of 0.10.21), taken apart. What Mocast does not use
is left out: segmentation, switches between models, flow limiting. Graphs with networks are stateless: what a frame
leaves for the next goes out and in as packets, so that any number of sessions share them. Each session has a graph of
its own, without networks and small, which smooths the pose.

MediaPipe's C++ side parses the text: on the way through Python protobufs, calculators whose ``*_pb2`` module was not
imported would lose their options silently.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from mocast.model.topology import PoseLandmark
from mocast.tracking.engines import FaceRange


@dataclass(frozen=True, slots=True)
class GraphSpec:
    """A graph's text, networks, inputs and outputs."""

    text: str
    "A ``CalculatorGraphConfig`` as text."
    models: tuple[str, ...]
    "Its networks, which it takes as side packets, by their names in ``network_packets``."
    inputs: tuple[str, ...]
    "The streams to feed."
    outputs: tuple[str, ...]
    "The streams to observe."


def pose_detection() -> GraphSpec:
    """Return the graph that detects a body in a picture."""
    return _graph([_part("image_size"), _part("pose_detection")], ["pose_detection"], ["image"], ["pose_rect"])


def pose_landmarks() -> GraphSpec:
    """Return the graph of the body's landmarks in a region."""
    outputs = ["raw_pose", "raw_pose_world", "raw_pose_frame"]
    return _graph([_part("pose_landmarks")], ["pose_landmark"], ["image", "pose_rect"], outputs)


def pose_smoothing() -> GraphSpec:
    """Return the graph that smooths the body's landmarks over time. It has state, so each session has its own."""
    inputs = ["image", "raw_pose", "raw_pose_world", "raw_pose_frame"]
    return _graph([_part("image_size"), _part("pose_smoothing")], [], inputs, ["pose", "pose_world", "next_pose_rect"])


def face_and_hands(*, lite: bool, threads: int) -> GraphSpec:
    """Return the graph of the face and the hands of a body, by its landmarks."""
    parts = [
        _part("image_size"),
        _part("face_of_pose"),
        _face_detection("near", image="image", within='input_stream: "NORM_RECT:head_rect"'),
        _part("face_of_pose_tracking"),
        _part("face_network"),
    ]
    for hand in ("left_hand", "right_hand"):
        parts += [
            _part("hand_of_pose", hand=hand, **_pose_points(hand.removesuffix("_hand"))),
            _part("hand_tracking", hand=hand),
            _part("hand_network", hand=hand, image="image", rect=f"{hand}_rect"),
        ]
    hands = [f"{hand}{what}" for hand in ("left_hand", "right_hand") for what in ("", "_world", "_score")]
    inputs = ["image", "pose", "face_before", "left_hand_before", "right_hand_before"]
    models = ["face_detection", "face_landmark", "hand_recrop", _hand_landmark(lite)]
    return _graph(parts, models, inputs, ["face", *hands], threads)


def every_face(reach: FaceRange) -> GraphSpec:
    """Return the graph of the boxes of all faces in a picture."""
    parts = [_face_detection(reach, image="image", within=""), _part("face_boxes")]
    model = "face_detection" if reach == "near" else "face_detection_far"
    return _graph(parts, [model], ["image"], ["face_boxes"])


def face() -> GraphSpec:
    """Return the graph of the face with the highest score in a picture."""
    parts = [
        _part("image_size"),
        _face_detection("near", image="image_without_face", within=""),
        _part("face_alone"),
        _part("face_alone_tracking"),
        _part("face_network"),
    ]
    inputs = ["image", "followed_face_rect"]
    return _graph(parts, ["face_detection", "face_landmark"], inputs, ["face", "next_face_rect"])


def hands(*, lite: bool) -> GraphSpec:
    """Return the graph of up to two hands in a picture, of one person or of two."""
    parts = [
        _part("image_size"),
        _part("palm_detection"),
        _part("hands_tracking"),
        _part("hands_begin"),
        _part("hand_network", hand="one_hand", image="one_hand_image", rect="one_hand_rect"),
        _part("hands_end"),
    ]
    inputs = ["image", "followed_hand_rects"]
    outputs = ["hands", "hands_world", "hands_score", "hands_side", "next_hand_rects"]
    return _graph(parts, ["palm_detection", _hand_landmark(lite)], inputs, outputs)


def face_shapes() -> GraphSpec:
    """Return the graph of a face's blend shapes, whose network is not in mediapipe's wheel."""
    return _graph([_part("face_shapes")], ["face_shapes"], ["face_points"], ["face_shapes"])


def _graph(parts: list[str], models: list[str], inputs: list[str], outputs: list[str], threads: int = 1) -> GraphSpec:
    streams = [f'input_stream: "{name}"' for name in inputs] + [f'output_stream: "{name}"' for name in outputs]
    text = "\n".join([*streams, _executor(threads), *map(_loader, models), *parts])
    return GraphSpec(text, tuple(models), tuple(inputs), tuple(outputs))


def _executor(threads: int) -> str:
    """With one thread, the graph runs in the caller's, which saves two thread switches per node."""
    return 'executor { type: "ApplicationThreadExecutor" }' if threads == 1 else f"num_threads: {threads}"


def _loader(model: str) -> str:
    return f"""node {{
  calculator: "TfLiteModelCalculator"
  input_side_packet: "MODEL_BLOB:{model}"
  output_side_packet: "MODEL:{model.removesuffix("_lite").removesuffix("_far")}_model"
}}"""


def _face_detection(reach: FaceRange, **streams: str) -> str:
    """Return the part with one of the two detectors of faces. Source: the graphs ``face_detection_short_range`` and
    ``face_detection_full_range``; the least score is the same here."""
    if reach == "near":
        return _part("face_detection", **streams, size=128, layers=4, strides="8, 16, 16, 16", ratio=1, boxes=896)
    return _part("face_detection", **streams, size=192, layers=1, strides="4", ratio=0, boxes=2304)


def _hand_landmark(lite: bool) -> str:
    return "hand_landmark_lite" if lite else "hand_landmark"


def _pose_points(side: str) -> dict[str, int]:
    """Return the indices of the pose's landmarks that a hand's region is made from, and those after them."""
    points = {point: PoseLandmark[f"{side}_{point}".upper()].value for point in ("wrist", "pinky", "index")}
    return points | {f"after_{point}": index + 1 for point, index in points.items()}


@cache
def _template(name: str) -> Template:
    return Template((files(__package__) / "graphs" / f"{name}.pbtxt").read_text("utf-8"))


def _part(name: str, **values: str | int) -> str:
    # Networks run one after another along a chain, and XNNPACK's own threads gain less than they cost at these sizes.
    return _template(name).substitute(values, threads=1)
