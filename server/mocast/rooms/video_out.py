"""Where annotated pictures are sent: back to the publisher, and to the room's viewers."""

from collections.abc import Callable

from mocast.model.frame import RgbImage
from mocast.rooms.picture_subscription import LinkBudget
from mocast.rooms.shared_encode import SharedEncode, SharedPictures
from mocast.webrtc.transport import VideoSender
from mocast.webrtc.video_encoder import EncodedFrame, EncoderFactory

JOIN_WITHIN, LEAVE_BEYOND = 0.1, 0.25
"""How far the publisher's bitrate may be from the viewers' for one encode to serve both. Between the two nothing
changes, as each change costs a key frame; a quarter is what an encoder is opened anew for, too."""


class ReturnedPicture:
    """A publisher's ``VideoOutput``: the annotated picture, encoded for its link.

    Where viewers are sent the same codec at nearly the same bitrate, their encode serves the publisher, too. The
    sender is handed over from one encode to the other at a key frame, so no picture is lost.
    """

    def __init__(
        self,
        codec_name: str,
        encoders: EncoderFactory,
        viewers: SharedPictures,
        on_sent: Callable[[], None],
        on_failure: Callable[[str], None] = lambda reason: None,
    ) -> None:
        """``on_failure`` is called with the reason why there will be no more pictures.

        Raises ``Unprocessable`` where there is no encoder for the codec.
        """
        self.failed = on_failure
        self.link = LinkBudget()
        self.wants_key_frame = False
        self._codec_name = codec_name
        self._viewers = viewers
        self._encoder = encoders.encoder(codec_name)
        self._own = _Subscriber(self, SharedEncode(self._encoder, encoders, key_frame_gap_s=0), is_own=True)
        self._current: _Subscriber | None = None
        self._next: _Subscriber | None = None
        self._held: EncodedFrame | None = None
        "The current encode's last picture, while the next encode's key frame may replace it."
        self._sent_pts = -1
        self._on_sent = on_sent
        self._sender: VideoSender | None = None
        self._is_paused = False
        self._is_stopped = False

    @property
    def wanted(self) -> bool:
        """Whether the publisher is connected and wants its picture. From any thread."""
        return self._current is not None

    def send(self, rgb: RgbImage, pts: int) -> bool:
        """Take a picture from the room's thread, for the publisher and the viewers.

        Returns whether one that waited is dropped for it on its way to the publisher.
        """
        encodes = [self._own.encode] if self._own.encode.wanted and self.link.fraction > 0 else []
        evicting = [encode for encode in (*encodes, *self._viewers.encodes) if encode.send(rgb, pts)]
        current = self._current
        return current is not None and current.encode in evicting

    def start(self, sender: VideoSender) -> None:
        """Begin, once the publisher is connected."""
        if not self._is_stopped:
            self._sender = sender
            self._join_unless_paused()

    def pause(self) -> None:
        """Have nothing encoded and send nothing until ``resume``. Doing it again does nothing."""
        self._is_paused = True
        self._leave()

    def resume(self) -> None:
        """Go on, with a key frame. Doing it again does nothing."""
        self._is_paused = False
        self._join_unless_paused()

    def stop(self) -> None:
        """Stop, for good."""
        self._is_stopped = True
        self._sender = None
        self._leave()

    def _join_unless_paused(self) -> None:
        if self._sender is not None and self._current is None and not self._is_paused:
            self._current = self._own
            self._own.join()

    def _leave(self) -> None:
        for subscriber in (self._current, self._next):
            if subscriber is not None:
                subscriber.leave()
        self._current = self._next = self._held = None

    def request_key_frame(self) -> None:
        """Ask for a key frame: the publisher cannot decode what it has."""
        self.wants_key_frame = True

    def set_bandwidth(self, bits_per_s: int) -> None:
        """Take the publisher's estimate of its link (REMB)."""
        self.link.estimate(bits_per_s)

    def take(self, subscriber: "_Subscriber", picture: EncodedFrame) -> None:
        """Take a picture from one of the encodes, which may be a moment ahead of each other."""
        if subscriber is self._next and picture.is_key_frame:
            self._hand_over(subscriber, picture)
        elif subscriber is self._current:
            self._send_held()
            self._held = picture
            if self._next is None:
                self._send_held()
            self._choose(subscriber)

    def _hand_over(self, subscriber: "_Subscriber", key_frame: EncodedFrame) -> None:
        """Go on with the next encode, unless its key frame is of a picture that was sent already."""
        if self._held is not None and self._held.pts < key_frame.pts:
            self._send_held()
        elif key_frame.pts <= self._sent_pts or (self._held is not None and self._held.pts > key_frame.pts):
            subscriber.ask_again()
            return
        if self._current is not None:
            self._current.leave()
        self._current, self._next = subscriber, None
        self._held = key_frame
        self._send_held()

    def _send_held(self) -> None:
        held, self._held = self._held, None
        if held is not None and self._sender is not None:
            self._sent_pts = held.pts
            self._sender.send(held)
            self.link.spend(len(held.data))
            self._on_sent()

    def _choose(self, current: "_Subscriber") -> None:
        """Prepare to change encodes where the viewers' has begun to fit, or does not any more."""
        encode = self._viewers.encode_for(self._codec_name)
        fits = encode is not None and self._agrees(encode, LEAVE_BEYOND if current is not self._own else JOIN_WITHIN)
        if fits == (current is not self._own):
            if self._next is not None:
                self._next.leave()
                self._next = None
                self._send_held()
        elif self._next is None:
            self._next = _Subscriber(self, encode) if fits and encode is not None else self._own
            self._next.join()

    def _agrees(self, encode: SharedEncode, within: float) -> bool:
        if all(isinstance(subscriber, _Subscriber) for subscriber in encode.subscribers):  # no viewer
            return False
        self._encoder.bitrate = self.link.bits_per_s or self._encoder.start_bitrate
        return abs(self._encoder.bitrate / encode.bitrate - 1) <= within


