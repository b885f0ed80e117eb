"""The reaches into the insides of aiortc 1.16 and aioice 0.13 that change what they do, each with a reason and a test.

What only saves them steps is in ``aiortc_sending.py`` and ``aiortc_receiving.py``. Nothing else in the project may
touch a private name of these libraries, so that a new version breaks these three files and no other.
"""

import asyncio
import multiprocessing
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import aioice.ice
import aiortc.codecs
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import aiortc.rtcsctptransport
import structlog
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver, RTCSctpTransport
from aiortc.codecs import is_rtx
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcsctptransport import tsn_plus_one
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, unpack_remb_fci
from av import CodecContext, FFmpegError

from mocast.webrtc.aiortc import receiving as aiortc_receiving
from mocast.webrtc.aiortc.decoder_queue import MAX_PIXELS, DecoderQueue, Task
from mocast.webrtc.aiortc.jitter_buffer import MarkerJitterBuffer
from mocast.webrtc.encoders import EncoderLimits, LiveH264Encoder, LiveVp8Encoder
from mocast.webrtc.video_in import FrameInlet

log = structlog.get_logger(__name__)

CONSENT_INTERVAL_S = 0.5
CONSENT_FAILURES = 4
CONSENT_RESENDS = 1
"""A peer that answers none of four connectivity checks is gone (RFC 7675 allows up to 30 s; ours is 10).

aioice waits 0.8 to 1.2 times the interval, sends a check and waits 0.5 s for an answer, then resends it and waits 1 s:
4 x (0.6 + 1.5) = 8.4 s at most. Without resending, a full uplink that holds packets for half a second would look dead.
"""

KEY_FRAME_REQUEST_EVERY_S = 0.3
"""A round trip or two: asking again sooner only makes the sender send more key frames."""

MAX_UNDECODABLE_IN_A_ROW = 90
"""Three seconds of frames, key frames asked for all the while: what fails so long will not mend itself."""

TOO_LARGE = f"the camera's picture is too large: it may have {MAX_PIXELS / 1e6:.1f} million pixels"
MAX_MESSAGE_BYTES = 65_536
"""What our answers allow in one message. Control messages are shorter; a longer one should still be answered."""

MAX_UNFINISHED_BYTES = 262_144
MAX_UNFINISHED_CHUNKS = 512
"""Of messages that are not complete, or wait for an earlier one: as many control messages as may wait.

aiortc walks over all chunks of a stream for each that comes, so their number counts, too.
"""

RESENDS_AT_ONCE = 128
"""As many packets as aiortc keeps to send them again."""

RESENDS_PER_S = 250
"""More than half the packets of 4 Mbit/s. One request can name thousands, and each of them costs a packet."""

ENDLESS_MESSAGE = "the client sent a message that has no end"
UNDECODABLE = f"the camera's video cannot be decoded; it may have {MAX_PIXELS / 1e6:.1f} million pixels"


def install(limits: EncoderLimits, decoder_threads: int = 1) -> None:
    """Set what aiortc keeps in module globals; once per process, before the first peer."""
    setattr(aioice.ice, "CONSENT_INTERVAL", CONSENT_INTERVAL_S)  # noqa: B010 (typed as a whole number)
    aioice.ice.CONSENT_FAILURES = CONSENT_FAILURES
    _resend_consent_checks()
    _end_consent_checks()
    _use_loopback_when_alone()
    setattr(aiortc.rtcsctptransport, "LOCAL_MAX_MESSAGE_SIZE", MAX_MESSAGE_BYTES)  # noqa: B010 (not an exported name)

    def get_encoder(codec: RTCRtpCodecParameters) -> Any:
        match codec.mimeType.lower():
            case "video/vp8":
                return LiveVp8Encoder(limits)
            case "video/h264":
                return LiveH264Encoder(limits)
        return aiortc.codecs.get_encoder(codec)

    def get_decoder(codec: RTCRtpCodecParameters) -> Any:
        decoder = aiortc.codecs.get_decoder(codec)
        if isinstance(decoder, Vp8Decoder):
            # FFmpeg's own: libvpx, which aiortc takes, gives the same pictures in more time.
            decoder.codec = CodecContext.create("vp8", "r")
        if isinstance(decoder, H264Decoder | Vp8Decoder):
            decoder.codec.thread_count = min(decoder_threads, multiprocessing.cpu_count())
            # Frame threads would hold back as many frames as there are threads.
            decoder.codec.thread_type = "SLICE"
            # FFmpeg refuses a larger picture before it takes memory for it.
            decoder.codec.options = {"max_pixels": str(MAX_PIXELS)}
        return decoder

    setattr(aiortc.rtcrtpsender, "get_encoder", get_encoder)  # noqa: B010 (not an exported name)
    setattr(aiortc.rtcrtpreceiver, "get_decoder", get_decoder)  # noqa: B010
    _decode_in_place()
    aiortc_receiving.install()


