"""Writes the text of the MediaPipe graphs from the parts in ``parts/``.

The graphs are MediaPipe's own (Holistic, Pose, Hands, Face Mesh of 0.10.21) with what Mocast does not use left out:
segmentation, switches between models, flow limiting. They reach MediaPipe as text and its C++ side parses them: on the
way through Python protobufs every calculator whose ``*_pb2`` module was not imported loses its options without a word.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from mocast.model.choices import Quality, TrackerName
from mocast.model.topology import PoseLandmark

INPUT_STREAM = "image"


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph's text, and how to feed and read it."""

    text: str
    "A ``CalculatorGraphConfig`` as text."
    models: tuple[str, ...]
    "The networks that it takes as side packets, by their names in ``models.py``."
    streams: tuple[str, ...]
    "The output streams to observe."


@cache
def graph(tracker: TrackerName, quality: Quality, *, still: bool, threads: int) -> Graph:
    """Return the graph of a tracker; a ``still`` one looks at each picture afresh."""
    parts, networks, streams = _BUILDERS[tracker](still)
    models = tuple(f"{name}_lite" if quality == "fast" and name == "hand_landmark" else name for name in networks)
    header = [f'input_stream: "{INPUT_STREAM}"', *(f'output_stream: "{stream}"' for stream in streams)]
    loaders = [_loader(network, model) for network, model in zip(networks, models, strict=True)]
    # Networks run one after another along a chain, so more threads help only where hands and face run side by side:
    # those are the executor's. XNNPACK's own threads gain less than they cost at these sizes.
    body = [Template(part).safe_substitute(threads=1) for part in parts]
    return Graph("\n".join([*header, _executor(threads), *loaders, *body]), models, streams)


def _executor(threads: int) -> str:
    """One thread: that of whoever waits for the graph, which saves two switches between threads for every node."""
    if threads == 1:
        return 'executor { type: "ApplicationThreadExecutor" }'
    return f"num_threads: {threads}"


def _loader(network: str, model: str) -> str:
    return f"""node {{
  calculator: "TfLiteModelCalculator"
  input_side_packet: "MODEL_BLOB:{model}"
  output_side_packet: "MODEL:{network}_model"
}}"""


def _part(name: str, **values: str | int) -> str:
    text = (files(__package__) / "parts" / f"{name}.pbtxt").read_text("utf-8")
    return Template(text).safe_substitute(values)


Parts = tuple[list[str], tuple[str, ...], tuple[str, ...]]
"""The parts' texts, the networks they use, and the streams to observe."""


def _pose(still: bool) -> Parts:
    networks = ("pose_detection", "pose_landmark")
    if still:
        found = _part("pose_detection", image="image", rect="pose_rect")
        return [_part("image_size"), found, _part("pose_landmarks")], networks, ("raw_pose", "raw_pose_world")
    parts = [
        _part("image_size"),
        _part("loop", part="pose"),
        _part("pose_detection", image="image_without_pose", rect="detected_pose_rect"),
        _part("pose_landmarks"),
        _part("pose_smoothing"),
    ]
    return parts, networks, ("pose", "pose_world")


def _face(still: bool) -> Parts:
    image, rect = ("image", "face_rect") if still else ("image_without_face", "detected_face_rect")
    parts = [
        _part("face_detection", image=image, within=""),
        _part("face_alone", image=image, rect=rect),
        _part("face_network"),
    ]
    if not still:
        parts += [_part("image_size"), _part("loop", part="face"), _part("face_alone_next")]
    return parts, ("face_detection", "face_landmark"), ("face",)


def _hands(still: bool) -> Parts:
    image, rects = ("image", "hand_rects") if still else ("image_without_hands", "detected_hand_rects")
    parts = [
        _part("image_size"),
        _part("palm_detection", image=image, rects=rects),
        _part("hands_begin"),
        _part("hand_network", hand="one_hand", image="one_hand_image", rect="one_hand_rect"),
        _part("hands_end"),
    ]
    if not still:
        parts += [_part("hands_loop"), _part("hands_next")]
    return parts, ("palm_detection", "hand_landmark"), ("hands", "hands_world", "hands_score", "hands_side")


def _holistic(still: bool) -> Parts:
    parts, networks, streams = _pose(still)
    pose = streams[0]
    found_face = "face_rect" if still else "found_face_rect"
    parts += [
        _part("face_of_pose", pose=pose, rect=found_face),
        _part("face_detection", image="image", within='input_stream: "NORM_RECT:head_rect"'),
        _part("face_network"),
    ]
    if not still:
        parts.append(_part("face_of_pose_loop"))
    for side in ("left", "right"):
        parts += _hand_of_pose(f"{side}_hand", pose, still)
    hands = tuple(f"{side}_hand{what}" for side in ("left", "right") for what in ("", "_world", "_score"))
    networks += ("face_detection", "face_landmark", "hand_recrop", "hand_landmark")
    return parts, networks, (*streams, "face", *hands)


def _hand_of_pose(hand: str, pose: str, still: bool) -> list[str]:
    side = hand.removesuffix("_hand").upper()
    points = {point.lower(): PoseLandmark[f"{side}_{point}"].value for point in ("WRIST", "PINKY", "INDEX")}
    after = {f"after_{point}": index + 1 for point, index in points.items()}
    found = _part("hand_of_pose", hand=hand, pose=pose, **points, **after)
    rect = f"{hand}_found_rect" if still else f"{hand}_rect"
    network = _part("hand_network", hand=hand, image="image", rect=rect)
    return [found, network] if still else [found, _part("hand_loop", hand=hand), network]


_BUILDERS = {"holistic": _holistic, "pose": _pose, "hands": _hands, "face": _face}
