"""MediaPipe's own calculators, alone or a few in a graph, and values of ours as the messages that they take.

Lengths are pixels of a picture of ``SIZE_WH``; MediaPipe's messages have them as parts of its width and height.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from mediapipe.framework.formats import detection_pb2, landmark_pb2, rect_pb2
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.mediapipe.graph_builder import GraphSpec
from mocast.tracking.mediapipe.graph_runner import GraphRunner, image_packet
from mocast.tracking.mediapipe.network_packets import NetworkPackets
from mocast.tracking.openvino.regions.detection import Detection
from mocast.tracking.openvino.regions.region import Region

SIZE_WH = WIDTH, HEIGHT = 640, 480
SCALE = np.array((WIDTH, HEIGHT, WIDTH), np.float32)

Points = NDArray[np.float32]
Packets = Mapping[str, Any]

IMAGE_SIZE = """node {
  calculator: "ImagePropertiesCalculator"
  input_stream: "IMAGE_CPU:image"
  output_stream: "SIZE:image_size"
}"""
"""Says how large the input stream ``image`` is."""


class Calculators:
    """A graph of a few calculators, by their text; see ``node``."""

    def __init__(
        self, text: Iterable[str], inputs: Iterable[str], outputs: Iterable[str], models: Iterable[str] = ()
    ) -> None:
        streams = [f'input_stream: "{name}"' for name in inputs] + [f'output_stream: "{name}"' for name in outputs]
        graph = GraphSpec("\n".join([*streams, *text]), tuple(models), tuple(inputs), tuple(outputs))
        networks = NetworkPackets()
        self._graph = GraphRunner(graph, {name: networks.packet(name) for name in models})

    def run(self, packets: Packets, time_us: int | None = None) -> Packets:
        return self._graph.run(packets, time_us)

    def close(self) -> None:
        self._graph.close()


def node(calculator: str, inputs: Iterable[str], outputs: Iterable[str], options: str = "", more: str = "") -> str:
    """Return the text of a calculator; a stream is its name, or ``TAG:name``; ``options`` are ``Kind { values }``."""
    streams = [f'input_stream: "{name}"' for name in inputs] + [f'output_stream: "{name}"' for name in outputs]
    kind, _, values = options.partition(" ")
    extension = f"options {{ [mediapipe.{kind}.ext] {values} }}" if options else ""
    return "\n".join([f'node {{ calculator: "{calculator}"', *streams, more, extension, "}"])


def picture(rgb: RgbImage | None = None) -> dict[str, Any]:
    """Return the packet of the stream ``image``, black where there is no picture."""
    return {"image": image_packet(np.zeros((HEIGHT, WIDTH, 3), np.uint8) if rgb is None else rgb)}


def proto(message: Any) -> Any:
    return native()._packet_creator._create_proto(message.DESCRIPTOR.full_name, message.SerializeToString())


def merged(name: str, most: int) -> str:
    """Return the text of a calculator that makes a vector of up to ``most`` detections: ``name0``, ``name1``..."""
    return node("MergeDetectionsToVectorCalculator", [f"{name}{index}" for index in range(most)], [name])


def each(name: str, messages: Iterable[Any]) -> dict[str, Any]:
    """Return the packets for ``merged``."""
    return {f"{name}{index}": proto(message) for index, message in enumerate(messages)}


def matrix(numbers: Points) -> Any:
    return native()._packet_creator.create_matrix(np.ascontiguousarray(numbers))


def floats(packet: Any) -> Points:
    return np.array(native()._packet_getter.get_float_list(packet), np.float32)


def read(packet: Any, kind: type[Any]) -> Any:
    return kind.FromString(native()._packet_getter._get_serialized_proto(packet))


def read_all(packet: Any, kind: type[Any]) -> list[Any]:
    return [kind.FromString(text) for text in native()._packet_getter._get_serialized_proto_list(packet)]


def normalized(points: Points, visibility: Points | None = None) -> Any:
    """Return (n, 3) points as a ``NormalizedLandmarkList``."""
    message = landmark_pb2.NormalizedLandmarkList()
    for index, (x, y, z) in enumerate((points / SCALE).tolist()):
        seen = {} if visibility is None else {"visibility": float(visibility[index])}
        message.landmark.add(x=x, y=y, z=z, **seen)
    return message


def pixels(packet: Any) -> Points:
    """Return the points of a ``NormalizedLandmarkList``."""
    return _numbers(read(packet, landmark_pb2.NormalizedLandmarkList)) * SCALE


def visibilities(packet: Any) -> Points:
    """Return the visibilities in a ``NormalizedLandmarkList``."""
    return np.array([mark.visibility for mark in read(packet, landmark_pb2.NormalizedLandmarkList).landmark])


def plain(points: Points) -> Any:
    """Return (n, 3) points as a ``LandmarkList``, which has them as they are."""
    message = landmark_pb2.LandmarkList()
    for x, y, z in points.tolist():
        message.landmark.add(x=x, y=y, z=z)
    return message


def metres(packet: Any) -> Points:
    """Return the points of a ``LandmarkList``."""
    return _numbers(read(packet, landmark_pb2.LandmarkList))


def _numbers(message: Any) -> Points:
    return np.array([(mark.x, mark.y, mark.z) for mark in message.landmark], np.float32)


def rect(region: Region) -> Any:
    """Return a region as a ``NormalizedRect``."""
    return rect_pb2.NormalizedRect(
        x_center=region.x / WIDTH,
        y_center=region.y / HEIGHT,
        width=region.size / WIDTH,
        height=region.size / HEIGHT,
        rotation=region.angle,
    )


def region_of(packet: Any) -> Region:
    """Return the region of a ``NormalizedRect``."""
    return _region(read(packet, rect_pb2.NormalizedRect))


def regions_of(packet: Any) -> list[Region]:
    return [_region(message) for message in read_all(packet, rect_pb2.NormalizedRect)]


def _region(message: Any) -> Region:
    np.testing.assert_allclose(message.width * WIDTH, message.height * HEIGHT, rtol=1e-5)
    return Region(message.x_center * WIDTH, message.y_center * HEIGHT, message.width * WIDTH, message.rotation)


def detected(found: Detection, size_wh: Sequence[float] = SIZE_WH) -> Any:
    """Return a detection in a picture of that size as a ``Detection``."""
    message = detection_pb2.Detection(score=[found.score], label_id=[0])
    where = message.location_data
    where.format = where.RELATIVE_BOUNDING_BOX
    (left, top), (right, bottom) = (found.box / size_wh).tolist()
    box = where.relative_bounding_box
    box.xmin, box.ymin, box.width, box.height = left, top, right - left, bottom - top
    for x, y in (found.points / size_wh).tolist():
        where.relative_keypoints.add(x=x, y=y)
    return message


def detections_of(packet: Any, size_wh: Sequence[float] = SIZE_WH) -> list[Detection]:
    """Return the detections of a vector of ``Detection``."""
    return [_detection(message, size_wh) for message in read_all(packet, detection_pb2.Detection)]


def _detection(message: Any, size_wh: Sequence[float]) -> Detection:
    box = message.location_data.relative_bounding_box
    corners = [(box.xmin, box.ymin), (box.xmin + box.width, box.ymin + box.height)]
    points = [(point.x, point.y) for point in message.location_data.relative_keypoints]
    scale = np.array(size_wh, np.float32)
    return Detection(message.score[0], np.array(corners, np.float32) * scale, np.array(points, np.float32) * scale)
