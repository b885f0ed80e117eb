"""What is begun ahead and then given up may fail, too: that is told, and the request is replaced."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mocast.errors import TrackingError
from mocast.tracking.openvino.looking import Looking
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.picture import Picture
from mocast.tracking.openvino.region import letterbox
from tests.scenes import somebody


@pytest.fixture
def networks(tmp_path: Path) -> Iterator[Networks]:
    made = Networks(streams=2, cache_folder=tmp_path)
    yield made
    made.close()


class Failing:
    """An inference request that fails when it runs."""

    def infer(self, **_: object) -> None:
        raise RuntimeError("it failed")


def test_a_failure_of_what_was_given_up_is_told_by_the_next_look(
    networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, picture = networks.request("hand_recrop"), Picture(somebody(), 0, 0)
    looking = Looking(request, networks.crew)
    region = letterbox(picture.size_wh)
    expected = [output.copy() for output in looking.run(picture, region)]
    (place, *_) = request._places
    monkeypatch.setattr(request, "_places", (place._replace(running=Failing()),))
    looking.start(picture, region)
    assert looking._task is not None
    looking._task.do()
    networks.crew._offers.clear()  # as if a helper had taken it
    looking.give_up()
    with pytest.raises(TrackingError, match="failed before"):
        looking.run(picture, region)
    another = Looking(networks.request("hand_recrop"), networks.crew)
    for output, reference in zip(another.run(picture, region), expected, strict=True):
        assert np.array_equal(output, reference)
