"""The transport over aiortc: one ``RTCPeerConnection`` as sessions see it."""

import asyncio
import contextlib
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import structlog
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.codecs import is_rtx
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from mocast.errors import RequestError, Unavailable
from mocast.webrtc.aiortc.audio_receiver import AudioReceiver
from mocast.webrtc.aiortc.audio_sender import RtpAudioSender
from mocast.webrtc.aiortc.candidates import Candidates
from mocast.webrtc.aiortc.chunks_in import InboundBounds
from mocast.webrtc.aiortc.codecs import opus_of, parameter_sets
from mocast.webrtc.aiortc.data_messages import MessageSender
from mocast.webrtc.aiortc.gathering import Gathering, dtls_transports
from mocast.webrtc.aiortc.gnutls_handshake import is_ffmpeg
from mocast.webrtc.aiortc.loss_tolerance import LossTolerance
from mocast.webrtc.aiortc.video_receiver import VideoReceiver
from mocast.webrtc.aiortc.video_sender import RtpVideoSender
from mocast.webrtc.offer import Offer, RemoteCandidate
from mocast.webrtc.transport import AudioOutput, OfferedMedia, OpusPacket, TransportEvents, VideoOutput
from mocast.webrtc.video_decoder import VideoDecoder

OFFER_ERRORS: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
    StopIteration,
)
"""What aiortc raises for a bad offer: it has no type of its own for it. Anything else is no fault of the client's."""

OWN_CODE: Final = Path(__file__).parents[2]

MID_EXTENSION: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"

log = structlog.get_logger(__name__)


class AiortcVideoLine:
    """The offer's first video line: see ``VideoLine``."""

    def __init__(self, transceiver: RTCRtpTransceiver) -> None:
        self.receiver: VideoReceiver | None = None
        self.most_bits_per_s: int | None = None
        self._transceiver = transceiver
        self._receives = self._sends = False
        self._arrange()

    @property
    def mid(self) -> str:
        """The line's name."""
        return str(self._transceiver.mid)

    @property
    def codec_name(self) -> str:
        """The codec in which the client would be sent video."""
        return self._transceiver._codecs[0].name

    def receive(self, decoder: VideoDecoder, on_end: Callable[[], None], most_bits_per_s: Callable[[], int]) -> None:
        """Have the client send its video, and put its frames into a decoder."""
        self.most_bits_per_s = most_bits_per_s()
        decoder.parameter_sets = parameter_sets(self._transceiver._codecs)
        self.receiver = VideoReceiver(self._transceiver.receiver, decoder, on_end, most_bits_per_s)
        self._receives = True
        self._arrange()

    def send(self, output: VideoOutput) -> None:
        """Have the client receive the pictures of ``output``."""
        RtpVideoSender(self._transceiver.sender, output)
        self._sends = True
        self._arrange()

    @property
    def lag_s(self) -> float | None:
        """By how much the client's frames come later than captured: see ``SenderClock.lag_s``."""
        return self.receiver.clock.lag_s if self.receiver is not None else None

    def _arrange(self) -> None:
        self._transceiver.receiver._enabled = self._receives
        directions = {(True, True): "sendrecv", (True, False): "recvonly", (False, True): "sendonly"}
        self._transceiver.direction = directions.get((self._receives, self._sends), "inactive")


class AiortcAudioLine:
    """The offer's first audio line with Opus: see ``AudioLine``."""

    def __init__(self, transceiver: RTCRtpTransceiver, opus: RTCRtpCodecParameters) -> None:
        """``opus``: the one codec that the line is answered with."""
        self._transceiver = transceiver
        self._receiver: AudioReceiver | None = None
        transceiver._codecs = [opus]
        transceiver._headerExtensions = [one for one in transceiver._headerExtensions if one.uri == MID_EXTENSION]
        refuse(transceiver)

    def receive(self, on_packet: Callable[[OpusPacket], None]) -> None:
        """Have the client send its audio, if it may; never is any sent back to it."""
        self._receiver = AudioReceiver(self._transceiver.receiver, on_packet)
        self._transceiver.receiver._enabled = True
        self._transceiver.direction = "recvonly"

    @property
    def is_wanted(self) -> bool:
        """Whether the client would receive audio."""
        return self._transceiver._offerDirection in ("sendonly", "sendrecv")  # as seen from here

    def send(self, output: AudioOutput) -> None:
        """Have the client receive the packets of ``output``."""
        RtpAudioSender(self._transceiver.sender, output)
        self._transceiver.direction = "sendonly"

    @property
    def lag_s(self) -> float | None:
        """By how much the client's packets come later than captured: see ``SenderClock.lag_s``."""
        return self._receiver.clock.lag_s if self._receiver is not None else None


