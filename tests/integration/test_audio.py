"""Sound over real WebRTC: the very same packets reach viewers, in step with the picture, and nobody else."""

import asyncio
import time
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from aiortc.mediastreams import VIDEO_CLOCK_RATE
from aiortc.rtp import RtpPacket, is_rtcp
from av import VideoFrame

from mocast.rooms.publisher import Publisher
from mocast.rooms.room_audio import MOST_HELD_S
from mocast.webrtc.transport import OPUS_TICKS_PER_S
from tests.fakes import CentreTracker, FakeTrackers
from tests.peers import Peer, SquareTrack
from tests.rooms import gone, open_rooms, publish, subscribe
from tests.sound import PACKET_S, PACKET_TICKS, TONE_HZ, Tone

PACKETS = 50

TRACKING_S = 0.06


class Camera(SquareTrack):
    """A camera whose pictures bear the time at which they are taken, as real ones do."""

    async def recv(self) -> VideoFrame:
        frame = await super().recv()
        frame.pts = round(time.monotonic() * VIDEO_CLOCK_RATE) % 2**31
        return frame


class Sent:
    """What a client sends, and when, by the RTP timestamp."""

    def __init__(self, peer: Peer) -> None:
        """To be made when the offer was answered."""
        self.sound: list[RtpPacket] = []
        self.times: dict[str, dict[int, float]] = {"audio": {}, "video": {}}
        dtls: Any = peer.sender.transport
        send = dtls._send_rtp
        audio: Any = next(sender for sender in peer.pc.getSenders() if sender.kind == "audio")

        async def watched(data: bytes) -> None:
            if not is_rtcp(data):
                packet = RtpPacket.parse(data)
                is_sound = packet.ssrc == audio._ssrc
                if is_sound:
                    self.sound.append(packet)
                self.times["audio" if is_sound else "video"][packet.timestamp] = time.monotonic()
            await send(data)

        dtls._send_rtp = watched

    def delays_s(self, kind: str, arrivals: dict[int, float]) -> list[float]:
        """From leaving one client to reaching the other; timestamps there are those here, less the first."""
        times = self.times[kind]
        first = next(iter(times))
        here = {(timestamp - first) % 2**32: at for timestamp, at in times.items()}
        return [at - here[timestamp] for timestamp, at in arrivals.items() if timestamp in here]


def listener(**more: Any) -> Peer:
    return Peer(direction="recvonly", tuned=True, landmarks=None, audio="recvonly", **more)


class SlowTrackers(FakeTrackers):
    """Gives out trackers that take so long that sound has to wait for the picture."""

    def acquire(self, *args: Any, **options: Any) -> CentreTracker:
        tracker = super().acquire(*args, **options)
        tracker._takes_s = TRACKING_S
        return tracker


async def test_a_viewer_gets_the_very_same_packets_in_order_and_no_sooner_than_their_picture() -> None:
    """How near to the picture is told in ``test_room_audio.py``, by a clock that no other work moves on."""
    async with open_rooms(SlowTrackers()) as rooms:
        publisher, viewer = Peer(Camera(), audio=Tone()), listener()
        session = await publish(rooms, publisher)
        sent = Sent(publisher)
        side = await subscribe(rooms, viewer)
        await viewer.until(lambda: len(viewer.audio_packets) >= 2 * PACKETS and len(viewer.frames) >= 20)

        payloads = [packet.payload for packet in sent.sound]
        came = [packet.payload for packet in viewer.audio_packets]
        start = payloads.index(came[0])
        first = viewer.audio_packets[0]
        places = [(packet.sequence_number - first.sequence_number) & 0xFFFF for packet in viewer.audio_packets]
        assert came == [payloads[start + place] for place in places], "the very same"
        assert places == sorted(set(places)), "in order"
        assert places[-1] + 1 - len(came) <= session.stats()["audio_packets_dropped"], "none missing on a quiet machine"
        assert [packet.timestamp - first.timestamp for packet in viewer.audio_packets] == [
            place * PACKET_TICKS for place in places
        ]

        offset = (sent.sound[start].timestamp - sent.sound[0].timestamp) % 2**32
        arrivals = {
            (stamp - viewer.audio_packets[0].timestamp + offset): at for stamp, at in viewer.audio_arrivals.items()
        }
        sound, picture = sent.delays_s("audio", arrivals)[PACKETS:], sent.delays_s("video", viewer.arrivals)
        print(f"sound {1e3 * median(sound):.1f} ms, picture {1e3 * median(picture[10:]):.1f} ms")
        assert median(picture[10:]) > TRACKING_S
        assert median(sound) > TRACKING_S / 2

        assert side.snapshot()["audio"] is True
        assert side.stats()["audio_packets_sent"] >= 2 * PACKETS
        assert side.stats()["audio_packets_dropped"] == 0
        assert session.stats()["audio_packets_in"] >= 2 * PACKETS
        assert publisher.audio_packets == [], "nothing is sent back"
        await asyncio.gather(publisher.close(), viewer.close())