def _decode_in_place() -> None:
    """Hand frames on in the decoder's own thread: aiortc starts a task on the loop for each."""
    decode_to_queue = _private(aiortc.rtcrtpreceiver).decoder_worker
    if getattr(decode_to_queue, "is_ours", False):
        return

    def decode(
        loop: asyncio.AbstractEventLoop,
        tasks: "queue.Queue[Task | None]",
        frames: object,
        decode_error: threading.Event,
    ) -> None:
        if not isinstance(frames, FrameInlet):
            decode_to_queue(loop, tasks, frames, decode_error)
            return
        decoder, codec_name = None, None
        while (task := tasks.get()) is not None:
            codec, encoded = task
            if codec.name != codec_name:
                decoder, codec_name = _private(aiortc.rtcrtpreceiver).get_decoder(codec), codec.name
            try:
                decoded = _private(decoder).decode(encoded)
            except FFmpegError:
                decode_error.set()
                continue
            for frame in decoded:
                frames.take(frame)
        loop.call_soon_threadsafe(frames.end)

    decode.is_ours = True  # type: ignore[attr-defined]
    setattr(aiortc.rtcrtpreceiver, "decoder_worker", decode)  # noqa: B010


def _resend_consent_checks() -> None:
    """Consent checks are the only requests that aioice never resends, so they are known by that."""
    request = _private(aioice.ice.StunProtocol.request)
    if getattr(request, "resends", False):
        return

    async def patient(self: Any, *args: Any, retransmissions: int | None = None, **more: Any) -> Any:
        resends = CONSENT_RESENDS if retransmissions == 0 else retransmissions
        return await request(self, *args, retransmissions=resends, **more)

    patient.resends = True  # type: ignore[attr-defined]
    setattr(aioice.ice.StunProtocol, "request", patient)  # noqa: B010 (a method)


def _end_consent_checks() -> None:
    """Start no consent checks on a connection that was closed while it connected: nothing would ever end them."""
    query_consent = _private(aioice.ice.Connection.query_consent)
    if getattr(query_consent, "ends", False):
        return

    async def while_open(self: Any) -> None:
        if not self._closing:
            await query_consent(self)

    while_open.ends = True  # type: ignore[attr-defined]
    setattr(aioice.ice.Connection, "query_consent", while_open)  # noqa: B010 (a method)


def _use_loopback_when_alone() -> None:
    """Offer 127.0.0.1 where the machine has no other address: aioice leaves it out, so nothing could connect."""
    others = aioice.ice.get_host_addresses
    if getattr(others, "keeps_loopback", False):
        return

    def get_host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return others(use_ipv4, use_ipv6) or ["127.0.0.1"]

    get_host_addresses.keeps_loopback = True  # type: ignore[attr-defined]
    aioice.ice.get_host_addresses = get_host_addresses


def host_addresses() -> list[str]:
    """Return the addresses that peers will be offered."""
    addresses: list[str] = aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
    return addresses


def _private(thing: object) -> Any:
    """The same thing without its type, which does not know the private names used on it."""
    return thing


class DecodeErrors(threading.Event):
    """What aiortc's decoder thread sets when a frame cannot be decoded; ``on_error`` is called there, for each."""

    def __init__(self, on_error: Callable[[], None]) -> None:
        super().__init__()
        self._on_error = on_error

    def set(self) -> None:
        """A frame could not be decoded."""
        super().set()
        self._on_error()