class AiortcTransport:
    """One connection to one client: see ``Transport``."""

    def __init__(
        self,
        events: TransportEvents,
        codecs: Sequence[str] = (),
        gathering: Gathering | None = None,
        *,
        audio: bool = True,
    ) -> None:
        """``codecs``: the names of those allowed for video, by preference; where empty, the client's order.

        ``gathering``: the server's side of ICE; by default all addresses, and any ports. ``audio``: whether any is
        taken and sent.
        """
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._events = events
        self._codecs = codecs
        self._audio = audio
        self._gathering = gathering or Gathering()
        self._candidates = Candidates(self.pc, log)
        self._video: AiortcVideoLine | None = None
        self._end_where_it_cannot_connect()

    @property
    def bytes_received(self) -> int:
        """All that the client has sent since it connected, in bytes."""
        return sum(dtls._RTCDtlsTransport__rx_bytes for dtls in dtls_transports(self.pc))

    async def apply_offer(self, offer: Offer) -> OfferedMedia:
        """Take the client's offer; return its first video line, and its first audio line with Opus.

        Whatever else it has is answered as inactive but not rejected (RFC 9725, section 4.4.3). Raises ``RequestError``
        where the offer cannot be used; what fails in our own code is raised as it is.
        """
        self._candidates.begin(offer)
        self.pc.on("datachannel", self._events.on_data_channel)
        self.pc.on("connectionstatechange", self._on_connection_state)
        await asyncio.sleep(0)  # what follows, and each further step, takes a millisecond or more of the loop
        try:
            await self.pc.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        except Exception as error:
            raise _refused(error) from error
        for dtls in dtls_transports(self.pc):
            dtls.mocast_client_is_ffmpeg = is_ffmpeg(offer.sdp)
        audio: AiortcAudioLine | None = None
        for transceiver in self.pc.getTransceivers():
            if transceiver.kind == "video" and not transceiver.stopped and self._video is None:
                prefer_codecs(transceiver, self._codecs)
                self._video = AiortcVideoLine(transceiver)
            elif self._audio and audio is None and (opus := opus_of(transceiver._codecs)):
                audio = AiortcAudioLine(transceiver, opus)
            else:
                refuse(transceiver)
        if self.pc.sctp is not None:
            InboundBounds(self.pc.sctp, self._events.end)
            MessageSender(self.pc.sctp)
            LossTolerance(self.pc.sctp)
        return OfferedMedia(self._video, audio)

    async def answer(self) -> str:
        """Return the SDP answer, with all candidates.

        Raises ``Unavailable`` where no port is left, ``RequestError`` where the offer has what cannot be answered.
        """
        self._gathering.attach(self.pc)
        await asyncio.sleep(0)
        try:
            answer = await self.pc.createAnswer()
        except Exception as error:
            raise _refused(error) from error
        await asyncio.sleep(0)
        try:
            await self.pc.setLocalDescription(answer)
        except OSError as error:
            raise Unavailable(f"No port can be opened: {error.strerror}.") from error
        except Exception as error:
            raise _refused(error) from error
        answered = completed(self.pc.localDescription.sdp)
        if self._video is not None and self._video.most_bits_per_s is not None:
            answered = with_bitrate(answered, self._video.mid, self._video.most_bits_per_s)
        return answered

    async def add_candidates(self, candidates: Sequence[RemoteCandidate]) -> None:
        """Take trickled candidates. Raises ``Unprocessable`` where they are too many."""
        await self._candidates.add(candidates)

    async def resolve_candidates(self) -> None:
        """Add those of the offer whose address is a name."""
        await self._candidates.resolve()

    async def close(self) -> None:
        """Close the connection, also one that a malformed offer left half-built (aiortc's own ``close`` raises)."""
        if self._video is not None and self._video.receiver is not None:
            self._video.receiver.close()
        try:
            await self.pc.close()
        except Exception as error:
            log.info("connection closed by its parts", error=repr(error))
            inside: Any = self.pc
            for transport in inside._RTCPeerConnection__iceTransports:
                with contextlib.suppress(OSError):
                    await transport.stop()
            self.pc.remove_all_listeners()

    def _end_where_it_cannot_connect(self) -> None:
        """End the session where aiortc fails on an offer only when it begins to connect, in a task of its own."""
        inside: Any = self.pc
        connect = inside._RTCPeerConnection__connect

        async def connect_or_end() -> None:
            try:
                await connect()
            except Exception as error:
                log.info("connection refused", error=repr(error))
                self._events.end("the SDP offer cannot be used")

        inside._RTCPeerConnection__connect = connect_or_end

    def _on_connection_state(self) -> None:
        match self.pc.connectionState:
            case "connected":
                self._events.on_connected()
            case "failed" | "closed":
                self._events.end("the connection was lost")


