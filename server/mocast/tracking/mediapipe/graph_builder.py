"""Writes the text of the MediaPipe graphs from the parts in ``graphs/``.

The graphs are MediaPipe's own (Holistic, Pose, Hands and Face Mesh of 0.10.21), taken apart. What Mocast does not use
is left out: segmentation, switches between models, flow limiting. And no graph with networks in it remembers anything:
what one frame leaves for the next goes in and out as packets, so that any number of sessions take turns on one graph.
Networks are what is large; the one graph of a session's own, which smooths the pose, is small.

The graphs reach MediaPipe as text and its C++ side parses them: on the way through Python protobufs every calculator
whose ``*_pb2`` module was not imported loses its options without a word.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from mocast.model.topology import PoseLandmark


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph's text, and how to feed and read it."""

    text: str
    "A ``CalculatorGraphConfig`` as text."
    models: tuple[str, ...]
    "The networks that it takes as side packets, by their names in ``network_packets.py``."
    inputs: tuple[str, ...]
    "The streams to feed."
    outputs: tuple[str, ...]
    "The streams to observe."


def pose_detection() -> Graph:
    """Return the graph that finds a body in a picture."""
    return _graph([_part("image_size"), _part("pose_detection")], ["pose_detection"], ["image"], ["pose_rect"])


def pose_landmarks() -> Graph:
    """Return the graph of the body's landmarks inside a rectangle."""
    outputs = ["raw_pose", "raw_pose_world", "raw_pose_frame"]
    return _graph([_part("pose_landmarks")], ["pose_landmark"], ["image", "pose_rect"], outputs)


def pose_smoothing() -> Graph:
    """Return the graph that smooths the body's landmarks over time. It remembers, so each session has its own."""
    inputs = ["image", "raw_pose", "raw_pose_world", "raw_pose_frame"]
    return _graph([_part("image_size"), _part("pose_smoothing")], [], inputs, ["pose", "pose_world", "next_pose_rect"])


def face_and_hands(*, lite: bool, threads: int) -> Graph:
    """Return the graph of the face and hands of a body whose landmarks are known."""
    parts = [
        _part("image_size"),
        _part("face_of_pose"),
        _part("face_detection", image="image", within='input_stream: "NORM_RECT:head_rect"'),
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


def face() -> Graph:
    """Return the graph of the surest face in a picture."""
    parts = [
        _part("image_size"),
        _part("face_detection", image="image_without_face", within=""),
        _part("face_alone"),
        _part("face_alone_tracking"),
        _part("face_network"),
    ]
    inputs = ["image", "followed_face_rect"]
    return _graph(parts, ["face_detection", "face_landmark"], inputs, ["face", "next_face_rect"])


def hands(*, lite: bool) -> Graph:
    """Return the graph of up to two hands in a picture, whosoever they are."""
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


def face_shapes() -> Graph:
    """Return the graph of a face's blend shapes, whose network is not in the wheel."""
    return _graph([_part("face_shapes")], ["face_shapes"], ["face_points"], ["face_shapes"])


def _graph(parts: list[str], models: list[str], inputs: list[str], outputs: list[str], threads: int = 1) -> Graph:
    streams = [f'input_stream: "{name}"' for name in inputs] + [f'output_stream: "{name}"' for name in outputs]
    text = "\n".join([*streams, _executor(threads), *map(_loader, models), *parts])
    return Graph(text, tuple(models), tuple(inputs), tuple(outputs))


def _executor(threads: int) -> str:
    """One thread is that of whoever waits for the graph, which saves two switches between threads for every node."""
    return 'executor { type: "ApplicationThreadExecutor" }' if threads == 1 else f"num_threads: {threads}"


def _loader(model: str) -> str:
    return f"""node {{
  calculator: "TfLiteModelCalculator"
  input_side_packet: "MODEL_BLOB:{model}"
  output_side_packet: "MODEL:{model.removesuffix("_lite")}_model"
}}"""


def _hand_landmark(lite: bool) -> str:
    return "hand_landmark_lite" if lite else "hand_landmark"


def _pose_points(side: str) -> dict[str, int]:
    """Return the indices of the pose's landmarks that say where a hand is, and those after them."""
    points = {point: PoseLandmark[f"{side}_{point}".upper()].value for point in ("wrist", "pinky", "index")}
    return points | {f"after_{point}": index + 1 for point, index in points.items()}


@cache
def _template(name: str) -> Template:
    return Template((files(__package__) / "graphs" / f"{name}.pbtxt").read_text("utf-8"))


def _part(name: str, **values: str | int) -> str:
    # Networks run one after another along a chain, and XNNPACK's own threads gain less than they cost at these sizes.
    return _template(name).substitute(values, threads=1)
