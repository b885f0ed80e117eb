"""The ``openvino`` engine: MediaPipe's networks on OpenVINO in a loop of our own."""

import sys

# OpenVINO imports its converter of other frameworks' models, which it does without where that is missing. It is not
# needed here, takes half of the import's time, and tells its maker of the import if openvino-telemetry is installed.
sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