async def test_what_comes_is_the_tone() -> None:
    async with open_rooms() as rooms:
        publisher, viewer = Peer(audio=Tone()), listener()
        await publish(rooms, publisher)
        await subscribe(rooms, viewer)
        await viewer.until(lambda: len(viewer.sound) >= PACKETS)
        samples = np.concatenate([frame.to_ndarray()[0, ::2] for frame in viewer.sound[-20:]]).astype(float)
        loudest = np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))))
        assert abs(loudest * OPUS_TICKS_PER_S / len(samples) - TONE_HZ) < 10
        await asyncio.gather(publisher.close(), viewer.close())


async def test_sound_goes_on_alone_for_who_takes_no_picture_and_none_to_who_does_not_ask() -> None:
    async with open_rooms() as rooms:
        publisher, deaf = Peer(audio=Tone()), Peer(direction="recvonly", landmarks=None)
        blind = Peer(video=False, audio="recvonly")
        await publish(rooms, publisher)
        sides = [await subscribe(rooms, peer) for peer in (deaf, blind)]
        await blind.until(lambda: len(blind.audio_packets) >= PACKETS)
        await deaf.until(lambda: deaf.frames)
        assert [side.snapshot()["audio"] for side in sides] == [False, True]
        assert deaf.audio_packets == []
        assert "m=audio" not in deaf.pc.remoteDescription.sdp
        await asyncio.gather(publisher.close(), deaf.close(), blind.close())


async def test_the_next_publishers_sound_goes_on_where_the_last_ones_ended() -> None:
    async with open_rooms() as rooms:
        first, viewer = Peer(audio=Tone()), listener()
        session = await publish(rooms, first)
        await subscribe(rooms, viewer)
        await viewer.until(lambda: len(viewer.audio_packets) >= 10)
        second = Peer(audio=Tone())
        await publish(rooms, second, replace=session.id)
        await gone(rooms, session)
        so_far = len(viewer.audio_packets)
        await viewer.until(lambda: len(viewer.audio_packets) >= so_far + 10)
        numbers = [packet.sequence_number for packet in viewer.audio_packets]
        steps = {(b - a) & 0xFFFF for a, b in pairwise(numbers)}
        assert min(steps) >= 1
        assert max(steps) <= MOST_HELD_S / PACKET_S, "what waited for its picture when its publisher went is lost"
        stamps = [packet.timestamp for packet in viewer.audio_packets]
        assert stamps == sorted(stamps)
        assert {packet.ssrc for packet in viewer.audio_packets} == {viewer.audio_packets[0].ssrc}
        await asyncio.gather(first.close(), second.close(), viewer.close())


async def test_a_session_leaves_no_timer_and_nothing_joined() -> None:
    async with open_rooms() as rooms:
        publisher, viewer = Peer(audio=Tone()), listener()
        session = await publish(rooms, publisher)
        side = await subscribe(rooms, viewer)
        await viewer.until(lambda: len(viewer.audio_packets) >= 10)
        room = rooms.room("room")
        assert len(room.audio.sinks) == 1
        await viewer.close()
        await gone(rooms, side)
        assert room.audio.sinks == ()
        audio: Any = session._audio
        await publisher.close()
        await gone(rooms, session)
        assert isinstance(session, Publisher)
        assert len(audio._line) == 0
        assert audio._line._timer is None


async def test_sound_that_ends_ends_nothing_else() -> None:
    async with open_rooms() as rooms:
        tone = Tone()
        publisher, viewer = Peer(audio=tone), listener()
        session = await publish(rooms, publisher)
        await subscribe(rooms, viewer)
        await viewer.until(lambda: len(viewer.audio_packets) >= 10)
        audio = next(sender for sender in publisher.pc.getSenders() if sender.kind == "audio")
        await audio.stop()  # says goodbye by RTCP (BYE)
        shown = len(viewer.frames)
        await viewer.until(lambda: len(viewer.frames) >= shown + 15)
        assert session.state == "live"
        await asyncio.gather(publisher.close(), viewer.close())
