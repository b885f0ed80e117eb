"""The frames of a camera for a client's connection: H.264 without B-frames as it comes, else the newest picture."""

import asyncio
from typing import Final

from av import Packet, VideoFrame
from av.bitstream import BitStreamFilterContext
from av.video.stream import VideoStream

from mocast.model.pts import PTS_PER_S
from mocast.pipeline.slot import LatestSlot, in_loop
from mocast.sources.camera_reader import FILE_ENDED, CameraReader
from mocast.sources.opened_camera import CameraError, CameraVideo
from mocast.webrtc.pixels import capped_size
from mocast.webrtc.video_decoder import TIME_BASE, VideoDecoder

MOST_WAITING: Final = 60
"""Frames, two seconds. A connection that far behind is given nothing until the next key frame."""

ANNEX_B_FILTERS: Final = "h264_mp4toannexb,dump_extra=freq=keyframe"
"""FFmpeg's filters: units with start codes (H.264, annex B), and the parameters before each key frame."""


class CameraFrameSource:
    """An open camera, read until it ends: see ``FrameSource`` of ``mocast.client.publication``."""

    def __init__(self, reader: CameraReader, video: CameraVideo) -> None:
        """Begin to read. On the loop only."""
        self.ended = asyncio.Event()
        "There are no more frames."
        self.codec_name = "H264" if video.codec.name == "h264" and not video.reorder_depth else None
        "In which its frames are encoded; ``None``: they are pictures."
        self._reader = reader
        self._reason = ""
        self._changed = asyncio.Event()
        self._tell = in_loop(self._changed.set)
        self._pictures: LatestSlot[VideoFrame] = LatestSlot(self._tell)
        self._packets: asyncio.Queue[Packet[VideoStream]] = asyncio.Queue(MOST_WAITING)
        self._awaits_key_frame = False
        self._filter: BitStreamFilterContext | None = None
        self._loop = asyncio.get_running_loop()
        self._decoder = VideoDecoder(self._decoded)
        self._codec = video.codec
        reader.start(self._take_encoded if self.codec_name else self._decode)
        self._end = asyncio.create_task(self._wait_end(), name="camera's end")

    async def next_frame(self) -> "Packet[VideoStream] | VideoFrame | None":
        """Wait for a frame that was not taken yet; ``None`` when there are no more."""
        while True:
            if not self._packets.empty():
                return self._packets.get_nowait()
            if (picture := self._pictures.take()) is not None or self.ended.is_set():
                return picture
            self._changed.clear()
            await self._changed.wait()

    def check(self) -> None:
        """Raise ``CameraError`` where the camera, and not a film, has ended."""
        if self._reason not in ("", FILE_ENDED):
            raise CameraError(self._reason)

    async def close(self) -> None:
        """Read no more, and close the camera."""
        self._reader.stop()
        self._decoder.end()
        self._end.cancel()

    async def _wait_end(self) -> None:
        self._reason = await self._reader.ended()
        self.ended.set()
        self._changed.set()

    def _take_encoded(self, packet: "Packet[VideoStream]", time_s: float) -> None:
        """Called in the reader's thread."""
        if self._filter is None:
            self._filter = BitStreamFilterContext(ANNEX_B_FILTERS, packet.stream)
        for filtered in self._filter.filter(packet):
            filtered.pts, filtered.time_base = round(time_s * PTS_PER_S), TIME_BASE
            self._loop.call_soon_threadsafe(self._put, filtered)

    def _put(self, packet: "Packet[VideoStream]") -> None:
        if self._packets.full():
            while not self._packets.empty():
                self._packets.get_nowait()
            self._awaits_key_frame = True
        if packet.is_keyframe or not self._awaits_key_frame:
            self._awaits_key_frame = False
            self._packets.put_nowait(packet)
            self._changed.set()

    def _decode(self, packet: "Packet[VideoStream]", time_s: float) -> None:
        """Called in the reader's thread."""
        self._decoder.put_packet(self._codec, packet, round(time_s * PTS_PER_S))

    def _decoded(self, picture: VideoFrame) -> None:
        """Called in the decoder's thread."""
        size = capped_size(picture.width, picture.height)
        pts = picture.pts
        picture = picture.reformat(*size, format="yuv420p")
        picture.pts, picture.time_base = pts, TIME_BASE
        self._pictures.put(picture)