def _refused(error: Exception) -> RequestError:
    """Return the refusal of a bad offer. Raises the error itself where it is the server's fault: where our own code
    raised it and not aiortc's, or it is of a type that no offer causes."""
    # A StopIteration becomes a RuntimeError where it leaves a coroutine.
    origin = error.__cause__ if isinstance(error.__cause__, StopIteration) else error
    *_, (raised_in, _) = traceback.walk_tb(origin.__traceback__)  # which, unlike ``extract_tb``, reads no sources
    if Path(raised_in.f_code.co_filename).is_relative_to(OWN_CODE) or not isinstance(origin, OFFER_ERRORS):
        raise error
    log.info("offer refused", error=repr(error))
    return RequestError("The SDP offer cannot be used.")


def refuse(transceiver: RTCRtpTransceiver) -> None:
    """Answer a line as inactive, and read nothing of it: aiortc's queue for what comes would grow without bound."""
    transceiver.direction, transceiver.receiver._enabled = "inactive", False


def completed(answer: str) -> str:
    """Return an SDP answer with what aiortc does not say: that candidates may come later (RFC 8840, section 4.1.1), and
    that RTCP has no port of its own (RFC 9725, section 4.4.1)."""
    trickling = answer.replace("t=0 0\r\n", "t=0 0\r\na=ice-options:trickle\r\n", 1)
    return trickling.replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-mux-only\r\n")


def with_bitrate(answer: str, mid: str, bits_per_s: int) -> str:
    """Return an SDP answer that asks for so much of a line at most, also in thousands, as browsers other than Firefox
    read it (``AS``: RFC 8866, section 5.8; ``TIAS``: RFC 3890)."""
    asked = f"b=AS:{-(-bits_per_s // 1000)}\r\nb=TIAS:{bits_per_s}\r\n"
    sections = answer.split("\r\nm=")
    for number, section in enumerate(sections):
        if f"\r\na=mid:{mid}\r\n" in section:
            head, address, rest = section.partition("\r\nc=")
            own, _, more = rest.partition("\r\n")
            sections[number] = f"{head}{address}{own}\r\n{asked}{more}"
    return "\r\nm=".join(sections)


def prefer_codecs(transceiver: RTCRtpTransceiver, codec_names: Sequence[str]) -> None:
    """Answer with these video codecs only, the first one first; the offer's own where it has none of them.

    ``setCodecPreferences`` works only before the remote offer is set, when the transceiver is not there yet.
    """
    wanted = [name.upper() for name in codec_names]
    offered = transceiver._codecs
    chosen = sorted(
        (codec for codec in offered if codec.name.upper() in wanted), key=lambda codec: wanted.index(codec.name.upper())
    )
    types = {codec.payloadType for codec in chosen}
    if chosen:
        transceiver._codecs = chosen + [c for c in offered if is_rtx(c) and c.parameters.get("apt") in types]
