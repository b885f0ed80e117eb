"""What is begun ahead and then given up may fail, too: that is told, and the request is replaced."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.request import Request


@pytest.fixture
def networks(tmp_path: Path) -> Iterator[Networks]:
    made = Networks(streams=2, cache_folder=tmp_path)
    yield made
    made.close()


class Failing:
    """An inference request that runs and then fails when it is waited for."""

    def __init__(self, running: object) -> None:
        self._running = running

    def start_async(self) -> None:
        self._running.start_async()

    def wait(self) -> None:
        self._running.wait()
        raise RuntimeError("it failed")


def test_a_failure_of_what_was_given_up_is_told_by_the_next_start(
    networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = networks.request("hand_recrop")
    expected = [output.copy() for output in request.run()]
    monkeypatch.setattr(request, "_running", Failing(request._running))
    request.start()
    request.give_up()
    with pytest.raises(TrackingError, match="failed before"):
        request.start()
    another: Request = networks.request("hand_recrop")
    for output, reference in zip(another.run(), expected, strict=True):
        assert np.array_equal(output, reference)
