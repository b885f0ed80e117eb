"""Where annotated pictures are sent: back to the publisher, and to the room's viewers."""

from collections.abc import Callable

from mocast.model.frame import RgbImage
from mocast.rooms.shared_encode import SharedEncode, SharedPictures
from mocast.webrtc.transport import VideoSender
from mocast.webrtc.video_encoder import EncodedFrame, EncoderFactory


class ReturnedPicture:
    """A publisher's ``VideoOutput``: the annotated picture, encoded for its link alone."""

    def __init__(self, codec_name: str, encoders: EncoderFactory, on_sent: Callable[[], None]) -> None:
        """Raises ``Unprocessable`` where there is no encoder for the codec."""
        self.bits_per_s: int | None = None
        self.wants_key_frame = False
        self._encode = SharedEncode(encoders.encoder(codec_name), encoders, key_frame_gap_s=0)
        self._on_sent = on_sent
        self._sender: VideoSender | None = None
        self._is_stopped = False

    @property
    def wanted(self) -> bool:
        """Whether the publisher is connected. From any thread."""
        return self._encode.wanted

    def send(self, rgb: RgbImage, pts: int) -> bool:
        """Take a picture from the room's thread; return whether one that waited is dropped for it."""
        return self.wanted and self._encode.send(rgb, pts)

    def start(self, sender: VideoSender) -> None:
        """Begin, once the publisher is connected."""
        if not self._is_stopped:
            self._sender = sender
            self._encode.join(self)

    def stop(self) -> None:
        """Stop, for good."""
        self._is_stopped = True
        self._sender = None
        self._encode.leave(self)

    def request_key_frame(self) -> None:
        """Ask for a key frame: the publisher cannot decode what it has."""
        self.wants_key_frame = True

    def key_frame_made(self) -> None:
        """Note that a key frame was made."""
        self.wants_key_frame = False

    def set_bandwidth(self, bits_per_s: int) -> None:
        """Take the publisher's estimate of its link (REMB)."""
        self.bits_per_s = bits_per_s

    def put(self, picture: EncodedFrame) -> None:
        """Send an encoded picture."""
        if self._sender is not None:
            self._sender.send(picture)
            self._on_sent()


class VideoOut:
    """The ``PictureOutput`` of a publisher's pipeline: sends to the publisher, if it wants that, and to the viewers."""

    def __init__(self, returned: ReturnedPicture | None, shared: SharedPictures) -> None:
        self._returned = returned
        self._shared = shared

    @property
    def wanted(self) -> bool:
        """Whether anybody watches."""
        return (self._returned is not None and self._returned.wanted) or self._shared.wanted

    def send(self, rgb: RgbImage, pts: int) -> bool:
        """Take a picture from the room's thread; return whether one that waited is dropped for it."""
        evicted = self._returned is not None and self._returned.send(rgb, pts)
        self._shared.send(rgb, pts)
        return evicted
