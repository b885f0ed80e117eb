"""How OpenVINO is imported by Mocast's own programs: without its converter, and with what cache of kernels."""

import os
import sys


def leave_out_converter() -> None:
    """Have ``import openvino`` leave out its converter, where nothing has imported it yet.

    The converter takes half of the import's time, is not needed here, and reports its import to its maker where the
    package openvino-telemetry is installed. OpenVINO does without it where it is missing. Not for programs of others
    that import Mocast: these may need it.
    """
    sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]


def free_kernels_with_networks() -> None:
    """Have kernels freed with the network that they were made for. Call it before OpenVINO is imported.

    oneDNN keeps the last 1024 that it made, for networks that need the same ones again: 2 to 4 MB of each network that
    was given back (measured). Of two copies of a network the second one takes as much less with them, so this is for
    programs that run one network at a time.
    """
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "0")
