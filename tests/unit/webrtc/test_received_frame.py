"""A received frame becomes pixels only when it is asked to."""

from av import VideoFrame

from mocast.webrtc.received_frame import ReceivedFrame


def test_it_has_its_place_in_the_room_and_pixels_of_its_own() -> None:
    frame = ReceivedFrame(VideoFrame(64, 48, "yuv420p"), 3, 9_000)
    assert (frame.number, frame.pts) == (3, 9_000)
    assert frame.decoded_at_ns > 0
    assert frame.to_rgb().shape == (48, 64, 3)
    assert frame.to_rgb() is not frame.to_rgb()
