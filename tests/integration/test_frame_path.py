"""Two peers in one process: landmarks in step with the picture, both codecs, both paces, with and without a picture."""

import asyncio
import threading
from typing import Any

import numpy as np
import orjson
import pytest
from av import VideoFrame

from mocast.errors import Unprocessable
from mocast.model.canvas import HudStats
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions, SessionOptions
from mocast.model.tracked import FaceBoxes, Tracked
from mocast.webrtc.aiortc.video_receiver import VideoReceiver
from mocast.webrtc.pixels import to_rgb
from tests.fakes import CentreTracker, FakeTrackers
from tests.peers import HANG_S, PTS_PER_FRAME, STEP, Peer, SquareTrack
from tests.rooms import LANDMARKS_ONLY, open_rooms, publish

CODECS = pytest.mark.parametrize("codec", ["video/VP8", "video/H264"])


class MarkRenderer:
    """Draws a green mark where the landmarks are."""

    def render(
        self, rgb: RgbImage, tracked: Tracked, options: DrawOptions, stats: HudStats | None, faces: FaceBoxes
    ) -> RgbImage:
        if tracked.pose is not None:
            height, width = rgb.shape[:2]
            x, y = (tracked.pose.image[0, :2] * (width, height)).round().astype(int)
            rgb[max(y - 6, 0) : y + 6, max(x - 6, 0) : x + 6] = (0, 255, 0)
        return rgb


def middle(mask: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


def square_and_mark(frame: VideoFrame) -> tuple[tuple[float, float], tuple[float, float] | None]:
    """Where the white square (the mark on it belongs to it) and the green mark are, in pixels."""
    rgb = to_rgb(frame).astype(int)
    mark = (rgb[..., 1] > 150) & (rgb[..., 0] < 100)
    return middle(rgb[..., 1] > 127), middle(mark) if mark.any() else None


def matched_pts(peer: Peer) -> set[int | None]:
    """The pts that came with a picture and with landmarks."""
    return {frame.pts for frame in peer.frames} & {frame.pts for frame in peer.decoded_landmarks().values()}


@CODECS
async def test_each_returned_picture_shows_its_own_landmarks_and_their_message_has_its_pts(codec: str) -> None:
    peer = Peer(codec=codec)
    async with open_rooms(renderer=MarkRenderer) as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: len(matched_pts(peer)) >= 50)
        await peer.close()
    by_pts = {frame.pts: frame for frame in peer.decoded_landmarks().values()}
    for frame in peer.frames:
        assert frame.pts is not None
        x, y = peer.track.centre(frame.pts // 3000)
        square, mark = square_and_mark(frame)
        assert square == pytest.approx((x, y), abs=2)
        assert mark == pytest.approx((x, y), abs=2), "the picture carries landmarks of another one"
        message = by_pts.get(frame.pts)
        if message is not None:
            assert message.pose is not None
            sent = message.pose.image[0, :2] * peer.track.size
            assert tuple(sent) == pytest.approx((x, y), abs=2)
    assert {packet.timestamp for packet in peer.packets} >= {frame.pts for frame in peer.frames}


@CODECS
async def test_timestamps_on_the_wire_are_the_pts_of_the_landmarks(codec: str) -> None:
    peer = Peer(codec=codec)
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: len(matched_pts(peer)) >= 20)
        await peer.close()
    timestamps = {packet.timestamp for packet in peer.packets}
    assert matched_pts(peer) <= timestamps <= set(range(0, 3000 * peer.track.sent, 3000))


