from mocast.tracking.openvino.schedule.lateness import Lateness


def test_a_stream_whose_frames_are_tracked_at_once_is_not_late() -> None:
    lateness = Lateness()
    assert not any(lateness.is_late(2_000_000) for _ in range(100))
    assert not lateness.is_late(10_000_000_000), "one pause"
    assert not any([lateness.is_late(2_000_000) for _ in range(100)][20:])


def test_a_stream_whose_frames_wait_for_their_turn_is_late_until_they_do_not() -> None:
    lateness = Lateness()
    assert [lateness.is_late(30_000_000) for _ in range(30)][-1]
    assert not [lateness.is_late(1_000_000) for _ in range(30)][-1]
