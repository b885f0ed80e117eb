import struct

import pytest

from mocast.errors import TrackingError
from mocast.tracking.mediapipe import network_packets
from mocast.tracking.mediapipe.tflite_patch import _Network, keep_outputs, widen_weights
from mocast.tracking.networks_folder import FILES, network_file


def original(name: str) -> bytes:
    return network_file(name).read_bytes()


def test_outputs_that_are_kept_stay_in_order() -> None:
    before, after = _Network(original("pose_landmark")), _Network(keep_outputs(original("pose_landmark"), (4, 0)))
    kept = [after.u32(place) for place in after.outputs]
    assert kept == [before.u32(before.outputs[0]), before.u32(before.outputs[4])]


def test_what_only_a_dropped_output_needs_is_dropped_with_it() -> None:
    everything, part = original("pose_landmark"), keep_outputs(original("pose_landmark"), (0, 1, 3, 4))
    assert len(_Network(part).operators) < len(_Network(everything).operators)
    assert keep_outputs(everything, range(5)) == everything


@pytest.mark.parametrize("name", FILES)
def test_networks_stay_networks(name: str) -> None:
    network = _Network(widen_weights(original(name)))
    inputs = {tensor for entry in network.operators for tensor in network.numbers(network.target(entry), 1)}
    assert inputs
    assert network.u32(network.outputs[0]) < 2000


def test_widened_weights_take_twice_the_room() -> None:
    narrow, wide = original("hand_landmark"), widen_weights(original("hand_landmark"))
    assert len(wide) > 2.9 * len(narrow)  # the narrow ones are still there, unused
    assert widen_weights(wide) == wide


def test_what_is_no_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises((TrackingError, struct.error, IndexError, ValueError)):
        keep_outputs(b"not a network", (0,))
    monkeypatch.setitem(FILES, "face_detection", "hand_landmark/handedness.txt")
    with pytest.raises(TrackingError, match="face_detection"):
        network_packets.read_network("face_detection")
    monkeypatch.setitem(FILES, "face_detection", "nowhere.tflite")
    with pytest.raises(TrackingError, match="face_detection"):
        network_packets.read_network("face_detection")