class NotedTrack(SquareTrack):
    """A camera that says when it has taken another frame."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = threading.Condition()

    async def recv(self) -> VideoFrame:
        frame = await super().recv()
        with self.changed:
            self.changed.notify_all()
        return frame


class SlowTrackers(FakeTrackers):
    """Their trackers take for a frame as long as the camera takes for some more, however slow this machine is."""

    def __init__(self, camera: NotedTrack, frames: int) -> None:
        super().__init__()
        self._camera = camera
        self._frames = frames
        self._is_over = False

    def acquire(self, *args: Any, **more: Any) -> CentreTracker:
        tracker = super().acquire(*args, **more)
        track = tracker.track

        def slow(frame: Frame) -> Tracked:
            last = self._camera.sent + self._frames
            with self._camera.changed:
                assert self._camera.changed.wait_for(lambda: self._camera.sent >= last or self._is_over, HANG_S)
            return track(frame)

        tracker.track = slow  # type: ignore[method-assign]
        return tracker

    def finish(self) -> None:
        """Wait for no more frames."""
        with self._camera.changed:
            self._is_over = True
            self._camera.changed.notify_all()


async def test_smooth_returns_every_frame_though_the_tracker_is_slow() -> None:
    camera = NotedTrack()
    peer, trackers = Peer(camera), SlowTrackers(camera, 8)
    async with open_rooms(trackers, renderer=MarkRenderer) as rooms:
        session = await publish(rooms, peer, options=SessionOptions(pace="smooth"))
        await peer.until(lambda: len(peer.frames) >= 60)
        totals = session.statistics.totals
        trackers.finish()
        await peer.close()
    assert totals.counts["frames_tracked"] < totals.counts["frames_sent"] / 2
    numbers = [frame.pts // 3000 for frame in peer.frames if frame.pts is not None]
    assert np.mean(np.diff(numbers)) < 4, "frames were left out while the tracker was busy: one of eight came back"
    assert all(square_and_mark(frame)[1] is not None for frame in peer.frames[-20:])


async def test_a_slow_tracker_drops_frames_and_the_delay_stays_flat() -> None:
    camera = NotedTrack()
    peer, trackers = Peer(camera), SlowTrackers(camera, 4)
    async with open_rooms(trackers) as rooms:
        session = await publish(rooms, peer)
        behind: list[int] = []
        for count in range(5, 35, 5):
            await peer.until(lambda count=count: len(peer.frames) >= count)
            newest = peer.frames[-1].pts
            assert newest is not None
            behind.append(peer.track.sent - newest // 3000)
        totals = session.statistics.totals
        trackers.finish()
        await peer.close()
    assert totals.counts["frames_dropped"] > totals.counts["frames_tracked"], (
        "three of four frames came while the tracker was busy"
    )
    # A queue would be three frames longer with each that was tracked, and 90 in the end.
    assert max(behind) < 45
    assert sum(session.queue_depths.values()) <= 2


async def test_frames_never_wait_in_a_queue_of_aiortc() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: len(peer.frames) >= 5)
        (receiver,) = session._transport.pc.getReceivers()
        ours = receiver._RTCRtpReceiver__jitter_buffer
        assert isinstance(ours, VideoReceiver)
        assert ours._decoder is session._camera.decoder
        assert not receiver._RTCRtpReceiver__decoder_thread.is_alive(), "aiortc decodes nothing"
        assert receiver.track._queue.qsize() <= 1, "nothing but the mark of its end"
        assert session._transport.pc.getSenders()[0]._RTCRtpSender__encoder is None, "nor does it encode"
        assert session._returned is not None
        assert session._returned.wanted
        await peer.close()


async def test_a_frame_is_tracked_before_the_next_one_is_sent() -> None:
    """With aiortc's own jitter buffer, the last frame before a pause would not come out."""

    class PausingTrack(SquareTrack):
        may_go_on, has_paused = True, asyncio.Event()

        async def recv(self) -> VideoFrame:
            if not self.may_go_on:
                self.has_paused.set()
                await asyncio.Event().wait()
            return await super().recv()

    track = PausingTrack()
    peer = Peer(track, tuned=True)
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: len(peer.landmark_messages) >= 5 and len(peer.frames) >= 5)
        track.may_go_on = False
        await asyncio.wait_for(track.has_paused.wait(), HANG_S)
        last = (track.sent - 1) * PTS_PER_FRAME

        def has_last() -> bool:
            tracked = {frame.pts for frame in peer.decoded_landmarks().values()}
            return last in tracked and last in {frame.pts for frame in peer.frames}

        await peer.until(has_last)
        await peer.close()


async def test_without_a_returned_picture_nothing_is_encoded_and_landmarks_flow() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        session = await publish(rooms, peer, options=LANDMARKS_ONLY)
        await peer.until(lambda: len(peer.landmark_messages) >= 20)
        assert session._returned is not None
        assert not session._returned.wanted
        assert session.statistics.totals.counts["frames_sent"] == 0
        assert session.statistics.snapshot()["delay_ms"] >= 0
        await peer.close()
    assert (peer.frames, peer.packets) == ([], [])
    pts = sorted(frame.pts for frame in peer.decoded_landmarks().values())
    assert set(pts) <= set(range(0, 3000 * peer.track.sent, 3000))
    assert len(pts) >= 20


