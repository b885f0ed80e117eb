"""An inference that was submitted and then cancelled may fail, too: the next one says so, and the request is
replaced."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mocast.errors import TrackingError
from mocast.tracking.openvino.graph.region_inference import RegionInference
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import letterbox
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from tests.scenes import somebody


@pytest.fixture
def networks(tmp_path: Path) -> Iterator[NetworkRegistry]:
    made = NetworkRegistry(streams=2, cache_folder=tmp_path)
    yield made
    made.close()


class Failing:
    """An inference request that fails when it runs."""

    def infer(self, **_: object) -> None:
        raise RuntimeError("it failed")


def test_the_failure_of_a_cancelled_inference_is_raised_by_the_next_one(
    networks: NetworkRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, picture = networks.request("hand_recrop"), FrameView(somebody(), 0, 0)
    inference = RegionInference(request, networks.workers)
    region = letterbox(picture.size_wh)
    expected = [output.copy() for output in inference.run(picture, region)]
    (slot, *_) = request._slots
    monkeypatch.setattr(request, "_slots", (slot._replace(infer_request=Failing()),))
    inference.submit(picture, region)
    assert inference._task is not None
    inference._task.run()
    networks.workers._queue.clear()  # as if a worker had taken it
    inference.cancel()
    with pytest.raises(TrackingError, match="failed before"):
        inference.run(picture, region)
    another = RegionInference(networks.request("hand_recrop"), networks.workers)
    for output, reference in zip(another.run(picture, region), expected, strict=True):
        assert np.array_equal(output, reference)
