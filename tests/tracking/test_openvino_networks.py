"""The networks as OpenVINO runs them, against the same networks in MediaPipe's own TensorFlow Lite, and their cache."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.model.topology import FACE_COUNT
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.mediapipe.graph_builder import GraphSpec
from mocast.tracking.mediapipe.graph_runner import GraphRunner, image_packet
from mocast.tracking.mediapipe.network_packets import NetworkPackets
from mocast.tracking.mediapipe.proto_landmarks import decode
from mocast.tracking.networks_folder import HEAVY
from mocast.tracking.openvino.networks.conversion import SPECS, NetworkName, WantedPrecision
from mocast.tracking.openvino.runtime import probe_images
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.compiler import Compiler
from mocast.tracking.openvino.runtime.inference_request import Outputs
from mocast.tracking.openvino.runtime.network_form import REFERENCE_FORM, NetworkForm
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.runtime.precision import PROBES, Clocks, FormMeter, distance
from tests.pictures import astronaut, real_frames
from tests.reference_engine import needs_mediapipe

HOLISTIC: tuple[NetworkName, ...] = (
    "pose_detection",
    "pose_landmark",
    "face_detection",
    "face_landmark",
    "hand_recrop",
    "hand_landmark",
)


@pytest.fixture(scope="module")
def kept(network_cache: Path) -> Path:
    return network_cache


@pytest.fixture(scope="module")
def networks(kept: Path) -> Iterator[NetworkRegistry]:
    made = NetworkRegistry(streams=1, cache_folder=kept)
    yield made
    made.close()


@cache
def pictures(size: int) -> list[RgbImage]:
    """Return what networks may see: a face, a person, a hand, all at once, noise, and nothing."""
    rng = np.random.default_rng(4)
    shown = [
        astronaut()[20:220, 130:330],
        astronaut(),
        probe_images.person(),
        probe_images.hand(),
        *real_frames(2),
        rng.integers(0, 256, (size, size, 3), np.uint8),
        np.zeros((size, size, 3), np.uint8),
    ]
    return [np.ascontiguousarray(cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)) for picture in shown]


def found(
    networks: NetworkRegistry, name: NetworkName, picture: RgbImage, precision: WantedPrecision = "f32"
) -> list[NDArray]:
    request = networks.request(name, precision)
    request.picture[:] = picture
    return [output.copy() for output in request.run()]


class Reference:
    """A network in MediaPipe."""

    def __init__(self, name: NetworkName) -> None:
        self._is_face = name == "face_landmark"
        # What the face network puts out are six parts, which are merged, and the flag.
        lengths = [6, 1] if self._is_face else [1] * len(SPECS[name].outputs)
        self._outputs = [f"found{number}" for number in range(len(lengths))]
        graph = GraphSpec(reference_graph(name, lengths), (name,), ("image",), tuple(self._outputs))
        self._running = GraphRunner(graph, {name: NetworkPackets().packet(name)})

    def find(self, picture: RgbImage) -> list[NDArray]:
        packets = self._running.run({"image": image_packet(picture)})
        getter = native()._packet_getter
        if self._is_face:
            landmarks = decode(getter._get_serialized_proto(packets.pop("found0")), FACE_COUNT)
            landmarks *= SPECS["face_landmark"].size
            return [landmarks, np.array(getter.get_float_list(packets["found1"]), np.float32)]
        return [np.array(getter.get_float_list(packets[name]), np.float32) for name in self._outputs]


def reference_graph(name: NetworkName, lengths: list[int]) -> str:
    spec = SPECS[name]
    ends = [sum(lengths[: number + 1]) for number in range(len(lengths))]
    ranges = ", ".join(f"{{ begin: {end - length} end: {end} }}" for length, end in zip(lengths, ends, strict=True))
    split = f"[mediapipe.SplitVectorCalculatorOptions.ext] {{ ranges: [{ranges}] }}"
    streams = [f'output_stream: "tensor{number}"' for number in range(len(lengths))]
    readers = [reader(number, length) for number, length in enumerate(lengths)]
    return f"""