async def test_a_client_that_only_sends_is_only_received_from() -> None:
    peer = Peer(direction="sendonly")
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        assert "a=recvonly" in session._transport.pc.localDescription.sdp
        await peer.until(lambda: len(peer.landmark_messages) >= 10)
        assert session._returned is None
        assert session.settings["return"] == "none"
        with pytest.raises(Unprocessable, match="takes no video"):
            await session.change({"return": "video", "mirror": True})
        assert not session.settings["mirror"]
        await peer.close()
    assert peer.packets == []


async def test_the_picture_stops_and_comes_back_on_the_same_connection() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: len(peer.frames) >= 5)
        await session.change({"return": "none"})
        assert session._returned is not None
        encoding = session._returned._own.encode._task
        assert encoding is not None
        await asyncio.wait_for(encoding, HANG_S)
        sent = session.statistics.totals.counts["frames_sent"]
        tracked = len(peer.landmark_messages)
        await peer.until(lambda: len(peer.landmark_messages) >= tracked + 10)
        assert session.statistics.totals.counts["frames_sent"] == sent
        shown = len(peer.frames)
        await session.change({"return": "video", "background": "black"})
        await peer.until(lambda: len(peer.frames) >= shown + 5)
        assert peer.frames[-1].pts > peer.frames[shown - 1].pts + 10 * PTS_PER_FRAME
        await peer.close()


async def test_a_publisher_is_told_which_of_its_rtp_timestamps_is_pts_zero() -> None:
    peer = Peer(SquareTrack(first=7))
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        clocks: set[int] = set()

        def told() -> bool:
            clocks.update(message["rtp"] for message in peer.control_messages if message["type"] == "clock")
            return bool(clocks) and len(peer.decoded_landmarks()) >= 10

        await peer.until(told)
        (rtp,) = clocks  # told again where the channel opens between a frame and its telling: all must say the same
        newest = peer.sender._RTCRtpSender__rtp_timestamp
        elapsed = (newest - rtp) % 2**32
        assert elapsed in {PTS_PER_FRAME * (peer.track.sent - behind) for behind in (0, 1, 2)}
        await peer.close()


@pytest.mark.parametrize(
    ("offered", "allowed", "expected"),
    [
        (None, ("VP8", "H264"), "VP8"),
        (None, ("H264", "VP8"), "H264"),
        (None, ("h264",), "H264"),
        ("video/H264", ("VP8",), "H264"),
        ("video/VP8", ("H264",), "VP8"),
        (None, (), "VP8"),
    ],
)
async def test_the_operators_codecs_come_first_where_the_client_has_them(
    offered: str | None, allowed: tuple[str, ...], expected: str
) -> None:
    peer = Peer(codec=offered)
    async with open_rooms(codecs=allowed) as rooms:
        session = await publish(rooms, peer)
        sdp = session._transport.pc.localDescription.sdp
        names = [line.split()[1] for line in sdp.splitlines() if line.startswith("a=rtpmap:")]
        videos = [name.split("/")[0] for name in names if "rtx" not in name]
        assert videos[0] == expected
        if len(allowed) == 1 and offered is None:
            assert set(videos) == {expected}
            assert any("rtx" in name for name in names), "lost packets could not be resent"
        await peer.until(lambda: len(peer.frames) >= 5)
        used = {codec.payloadType: codec.name for codec in session._transport.pc.getTransceivers()[0]._codecs}
        assert used[peer.packets[-1].payload_type] == expected
        await peer.close()


@CODECS
async def test_the_camera_may_change_its_size_in_the_middle(codec: str) -> None:
    peer = Peer(codec=codec)
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: len(peer.frames) >= 10)
        turned = SquareTrack(240, 320, first=peer.track.sent)
        peer.sender.replaceTrack(turned)
        await peer.until(lambda: (peer.frames[-1].width, peer.frames[-1].height) == (240, 320))
        await peer.until(lambda: any(f.size_wh == (240, 320) for f in peer.decoded_landmarks().values()))
        await peer.close()