class TunedReceiver:
    """A video receiver with its queues replaced; made in ``pc.on("track")``, before decoding starts.

    ``on_unusable`` is called, once, with the reason why this video will never be decoded; ``on_drop`` for every frame
    that came whole and was not decoded, from any thread.
    """

    def __init__(
        self,
        receiver: RTCRtpReceiver,
        inlet: FrameInlet,
        on_unusable: Callable[[str], None] = lambda reason: None,
        on_drop: Callable[[], None] = lambda: None,
    ) -> None:
        self._receiver = _private(receiver)
        self._inlet = inlet
        self._on_unusable = on_unusable
        self._on_drop = on_drop
        self._is_usable = True
        self._decoded = self._undecodable = 0
        self._loop = asyncio.get_running_loop()
        self._asked_at = float("-inf")
        self._tasks: set[asyncio.Task[None]] = set()
        self._buffer = MarkerJitterBuffer(
            call_later=self._loop.call_later,
            on_missing=self._ask_again,
            on_skip=self._on_skip,
            on_frames=self._put_frames,
        )
        self.queue = DecoderQueue(self._ask_for_key_frame, self._take_more, lambda: self._give_up(TOO_LARGE), on_drop)
        self._receiver.track._queue = inlet
        self._receiver._RTCRtpReceiver__jitter_buffer = self._buffer
        self._receiver._RTCRtpReceiver__decoder_queue = self.queue
        self._receiver._RTCRtpReceiver__decoder_error = DecodeErrors(self._on_undecodable)
        aiortc_receiving.VideoIntake(receiver)

    def close(self) -> None:
        """Stop the timer and what is on its way."""
        self._buffer.close()
        for task in self._tasks:
            task.cancel()

    def _give_up(self, reason: str) -> None:
        if self._is_usable:
            self._is_usable = False
            self._on_unusable(reason)

    def _on_undecodable(self) -> None:
        """Called in the decoder's thread."""
        self._on_drop()
        if self._decoded != self._inlet.decoded:
            self._decoded, self._undecodable = self._inlet.decoded, 0
        self._undecodable += 1
        if self._undecodable == MAX_UNDECODABLE_IN_A_ROW:
            self._loop.call_soon_threadsafe(self._give_up, UNDECODABLE)

    def _mapped(self, frame: JitterFrame) -> JitterFrame:
        frame.timestamp = self._receiver._RTCRtpReceiver__timestamp_mapper.map(frame.timestamp)
        return frame

    def _take_more(self) -> list[JitterFrame]:
        return [self._mapped(frame) for frame in self._buffer.take_all()]

    def _put_frames(self, frames: list[JitterFrame]) -> None:
        codec = self.queue.last_codec
        if codec is not None:
            for frame in frames:
                self.queue.put((codec, self._mapped(frame)))

    def _on_skip(self) -> None:
        self.queue.await_key_frame()
        self._ask_for_key_frame()

    def _ask_again(self, missing: list[int]) -> None:
        for ssrc in self._media_ssrcs():
            self._spawn(self._receiver._send_rtcp_nack(ssrc, missing))

    def _ask_for_key_frame(self) -> None:
        if self._loop.time() - self._asked_at < KEY_FRAME_REQUEST_EVERY_S:
            return
        self._asked_at = self._loop.time()
        for ssrc in self._media_ssrcs():
            self._spawn(self._receiver._send_rtcp_pli(ssrc))

    def _media_ssrcs(self) -> list[int]:
        rtx = self._receiver._RTCRtpReceiver__rtx_ssrc
        return [ssrc for ssrc in self._receiver._RTCRtpReceiver__remote_streams if ssrc not in rtx]

    def _spawn(self, coroutine: Any) -> None:
        task = self._loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def bound_messages(sctp: RTCSctpTransport, on_overflow: Callable[[str], None]) -> None:
    """Keep no more of unfinished messages than allowed: aiortc tells its receive window, but does not enforce it.

    Above the window, what comes behind a gap is dropped unacknowledged, so the peer sends it again. What fills gaps is
    taken up to twice the window. Then a message is too long: all data is thrown away, and the reason is told, once.
    """
    inside = _private(sctp)
    inside._advertised_rwnd = MAX_UNFINISHED_BYTES
    receive = inside._receive_data_chunk
    has_overflowed = False

    def is_above(times: int, stream_id: int) -> bool:
        stream = inside._inbound_streams.get(stream_id)
        chunks = max(len(inside._sack_misordered), len(stream.reassembly) if stream else 0)
        unfinished = MAX_UNFINISHED_BYTES - inside._advertised_rwnd
        return unfinished >= times * MAX_UNFINISHED_BYTES or chunks >= times * MAX_UNFINISHED_CHUNKS

    async def receive_bounded(chunk: Any) -> None:
        nonlocal has_overflowed
        is_next = chunk.tsn == tsn_plus_one(inside._last_received_tsn)
        if has_overflowed or (not is_next and is_above(1, chunk.stream_id)):
            return
        await receive(chunk)
        if is_above(2, chunk.stream_id):
            has_overflowed = True
            on_overflow(ENDLESS_MESSAGE)

    inside._receive_data_chunk = receive_bounded