input_stream: "image"
node {{
  calculator: "TfLiteModelCalculator"
  input_side_packet: "MODEL_BLOB:{name}"
  output_side_packet: "MODEL:model"
}}
node {{ calculator: "TfLiteCustomOpResolverCalculator" output_side_packet: "OP_RESOLVER:operations" }}
node {{
  calculator: "ImageToTensorCalculator"
  input_stream: "IMAGE:image"
  output_stream: "TENSORS:input"
  options {{
    [mediapipe.ImageToTensorCalculatorOptions.ext] {{
      output_tensor_width: {spec.size}
      output_tensor_height: {spec.size}
      output_tensor_float_range {{ min: {spec.low} max: 1 }}
    }}
  }}
}}
node {{
  calculator: "InferenceCalculatorCpu"
  input_side_packet: "MODEL:model"
  input_side_packet: "OP_RESOLVER:operations"
  input_stream: "TENSORS:input"
  output_stream: "TENSORS:output"
  options {{ [mediapipe.InferenceCalculatorOptions.ext] {{ delegate {{ xnnpack {{ num_threads: 1 }} }} }} }}
}}
node {{
  calculator: "SplitTensorVectorCalculator"
  input_stream: "output"
  {" ".join(streams)}
  options {{ {split} }}
}}
{" ".join(readers)}
"""


def reader(number: int, length: int) -> str:
    if length == 1:
        calculator, put_out = "TensorsToFloatsCalculator", "FLOATS"
    else:
        calculator, put_out = "TensorsToFaceLandmarksWithAttention", "LANDMARKS"
    return f"""node {{
  calculator: "{calculator}"
  input_stream: "TENSORS:tensor{number}"
  output_stream: "{put_out}:found{number}"
}}"""


@needs_mediapipe
@pytest.mark.parametrize("name", SPECS)
def test_a_network_finds_what_it_finds_in_mediapipe(networks: NetworkRegistry, name: NetworkName) -> None:
    if name == HEAVY.stem and not HEAVY.is_file():
        pytest.skip("the heavy pose network is not installed: make heavy")
    reference = Reference(name)
    for picture in pictures(SPECS[name].size):
        ours, theirs = found(networks, name, picture), reference.find(picture)
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            # Both sum hundreds of float32 products, in orders of their own.
            assert np.abs(one.ravel() - other.ravel()).max() <= 3e-4 * max(1, np.abs(other).max())


def test_streams_side_by_side_find_the_same(networks: NetworkRegistry, kept: Path) -> None:
    """From more threads than there are streams."""
    names: list[NetworkName] = ["pose_landmark", "hand_landmark", "hand_landmark", "hand_recrop", "face_landmark"]
    expected = {name: [found(networks, name, picture) for picture in pictures(SPECS[name].size)] for name in names}
    two = NetworkRegistry(streams=2, cache_folder=kept)

    def follow(first: int) -> bool:
        requests = [(name, two.request(name)) for name in names]
        same = True
        for turn in range(8):
            for number, (name, request) in enumerate(requests):
                request.picture[:] = pictures(request.picture.shape[0])[(first + turn + number) % 8]
                same = same and near(request.run(), expected[name][(first + turn + number) % 8])
        return same

    with ThreadPoolExecutor(3) as threads:
        assert all(threads.map(follow, range(3)))
    two.close()


def near(ours: Outputs, expected: list[NDArray]) -> bool:
    return all(np.allclose(one, other, rtol=1e-4, atol=1e-3) for one, other in zip(ours, expected, strict=True))


@pytest.mark.parametrize("name", sorted(PROBES))
def test_what_auto_chooses_is_near_f32(networks: NetworkRegistry, kept: Path, name: NetworkName) -> None:
    form, probe = networks.choice(name, "reduced").form, PROBES[name]
    if form == REFERENCE_FORM:
        pytest.skip("nothing is faster than f32 here")
    f32 = found(networks, name, probe.draw())
    for again in (networks, NetworkRegistry(streams=1, cache_folder=kept)):  # compiled, and from the cache
        off_px, off_m = distance(tuple(f32), tuple(found(again, name, probe.draw(), "reduced")))
        assert 0 < off_px < probe.max_px
        assert 0 < off_m < probe.max_m


def test_networks_that_gain_nothing_stay_at_f32(networks: NetworkRegistry) -> None:
    for name in ("face_landmark", "hand_recrop", "face_detection"):
        assert networks.choice(name, "reduced").form == REFERENCE_FORM  # type: ignore[arg-type]


@pytest.mark.parametrize("device", ["AUTO:CPU", "MULTI:CPU", "HETERO:CPU"])
def test_a_network_computes_the_same_on_another_device_of_openvino(
    networks: NetworkRegistry, device: str, tmp_path: Path
) -> None:
    """OpenVINO's virtual devices over the processor stand in for a GPU: no real other device is needed."""
    expected = found(networks, "hand_recrop", probe_images.person())
    for _ in range(2):  # compiled, and from the cache where that device can be kept
        other = NetworkRegistry(streams=2, cache_folder=tmp_path)
        request = other.request_as("hand_recrop", NetworkForm("f32", device))
        request.picture[:] = probe_images.person()
        assert np.allclose(request.run()[0], expected[0], atol=1e-3)
        other.close()


def test_another_device_is_measured_like_any_form(networks: NetworkRegistry) -> None:
    meter = FormMeter("hand_landmark", networks.request_as, Clocks())
    measured = meter.measured(NetworkForm("f32", "HETERO:CPU"))
    assert measured.is_near
    assert measured.off_px < 0.01
    assert meter.measured(NetworkForm("f32", "NO_SUCH_DEVICE")).failure


def run_elsewhere(code: str, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    registry = "from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry"
    code = f"from pathlib import Path; import sys; {registry}\n{code}"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )


