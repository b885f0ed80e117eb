"""The transport of a camera that the server reads itself: nothing is negotiated, and nothing goes back."""

from collections.abc import Callable, Sequence
from typing import Final

from mocast.model.pts import PTS_PER_S
from mocast.sources.camera_reader import CameraReader
from mocast.sources.opened_camera import CameraVideo
from mocast.webrtc.offer import Offer, RemoteCandidate
from mocast.webrtc.transport import OfferedMedia, TransportEvents, VideoOutput
from mocast.webrtc.video_decoder import VideoDecoder

NO_OFFER: Final = Offer("", wants_video_back=False, candidates=0)
"""What a camera is published with."""


class CameraVideoLine:
    """A camera's video: see ``VideoLine``."""

    codec_name = ""
    lag_s: float | None = None

    def __init__(self, reader: CameraReader, video: CameraVideo) -> None:
        self._reader = reader
        self._video = video
        self._decoder: VideoDecoder | None = None

    def receive(self, decoder: VideoDecoder, on_end: Callable[[], None], most_bits_per_s: Callable[[], int]) -> None:
        """Put the camera's frames into a decoder, once it is started. The bitrate is the camera's own business."""
        self._decoder = decoder

    def send(self, output: VideoOutput) -> None:
        """Do nothing: a camera takes no pictures."""

    def start(self) -> None:
        """Begin. The decoder is fed on the reader's thread, which alone does so."""
        decoder, codec = self._decoder, self._video.codec
        if decoder is not None:
            self._reader.start(lambda packet, time_s: decoder.put_packet(codec, packet, round(time_s * PTS_PER_S)))


class SourceTransport:
    """An open camera: see ``Transport``. The end of its video is its owner's to notice."""

    def __init__(self, events: TransportEvents, reader: CameraReader, video: CameraVideo) -> None:
        self._events = events
        self._reader = reader
        self._video = CameraVideoLine(reader, video)

    @property
    def bytes_received(self) -> int:
        """All that the camera has sent, in bytes; 0 for one of this machine."""
        return self._reader.bytes_received

    async def apply_offer(self, offer: Offer) -> OfferedMedia:
        """Return the camera's video. Its sound is not read."""
        return OfferedMedia(self._video, None)

    async def answer(self) -> str:
        """Begin to take the camera's frames; there is no answer to send."""
        self._video.start()
        self._events.on_connected()
        return ""

    async def add_candidates(self, candidates: Sequence[RemoteCandidate]) -> None:
        """Do nothing: a camera has none."""

    async def resolve_candidates(self) -> None:
        """Do nothing: a camera has none."""

    async def close(self) -> None:
        """Close the camera. Its thread may need a moment for it."""
        self._reader.stop()
