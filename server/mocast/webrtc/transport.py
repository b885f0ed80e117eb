"""The WebRTC transport as sessions see it: one connection to one client. ``webrtc/aiortc`` implements it."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

from mocast.webrtc.offer import Offer, RemoteCandidate
from mocast.webrtc.video_decoder import VideoDecoder
from mocast.webrtc.video_encoder import EncodedFrame

OPUS_TICKS_PER_S: Final = 48_000
"""RTP's clock for Opus, whatever it was made from (RFC 7587, section 4.1)."""


class OpusPacket(NamedTuple):
    """An RTP packet of a client's audio: one packet of Opus (RFC 6716)."""

    data: bytes
    source: int
    "The client's own number for what it comes from (SSRC)."
    sequence_number: int
    "Modulo 2¹⁶ where it comes from a client; from a room it goes on growing."
    timestamp: int
    "Of the first sample, 48 kHz; modulo 2³², as above."
    marker: int
    "1 in the first packet after silence (RFC 3551, section 4.1)."
    arrived_at_s: float
    "By our monotonic clock."


class ClientChannel(Protocol):
    """A data channel that the client has opened, in W3C's names."""

    @property
    def label(self) -> str:
        """What it is for."""

    @property
    def protocol(self) -> str:
        """The sub-protocol that the client has named; empty where none."""

    @property
    def readyState(self) -> str:  # noqa: N802
        """``"open"`` while messages can be sent."""

    @property
    def bufferedAmount(self) -> int:  # noqa: N802
        """Bytes that have not left."""

    def send(self, data: bytes | str, /) -> None:
        """Send one message. Raises ``ValueError`` where it is longer than the client takes."""

    def close(self) -> None:
        """Tell the client that nothing more will come."""

    def on(self, event: str, f: Callable[..., Any], /) -> object:
        """Call ``f`` with each ``"message"``, or when the channel has met its ``"close"``."""


class VideoSender(Protocol):
    """Sends encoded pictures to the client. On the loop only."""

    def send(self, frame: EncodedFrame) -> None:
        """Send a picture; it is dropped where there is no connection."""


class VideoOutput(Protocol):
    """A source of pictures for a client, steered by the client's feedback. On the loop only."""

    def start(self, sender: VideoSender) -> None:
        """The client is connected."""

    def request_key_frame(self) -> None:
        """The client cannot decode what it has (PLI or FIR; RFC 4585, RFC 5104)."""

    def set_bandwidth(self, bits_per_s: int) -> None:
        """Take the client's estimate of its link, in bits a second (REMB)."""


class VideoLine(Protocol):
    """The offer's first video line; where neither method is called, it is answered as inactive."""

    @property
    def codec_name(self) -> str:
        """The codec in which the client would be sent video: ``"VP8"``, ``"H264"``."""

    def receive(self, decoder: VideoDecoder, on_end: Callable[[], None], most_bits_per_s: Callable[[], int]) -> None:
        """Have the client send its video, and put its frames into a decoder. ``on_end``: the client's track ended.

        ``most_bits_per_s``: returns what the client is asked to send at most: once in the answer, then by REMB.
        """

    def send(self, output: VideoOutput) -> None:
        """Have the client receive the pictures of ``output``."""

    @property
    def lag_s(self) -> float | None:
        """By how much the client's frames come later than captured: see ``SenderClock.lag_s``."""


class AudioSender(Protocol):
    """Sends Opus packets to the client. On the loop only."""

    def send(self, packet: OpusPacket) -> None:
        """Send a packet; it is dropped where there is no connection."""


class AudioOutput(Protocol):
    """A source of Opus packets for a client. On the loop only."""

    def start(self, sender: AudioSender) -> None:
        """The client is connected."""


class AudioLine(Protocol):
    """The offer's first audio line that has Opus; where neither method is called, it is answered as inactive."""

    def receive(self, on_packet: Callable[[OpusPacket], None]) -> None:
        """Have the client send its audio; ``on_packet`` gets each packet as it comes, in whatever order."""

    @property
    def is_wanted(self) -> bool:
        """Whether the client would receive audio."""

    def send(self, output: AudioOutput) -> None:
        """Have the client receive the packets of ``output``."""

    @property
    def lag_s(self) -> float | None:
        """By how much the client's packets come later than captured: see ``SenderClock.lag_s``."""


class OfferedMedia(NamedTuple):
    """The lines of an offer that can be used; ``None`` where there is none."""

    video: VideoLine | None
    audio: AudioLine | None


class TransportEvents(Protocol):
    """Callbacks of a transport, on the loop."""

    def on_connected(self) -> None:
        """The client has connected."""

    def on_data_channel(self, channel: ClientChannel) -> None:
        """The client has opened a data channel."""

    def end(self, reason: str) -> None:
        """The connection was lost, or the client broke a limit: end the session."""


class Transport(Protocol):
    """One connection to one client."""

    @property
    def bytes_received(self) -> int:
        """All that the client has sent since it connected, in bytes."""

    async def apply_offer(self, offer: Offer) -> OfferedMedia:
        """Take the client's offer; return its first video line, and its first audio line with Opus.

        Raises ``RequestError`` where the offer cannot be used.
        """

    async def answer(self) -> str:
        """Return the SDP answer, with all candidates. Raises ``Unavailable`` where no port is left."""

    async def add_candidates(self, candidates: Sequence[RemoteCandidate]) -> None:
        """Take trickled candidates. Raises ``Unprocessable`` where they are too many."""

    async def resolve_candidates(self) -> None:
        """Add those of the offer whose address is a name, which takes up to a second."""

    async def close(self) -> None:
        """Close the connection, also one that was never made."""
