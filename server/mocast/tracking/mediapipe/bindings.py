"""The loader of MediaPipe's native module alone, without the Python packages around it.

``import mediapipe`` imports its solutions and tasks, and with them matplotlib: over a second and 60 MB for nothing. The
native module needs none of them. It is loaded under its full name, so that a later ``import mediapipe`` in the same
process (as in the parity tests) finds the same module.
"""

import os
import struct
import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from threading import Lock
from types import ModuleType

from mocast.errors import TrackingError
from mocast.tracking.mediapipe.stderr_filter import filtered_stderr
from mocast.tracking.networks_folder import package_folder

NATIVE_MODULE = "mediapipe.python._framework_bindings"

# A region of the whole picture, a ``NormalizedRect``, whose width and height are required fields, and no landmarks.
_RECT = struct.pack("<BfBfBfBf", 0x0D, 0.5, 0x15, 0.5, 0x1D, 1.0, 0x25, 1.0)
_PROJECTION = """
input_stream: "landmarks"
input_stream: "rect"
executor { type: "ApplicationThreadExecutor" }
node {
  calculator: "LandmarkProjectionCalculator"
  input_stream: "NORM_LANDMARKS:landmarks"
  input_stream: "NORM_RECT:rect"
  output_stream: "NORM_LANDMARKS:projected"
}
"""

_loading = Lock()


def native() -> ModuleType:
    """Return MediaPipe's native module; the first call loads it. Raises ``TrackingError`` where it cannot."""
    with _loading:
        return sys.modules.get(NATIVE_MODULE) or _load()


def specification() -> ModuleSpec:
    """Return the native module's specification, without loading it. Raises ``TrackingError`` where there is none."""
    spec = PathFinder.find_spec(NATIVE_MODULE, [str(package_folder() / "python")])
    if spec is None or spec.loader is None:
        raise TrackingError(f"the installed mediapipe has no {NATIVE_MODULE}")
    return spec


def _load() -> ModuleType:
    spec = specification()
    os.environ.setdefault("GLOG_minloglevel", "2")
    try:
        module = module_from_spec(spec)
    except ImportError as error:  # it says no more than this where protobuf is missing, or a version 5
        raise TrackingError(f"MediaPipe's native module does not load: {error}; it needs protobuf 4") from error
    sys.modules[NATIVE_MODULE] = module
    try:
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    except BaseException:
        del sys.modules[NATIVE_MODULE]
        raise
    # Calculators name files such as "mediapipe/modules/.../handedness.txt" relative to this folder.
    module.resource_util.set_resource_dir(str(package_folder().parent))
    _provoke_warning(module)
    return module


def _provoke_warning(module: ModuleType) -> None:
    """Run a landmark projection, which warns in the first frame of a process, and drop the warning.

    All else that ``stderr_filter`` drops is written while a graph is built. So standard error is never redirected while
    frames are tracked.
    """
    with filtered_stderr():
        graph = module.calculator_graph.CalculatorGraph(graph_config=_PROJECTION)
        graph.start_run({})
        for stream, kind, value in (("landmarks", "NormalizedLandmarkList", b""), ("rect", "NormalizedRect", _RECT)):
            packet = module._packet_creator._create_proto(f"mediapipe.{kind}", value)
            graph.add_packet_to_input_stream(stream, packet.at(0))
        graph.close()
