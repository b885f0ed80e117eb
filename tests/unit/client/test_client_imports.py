"""Importing the client loads nothing of the server."""

import subprocess
import sys

HEAVY = (
    *("aiortc", "aioice", "av", "cv2", "mediapipe", "numpy", "openvino", "PIL", "prometheus_client"),
    *("pydantic", "pydantic_settings", "rich", "structlog", "uvloop", "jwt", "aiohttp.web_app"),
)
OURS = (
    *("mocast", "mocast.client", "mocast.errors", "mocast.model", "mocast.model.pts"),
    *("mocast.pipeline", "mocast.pipeline.bounded_queue", "mocast.retry_delays"),
)


def test_importing_the_client_loads_none_of_the_servers_dependencies() -> None:
    code = (
        "import sys, mocast.client\n"
        f"print(sorted({{*{HEAVY}}} & sys.modules.keys()))\n"
        "print(sorted(name for name in sys.modules if name.startswith('mocast') and '.client.' not in name))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded, own = done.stdout.splitlines()
    assert loaded == "[]"
    assert own == str(sorted(OURS))