async def close_peer(pc: RTCPeerConnection) -> None:
    """Close a peer, also one that a malformed offer left half-built: its own ``close`` stumbles over missing parts."""
    try:
        await pc.close()
    except Exception as error:
        log.info("peer closed by its parts", error=repr(error))
        for transport in _private(pc)._RTCPeerConnection__iceTransports:
            await transport.stop()
        pc.remove_all_listeners()


def disable_receiver(receiver: RTCRtpReceiver) -> None:
    """Throw away what comes in: nobody reads this track, and its queue would grow without bound."""
    receiver._enabled = False


def negotiated_codec(transceiver: RTCRtpTransceiver) -> str:
    """Return the MIME type of the codec that will be sent. Call it when the remote offer is set."""
    codecs = transceiver._codecs
    if not codecs:
        raise ValueError("no codec in common")
    return str(codecs[0].mimeType)


def listen_to_receiver(
    sender: RTCRtpSender, on_key_frame: Callable[[], None], on_bitrate: Callable[[int], None]
) -> None:
    """Tell what the receiver asks for: a key frame, and a bitrate (REMB).

    aiortc keeps both for the encoder of this very sender, which has none when its track gives out encoded pictures.
    """
    inside = _private(sender)
    handle = inside._handle_rtcp_packet

    async def listening(packet: Any) -> None:
        await handle(packet)
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            try:
                bitrate, ssrcs = unpack_remb_fci(packet.fci)
            except ValueError:
                return
            if inside._ssrc in ssrcs:
                on_bitrate(bitrate)

    inside._handle_rtcp_packet = listening
    inside._send_keyframe = on_key_frame


def bound_resends(sender: RTCRtpSender, clock: Callable[[], float] = time.monotonic) -> None:
    """Send no more packets again than a bad line needs: a receiver may ask for any number, again and again."""
    inside = _private(sender)
    resend = inside._retransmit
    allowed, counted_at = float(RESENDS_AT_ONCE), clock()

    async def bounded(sequence_number: int) -> None:
        nonlocal allowed, counted_at
        now = clock()
        allowed = min(RESENDS_AT_ONCE, allowed + RESENDS_PER_S * (now - counted_at))
        counted_at = now
        if allowed >= 1:
            allowed -= 1
            await resend(sequence_number)

    inside._retransmit = bounded


def prefer_codecs(transceiver: RTCRtpTransceiver, mime_types: Sequence[str]) -> None:
    """Answer with these video codecs only, the first one first; the offer's own where it has none of them.

    ``setCodecPreferences`` works only before the remote offer is set, when the transceiver is not there yet.
    """
    wanted = [name.lower() for name in mime_types]
    offered = transceiver._codecs
    chosen = sorted(
        (codec for codec in offered if codec.mimeType.lower() in wanted),
        key=lambda codec: wanted.index(codec.mimeType.lower()),
    )
    types = {codec.payloadType for codec in chosen}
    if chosen:
        transceiver._codecs = chosen + [c for c in offered if is_rtx(c) and c.parameters.get("apt") in types]