async def test_a_large_camera_is_tracked_and_returned_at_the_cap() -> None:
    peer = Peer(SquareTrack(1920, 1080))
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: peer.frames and peer.landmark_messages)
        await peer.close()
    assert (peer.frames[0].width, peer.frames[0].height) == (1280, 720)
    first = min(peer.decoded_landmarks().values(), key=lambda frame: frame.frame)
    assert first.size_wh == (1280, 720)


@pytest.mark.parametrize(
    ("protocol", "format_", "is_json"),
    [("", "json", True), ("mocast.landmarks.v1+json", "binary", True), ("mocast.landmarks.v1+binary", "json", False)],
)
async def test_landmarks_come_in_the_format_that_was_asked_for(protocol: str, format_: str, is_json: bool) -> None:
    peer = Peer(landmarks=protocol)
    async with open_rooms() as rooms:
        await publish(rooms, peer, format=format_)
        await peer.until(lambda: len(peer.landmark_messages) >= 5)
        await peer.close()
    messages = peer.landmark_messages
    assert all(isinstance(message, str) == is_json for message in messages)
    if is_json:
        first = orjson.loads(messages[0])
        assert first["version"] == 1
        x, y, _ = first["pose"]["image"][0]
        sent = peer.track.centre(first["pts"] // 3000)
        assert (x * first["width"], y * first["height"]) == pytest.approx(sent, abs=2)


async def test_channels_may_be_opened_later() -> None:
    peer = Peer(landmarks=None)
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages)
        assert peer.landmark_messages == []
        peer.open_landmarks()
        await peer.until(lambda: len(peer.landmark_messages) >= 5)
        await peer.close()


async def test_no_channel_is_needed() -> None:
    peer = Peer(landmarks=None, control=False)
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: len(peer.frames) >= 10)
        assert session.statistics.totals.counts["landmarks_sent"] == 0
        await peer.close()


async def test_channels_of_other_names_are_left_alone() -> None:
    peer = Peer()
    got: list[object] = []
    for label in ("", "chat", "landmarks2", "CONTROL", "x" * 500):
        channel = peer.pc.createDataChannel(label)
        channel.on("message", got.append)
        channel.on("open", lambda channel=channel: channel.send("hello"))
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: len(peer.frames) >= 20 and len(peer.landmark_messages) >= 5)
        assert session.state == "live"
        await peer.close()
    assert got == []


async def test_a_second_camera_and_a_second_microphone_are_answered_but_not_taken() -> None:
    from aiortc import AudioStreamTrack

    peer = Peer()
    peer.pc.addTrack(AudioStreamTrack())
    peer.pc.addTransceiver(SquareTrack(), "sendrecv")
    peer.pc.addTransceiver(AudioStreamTrack(), "sendrecv")
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        sdp = session._transport.pc.localDescription.sdp
        assert [line.split()[0] for line in sdp.splitlines() if line.startswith("m=")] == [
            "m=video",
            "m=audio",
            "m=video",
            "m=audio",
            "m=application",
        ]
        assert [line[2:] for line in sdp.splitlines() if line in ("a=sendrecv", "a=recvonly", "a=inactive")] == [
            "sendrecv",
            "recvonly",
            "inactive",
            "inactive",
        ]
        assert not any(line.startswith("m=") and line.split()[1] == "0" for line in sdp.splitlines())
        await peer.until(lambda: len(peer.frames) >= 10)
        for receiver in session._transport.pc.getReceivers()[1:]:
            assert receiver.track is None or receiver.track._queue.qsize() <= 1, "the mark of its end, at most"
        await peer.close()


def test_a_picture_a_few_frames_off_would_be_noticed() -> None:
    rgb = np.zeros((240, 320, 3), np.uint8)
    rgb[100:148, 50:98] = 255
    rgb[118:130, 68:80] = (0, 255, 0)
    square, mark = square_and_mark(VideoFrame.from_ndarray(rgb, format="rgb24"))
    assert square == pytest.approx((74, 124), abs=0.5)
    assert mark == pytest.approx((74, 124), abs=1)
    assert STEP > 2, "of the 2 pixels that the tests above allow"
