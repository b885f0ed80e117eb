import gc
import os
import platform
import subprocess
import sys
from pathlib import Path
from threading import Semaphore

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.polling import HANG_S

from mocast.tracking.openvino.networks.conversion import SPECS
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.compiler import Compiler
from mocast.tracking.openvino.runtime.inference_request import InferenceRequest, RequestSlot
from mocast.tracking.openvino.runtime.network_form import REFERENCE_FORM
from mocast.tracking.openvino.runtime.precision import PROBES


def outputs(folder: Path | None) -> list[NDArray[np.float32]]:
    """Return what a network finds in noise, compiled or out of the cache."""
    compiled = Compiler(CompiledCache(folder)).compile("face_detection", REFERENCE_FORM, 1)
    slot = RequestSlot(compiled.create_infer_request(), Semaphore(1), compiled)
    request = InferenceRequest([slot], shapes=SPECS["face_detection"].shapes)
    del compiled
    gc.collect()  # the request alone keeps the file's memory
    request.picture[:] = np.random.default_rng(1).integers(0, 256, request.picture.shape)
    return [output.copy() for output in request.run()]


def test_a_network_out_of_its_file_computes_the_same_to_the_bit(tmp_path: Path) -> None:
    compiled = outputs(None)
    for _ in ("compiled, written and imported", "imported"):
        for one, other in zip(outputs(tmp_path), compiled, strict=True):
            np.testing.assert_array_equal(one, other)
    assert [file.name for file in tmp_path.iterdir()] == ["face_detection-f32-1"]


@pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="settings of x86")
def test_a_network_that_snippets_make_large_is_compiled_without(tmp_path: Path) -> None:
    cache = CompiledCache(tmp_path)
    for _ in ("compiled", "imported"):
        layers = Compiler(cache).compile("palm_detection", REFERENCE_FORM, 1).get_runtime_model().get_ordered_ops()
        kinds = {layer.get_rt_info()["layerType"].value for layer in layers}
        assert "Convolution" in kinds
        assert "Subgraph" not in kinds


HOW_FAR_OFF = """
from mocast.tracking.openvino.runtime import probe_images
from mocast.tracking.openvino.runtime.network_form import NetworkForm
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.runtime.precision import distance

networks = NetworkRegistry(streams=1, cache_folder=None)
found = []
for precision in ("f32", "int8"):
    request = networks.request_as("pose_landmark", NetworkForm(precision))
    request.picture[:] = probe_images.person()
    found.append(tuple(output.copy() for output in request.run()))
print(*distance(*found))
networks.close()
"""


def test_sums_of_a_body_in_8_bits_do_not_overflow_without_vnni() -> None:
    """With a form for other processors the landmarks are half a metre off: oneDNN adds in 16 bits below this limit."""
    environment = os.environ | {"ONEDNN_MAX_CPU_ISA": "AVX2"}
    command = [sys.executable, "-c", HOW_FAR_OFF]
    ended = subprocess.run(command, env=environment, stdout=subprocess.PIPE, timeout=HANG_S, check=True)
    off_px, off_m = map(float, ended.stdout.split()[-2:])
    probe = PROBES["pose_landmark"]
    assert 0 < off_px < probe.max_px
    assert 0 < off_m < probe.max_m