def answer(process: "subprocess.Popen[str]") -> str:
    printed, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return printed.splitlines()[-1]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="processors of another kind cannot be limited")
@pytest.mark.parametrize("instructions", ["AVX2", "AVX512_CORE"])
def test_bf16_is_not_chosen_without_instructions_for_it(instructions: str) -> None:
    code = "print(NetworkRegistry(streams=1, cache_folder=None).choice('hand_landmark', 'reduced').form)"
    assert answer(run_elsewhere(code, ONEDNN_MAX_CPU_ISA=instructions)) in {"f32", "int8"}


def test_mediapipe_is_not_loaded() -> None:
    code = """
NetworkRegistry(streams=1, cache_folder=None).request("face_landmark").run()
print(sorted(name for name in sys.modules if name.partition(".")[0] == "mediapipe"))"""
    assert answer(run_elsewhere(code)) == "[]"


def recrop(cache_folder: Path | None) -> list[float]:
    networks = NetworkRegistry(streams=1, cache_folder=cache_folder)
    (points,) = found(networks, "hand_recrop", probe_images.person())
    networks.close()
    numbers: list[float] = points.ravel().tolist()
    return numbers


def test_what_was_compiled_is_taken_from_the_cache(tmp_path: Path) -> None:
    expected = recrop(tmp_path)
    (file,) = tmp_path.iterdir()
    before = file.stat()
    assert recrop(tmp_path) == expected == recrop(None)
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    expected = recrop(tmp_path)
    (file,) = tmp_path.iterdir()
    origin = Compiler(CompiledCache(tmp_path)).origin("hand_recrop")
    for damage in (slice(0, 0), slice(0, file.stat().st_size // 2), slice(1, None)):
        file.write_bytes(file.read_bytes()[damage])
        assert CompiledCache(tmp_path).read(file.name, origin) is None
        assert recrop(tmp_path) == expected
        assert CompiledCache(tmp_path).read(file.name, origin) is not None


def test_what_openvino_cannot_read_is_made_anew(tmp_path: Path) -> None:
    """As of an OpenVINO that calls itself the same but is not: whole, and of no use."""
    expected = recrop(tmp_path)
    (file,) = tmp_path.iterdir()
    file.unlink()
    compiler = Compiler(CompiledCache(tmp_path))
    CompiledCache(tmp_path).write(file.name, compiler.origin("hand_recrop"), b"not what OpenVINO wrote")
    assert recrop(tmp_path) == expected
    assert file.stat().st_size > 100_000


def test_processes_that_start_at_once_share_a_cache(tmp_path: Path) -> None:
    code = """
request = NetworkRegistry(streams=1, cache_folder=Path(sys.argv[1])).request("hand_recrop")
print(request.run()[0].ravel().tolist())"""
    started = [run_elsewhere(code, str(tmp_path)) for _ in range(3)]
    assert len({answer(process) for process in started}) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert recrop(tmp_path / "file") == recrop(None)


def test_networks_are_compiled_side_by_side(kept: Path) -> None:
    networks = NetworkRegistry(streams=2, cache_folder=kept)
    networks.prepare(dict.fromkeys(HOLISTIC, "f32"))
    with ThreadPoolExecutor(8) as threads:
        requests = list(threads.map(networks.request, [*HOLISTIC, *HOLISTIC]))
    assert all(len(request.run()) > 0 for request in requests)
    networks.close()


def test_a_network_that_failed_is_compiled_anew(kept: Path) -> None:
    networks = NetworkRegistry(streams=1, cache_folder=kept)
    old, other = networks.request("hand_recrop"), networks.request("hand_recrop")
    old._failed("as if it had")
    with pytest.raises(TrackingError, match="failed before"):
        old.run()
    assert len(networks._compiled) == 0
    assert np.array_equal(networks.request("hand_recrop").run()[0], other.run()[0])
    networks.close()


def test_closed_networks_and_their_requests_fail(kept: Path) -> None:
    networks = NetworkRegistry(streams=1, cache_folder=kept)
    request = networks.request("hand_recrop")
    networks.close()
    networks.close()
    with pytest.raises(TrackingError, match="closed"):
        request.run()
    with pytest.raises(TrackingError, match="closed"):
        networks.request("hand_recrop")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux tells it")
def test_one_more_session_takes_less_than_5_mb(kept: Path) -> None:
    code = """
import os
networks = NetworkRegistry(streams=1, cache_folder=Path(sys.argv[1]))
names = [*sys.argv[2:], "hand_recrop", "hand_landmark"]
def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
def session():
    requests = [networks.request(name) for name in names]
    for _ in range(3):
        [request.run() for request in requests]
    return requests
sessions = [session() for _ in range(2)]
before = resident_mb()
sessions += [session() for _ in range(10)]
print((resident_mb() - before) / 10)"""
    assert float(answer(run_elsewhere(code, str(kept), *HOLISTIC))) < 5
