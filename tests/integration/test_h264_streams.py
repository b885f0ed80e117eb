"""H.264 of encoders that are not ours: B-frames, a clock that restarts, no parameter sets within the video."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aiortc import VideoStreamTrack
from aiortc.mediastreams import VIDEO_TIME_BASE
from av import Packet, VideoFrame
from av.video.codeccontext import VideoCodecContext

from mocast.model.options import PublishRequest, SessionOptions
from mocast.webrtc.offer import parse_offer
from tests.peers import PTS_PER_FRAME, Peer
from tests.rooms import open_rooms, publish

Encoded = list[tuple[int, bytes]]
"""Pts, in frames, and data, in the order in which they are sent."""

FRAMES = 15


def x264(**options: str) -> Encoded:
    encoder = VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 320, 240, "yuv420p", VIDEO_TIME_BASE
    encoder.options = {"preset": "ultrafast", **options}
    packets = []
    for number in range(FRAMES):
        rgb = np.zeros((240, 320, 3), np.uint8)
        rgb[100:140, 10 * number : 10 * number + 40] = 255
        frame = VideoFrame.from_ndarray(rgb, format="rgb24")
        frame.pts, frame.time_base = number, VIDEO_TIME_BASE
        packets += encoder.encode(frame)
    return [(packet.pts or 0, bytes(packet)) for packet in [*packets, *encoder.encode(None)]]


class EncodedTrack(VideoStreamTrack):
    """Sends encoded frames at 30 a second, over and over: each round begins with a key frame."""

    def __init__(self, encoded: Encoded, timestamp: Callable[[int], int] = lambda frame: frame * PTS_PER_FRAME) -> None:
        """``timestamp``: of a frame, by its number since the first."""
        super().__init__()
        self._encoded, self._timestamp = encoded, timestamp
        self._sent = 0

    async def recv(self) -> Any:
        await asyncio.sleep(1 / 30)
        turn, place = divmod(self._sent, len(self._encoded))
        pts, data = self._encoded[place]
        packet = Packet(data)
        packet.pts, packet.time_base = self._timestamp(turn * FRAMES + pts), VIDEO_TIME_BASE
        self._sent += 1
        return packet


def landmarks_in_order(peer: Peer) -> list[int]:
    """The pts of the landmarks, by the number of their frame."""
    return [frame.pts for _, frame in sorted(peer.decoded_landmarks().items())]


async def test_b_frames_are_named_in_a_notice_and_their_pictures_come_in_the_order_of_their_time() -> None:
    peer = Peer(EncodedTrack(x264(bf="2", b_strategy="0")), codec="video/H264", direction="sendonly")
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: len(peer.decoded_landmarks()) >= 2 * FRAMES)
        await peer.until(lambda: any(message.get("notice") == "b-frames" for message in peer.control_messages))
        await peer.close()
    (notice,) = (message for message in peer.control_messages if message.get("notice") == "b-frames")
    assert "B-frames" in notice["detail"]
    pts = landmarks_in_order(peer)
    assert pts == sorted(set(pts))
    assert pts[-1] - pts[0] < 300 * PTS_PER_FRAME, "no step back is taken for a step round all of 32 bits"


@pytest.mark.parametrize("restart", [-50_000, 40_000_000], ids=["back", "ahead"])
async def test_a_camera_whose_clock_restarts_goes_on_in_the_rooms_time(restart: int) -> None:
    restarts_at: list[int] = []

    def timestamp(frame: int) -> int:
        if not restarts_at and clocks() and len(peer.decoded_landmarks()) >= FRAMES and frame % FRAMES == 0:
            restarts_at.append(frame)
        is_before = not restarts_at or frame < restarts_at[0]
        return 2**32 + (frame * PTS_PER_FRAME if is_before else (frame - restarts_at[0]) * PTS_PER_FRAME + restart)

    def clocks() -> list[int]:
        """RTP timestamps of pts 0, as they were told."""
        return list(dict.fromkeys(message["rtp"] for message in peer.control_messages if message["type"] == "clock"))

    track = EncodedTrack(x264(tune="zerolatency"), timestamp)
    peer = Peer(track, codec="video/H264", direction="sendonly")
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: restarts_at)
        before = len(peer.decoded_landmarks())
        # Told again, as its own frames' timestamps mean other times now.
        await peer.until(lambda: len(clocks()) == 2 and len(peer.decoded_landmarks()) >= before + FRAMES)
        await peer.close()
    pts = landmarks_in_order(peer)
    assert pts == sorted(set(pts))
    assert pts[-1] - pts[0] < 3_000 * PTS_PER_FRAME


async def test_parameter_sets_that_only_the_offer_has_are_enough() -> None:
    encoded = x264(tune="zerolatency")
    units = [unit.rstrip(b"\0") for unit in encoded[0][1].split(b"\0\0\1") if unit.strip(b"\0")]
    sets = [unit for unit in units if unit[0] & 31 in (7, 8)]
    assert len(sets) == 2
    key_frame = b"".join(b"\0\0\1" + unit for unit in units if unit[0] & 31 == 5)
    peer = Peer(EncodedTrack([(0, key_frame), *encoded[1:]]), codec="video/H264", direction="sendonly")
    told = ",".join(base64.b64encode(one).decode() for one in sets)
    sdp = (await peer.offer()).replace("packetization-mode=1", f"packetization-mode=1;sprop-parameter-sets={told}")
    async with open_rooms() as rooms:
        _, answer = await rooms.publish("room", parse_offer(sdp.encode()), PublishRequest(SessionOptions()))
        assert "sprop" not in answer
        await peer.accept(answer)
        await peer.until(lambda: len(peer.decoded_landmarks()) >= FRAMES)
        await peer.close()
