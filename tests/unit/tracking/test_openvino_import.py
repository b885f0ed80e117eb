"""What is kept of a network that is freed."""

import os
import platform
import subprocess
import sys

import pytest

MEASURE = """
import sys
from mocast.tracking.openvino_import import free_kernels_with_networks

if sys.argv[1] == "freed":
    free_kernels_with_networks()
import numpy as np
import openvino as ov
from openvino import opset13 as ops


def kernel_bytes():  # of executable memory that is of no file
    with open("/proc/self/maps") as file:
        mapped = [line.split() for line in file]
    ranges = [one[0].split("-") for one in mapped if "x" in one[1] and len(one) == 5]
    return sum(int(end, 16) - int(start, 16) for start, end in ranges)


before = kernel_bytes()
picture = ops.parameter([1, 16, 32, 32], np.float32)
weights = ops.constant(np.ones((16, 16, 3, 3), np.float32))
graph = ov.Model([ops.convolution(picture, weights, [1, 1], [1, 1], [1, 1], [1, 1])], [picture])
compiled = ov.Core().compile_model(graph, "CPU", {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": 1})
compiled.create_infer_request().infer()
assert kernel_bytes() > before
del compiled
print(kernel_bytes() - before)
"""


def kept_bytes(mode: str) -> int:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("PRIMITIVE_CACHE_CAPACITY")}
    command = [sys.executable, "-c", MEASURE, mode]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="counts the kernels of x86 by Linux's maps"
)
def test_kernels_are_freed_with_their_network_where_that_was_asked_for() -> None:
    assert kept_bytes("freed") < kept_bytes("kept")
