"""How OpenVINO is imported by Mocast's own programs: without its converter of other frameworks' models."""

import sys


def leave_out_converter() -> None:
    """Have ``import openvino`` leave out its converter, where nothing has imported it yet.

    The converter takes half of the import's time, is not needed here, and reports its import to its maker where the
    package openvino-telemetry is installed. OpenVINO does without it where it is missing. Not for programs of others
    that import Mocast: these may need it.
    """
    sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