class _Subscriber:
    """A publisher's ``PictureSubscriber`` at one encode: its own, or the viewers'."""

    def __init__(self, returned: ReturnedPicture, encode: SharedEncode, *, is_own: bool = False) -> None:
        self.encode = encode
        self._returned = returned
        self._is_own = is_own
        self._is_new = True

    @property
    def bits_per_s(self) -> int | None:
        """The publisher's bandwidth, at its own encode; at the viewers', these alone decide."""
        return self._returned.link.bits_per_s if self._is_own else 0

    @property
    def wants_key_frame(self) -> bool:
        """Whether the next picture should be a key frame."""
        return self._is_new or self._returned.wants_key_frame

    def key_frame_made(self) -> None:
        """Note that a key frame was made."""
        self._is_new = self._returned.wants_key_frame = False

    def put(self, picture: EncodedFrame) -> None:
        """Take the next picture."""
        self._returned.take(self, picture)

    def failed(self, reason: str) -> None:
        """Note that there will be no more pictures."""
        self._returned.failed(reason)

    def join(self) -> None:
        """Subscribe; the first picture is to be a key frame."""
        self._is_new = True
        self.encode.join(self)

    def ask_again(self) -> None:
        """Have another key frame made."""
        self._is_new = True

    def leave(self) -> None:
        """Unsubscribe."""
        self.encode.leave(self)


class VideoOut:
    """The ``PictureOutput`` of a publisher's driver: sends to the publisher, if it wants that, and to the viewers."""

    def __init__(self, returned: ReturnedPicture | None, viewers: SharedPictures) -> None:
        self._returned = returned
        self._viewers = viewers

    @property
    def wanted(self) -> bool:
        """Whether anybody watches. From any thread."""
        return (self._returned is not None and self._returned.wanted) or bool(self._viewers.encodes)

    def send(self, rgb: RgbImage, pts: int) -> bool:
        """Take a picture from the room's thread; return whether one that waited is dropped for it."""
        if self._returned is not None:
            return self._returned.send(rgb, pts)
        for encode in self._viewers.encodes:
            encode.send(rgb, pts)
        return False
