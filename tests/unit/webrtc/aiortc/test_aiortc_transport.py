"""The transport over aiortc: what it answers, and whose fault is what."""

from typing import Any, Literal

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack
from aiortc.sdp import SessionDescription

from mocast.errors import RequestError
from mocast.webrtc.aiortc import installation
from mocast.webrtc.aiortc.aiortc_transport import OWN_CODE, AiortcTransport, prefer_codecs
from mocast.webrtc.offer import Offer, parse_offer
from mocast.webrtc.video_decoder import VideoDecoder


class Events:
    """A session that heeds nothing."""

    def on_connected(self) -> None: ...

    def on_data_channel(self, channel: object) -> None: ...

    def end(self, reason: str) -> None: ...


async def an_offer(direction: str = "sendrecv") -> Offer:
    client = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    client.addTransceiver("video", direction)
    client.addTransceiver("audio", "sendrecv")
    await client.setLocalDescription(await client.createOffer())
    sdp = client.localDescription.sdp
    await client.close()
    return parse_offer(sdp.encode())


async def test_what_aiortc_makes_nothing_of_is_a_bad_offer() -> None:
    transport = AiortcTransport(Events())
    broken = parse_offer(b"v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 97\r\na=rtpmap:97 VP8/90000\r\n")
    with pytest.raises(RequestError, match="cannot be used"):
        await transport.apply_offer(broken)
    await transport.close()


async def test_an_error_of_ours_is_not_told_as_a_bad_offer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    transport = AiortcTransport(Events())
    monkeypatch.setattr("mocast.webrtc.aiortc.aiortc_transport.prefer_codecs", fail)
    with pytest.raises(ZeroDivisionError):
        await transport.apply_offer(await an_offer())
    await transport.close()


async def test_a_line_that_is_not_used_is_answered_as_inactive() -> None:
    transport = AiortcTransport(Events())
    video, audio = await transport.apply_offer(await an_offer())
    assert video is not None
    assert video.codec_name == "VP8"
    assert audio is not None
    assert (await transport.answer()).count("a=inactive") == 2
    await transport.close()


@pytest.mark.parametrize(("offered", "counts"), [("sendonly", True), ("recvonly", False), ("sendrecv", False)])
async def test_packets_stand_for_consent_only_where_the_client_is_sent_nothing(offered: str, counts: bool) -> None:
    """Else one that has moved on could have pictures sent to its former address for ever."""
    transport = AiortcTransport(Events())
    video, _ = await transport.apply_offer(await an_offer(offered))
    assert video is not None
    if offered != "recvonly":
        video.receive(VideoDecoder(lambda _: None), lambda: None, lambda: 1_000_000)
    if offered != "sendonly":
        video.send(Silence())
    await transport.answer()
    inside: Any = transport.pc
    inside.getTransceivers()[0].receiver.transport._RTCDtlsTransport__rx_packets = 7
    (ice,) = inside._RTCPeerConnection__iceTransports
    assert ice._connection.query_consent.__self__._packets() == (7 if counts else 0)
    await transport.close()


async def test_the_answer_says_how_much_video_is_asked_for_and_asks_for_no_less_of_the_rest() -> None:
    transport = AiortcTransport(Events())
    video, _ = await transport.apply_offer(await an_offer())
    assert video is not None
    video.receive(VideoDecoder(lambda _: None), lambda: None, lambda: 1_234_567)
    answer = await transport.answer()
    lines = answer.splitlines()
    (place,) = (number for number, line in enumerate(lines) if line == "b=AS:1235")
    assert lines[place - 1].startswith("c=IN ")
    assert lines[place + 1] == "b=TIAS:1234567"
    assert [line for line in lines[:place] if line.startswith("m=")][-1].startswith("m=video ")
    assert answer.count("b=") == 2
    parsed = SessionDescription.parse(answer)
    assert [media.kind for media in parsed.media] == ["video", "audio"]
    await transport.close()


async def test_an_offer_without_video_has_no_video_line() -> None:
    transport = AiortcTransport(Events())
    client = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    client.createDataChannel("landmarks")
    await client.setLocalDescription(await client.createOffer())
    offer = parse_offer(client.localDescription.sdp.encode(), needs_video=False)
    assert await transport.apply_offer(offer) == (None, None)
    await transport.answer()
    await transport.close()
    await client.close()


CODECS = {
    "opus": ["111 opus/48000/2", "63 red/48000/2", "0 PCMU/8000"],
    "no opus": ["0 PCMU/8000", "9 G722/8000"],
    "unknown": ["63 red/48000/2", "112 L16/44100/2"],
}
FMTP = "a=fmtp:111 minptime=10; stereo=1;sprop-stereo=1;useinbandfec=1"


async def an_audio_offer(direction: str, codecs: str = "opus", *more: str) -> Offer:
    """Of video that is not used, and of audio with codecs of that kind."""
    head, _, rest = (await an_offer("inactive")).sdp.partition("m=audio")
    types = " ".join(codec.split()[0] for codec in CODECS[codecs])
    lines = [f"m=audio 9 UDP/TLS/RTP/SAVPF {types}", f"a={direction}", *more]
    own = ("a=rtpmap", "a=fmtp", "a=rtcp-fb", "a=send", "a=recv")
    kept = [line for line in rest.splitlines()[1:] if not line.startswith(own)]
    maps = [f"a=rtpmap:{codec}" for codec in CODECS[codecs]]
    return parse_offer((head + "\r\n".join([*lines, *kept, *maps, ""])).encode())


class Silence:
    """A source of sound and picture that has neither."""

    def start(self, sender: object) -> None: ...

    def request_key_frame(self) -> None: ...

    def set_bandwidth(self, bits_per_s: int) -> None: ...


async def audio_answer(
    offer: Offer, use: Literal["receive", "send"], *, audio: bool = True
) -> tuple[bool, bool, list[str]]:
    """Whether there is an audio line, whether it is wanted, and the lines with which it is answered."""
    transport = AiortcTransport(Events(), audio=audio)
    line = (await transport.apply_offer(offer)).audio
    if line is not None and use == "receive":
        line.receive(lambda packet: None)
    elif line is not None:
        line.send(Silence())
    sdp = (await transport.answer()).partition("m=audio")[2]
    await transport.close()
    return line is not None, line is not None and line.is_wanted, sdp.splitlines()


@pytest.mark.parametrize(
    ("use", "offered", "answered"),
    [
        ("receive", "sendonly", "recvonly"),
        ("receive", "sendrecv", "recvonly"),
        ("receive", "recvonly", "inactive"),
        ("receive", "inactive", "inactive"),
        ("send", "recvonly", "sendonly"),
        ("send", "sendrecv", "sendonly"),
        ("send", "sendonly", "inactive"),
    ],
)
async def test_opus_goes_one_way(use: Literal["receive", "send"], offered: str, answered: str) -> None:
    installation.install()
    is_there, is_wanted, lines = await audio_answer(await an_audio_offer(offered), use)
    assert is_there
    assert is_wanted == (offered in ("recvonly", "sendrecv"))
    assert f"a={answered}" in lines
    assert lines[0].endswith(" UDP/TLS/RTP/SAVPF 111")
    assert [line for line in lines if line.startswith("a=rtpmap")] == ["a=rtpmap:111 opus/48000/2"]
    assert "a=fmtp:111 minptime=10;useinbandfec=1;maxaveragebitrate=128000" in lines


async def test_two_channels_are_asked_for_where_there_are_two() -> None:
    installation.install()
    _, _, lines = await audio_answer(await an_audio_offer("sendonly", "opus", FMTP), "receive")
    assert any(line.startswith("a=fmtp:111") and line.endswith(";stereo=1;sprop-stereo=1") for line in lines)


@pytest.mark.parametrize("codecs", ["no opus", "unknown"])
async def test_audio_without_opus_is_inactive_and_the_offer_holds(codecs: str) -> None:
    installation.install()
    is_there, _, lines = await audio_answer(await an_audio_offer("sendonly", codecs), "receive")
    assert not is_there
    assert "a=inactive" in lines
    assert lines[0].split()[0] != "0", "the line is not rejected"


async def test_audio_can_be_turned_off() -> None:
    installation.install()
    is_there, _, lines = await audio_answer(await an_audio_offer("sendonly"), "receive", audio=False)
    assert not is_there
    assert "a=inactive" in lines


async def test_sound_and_picture_are_of_one_stream_and_one_clock() -> None:
    """By the same msid and CNAME a browser plays them together (RFC 8830; RFC 3550, section 6.5.1)."""
    installation.install()
    client = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for kind in ("audio", "video"):
        client.addTransceiver(kind, "recvonly")
    await client.setLocalDescription(await client.createOffer())
    transport = AiortcTransport(Events())
    video, audio = await transport.apply_offer(parse_offer(client.localDescription.sdp.encode()))
    assert video is not None
    assert audio is not None
    video.send(Silence())
    audio.send(Silence())
    lines = (await transport.answer()).splitlines()
    assert len({line.split()[0] for line in lines if line.startswith("a=msid:")}) == 1
    assert len({line.partition("cname:")[2] for line in lines if "cname:" in line}) == 1
    assert lines.count("a=sendonly") == 2
    assert any(line.startswith("a=group:BUNDLE 0 1") for line in lines)
    await transport.close()
    await client.close()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["VP8", "H264"], ["VP8", "H264", "H264"]),
        (["h264", "vp8"], ["H264", "H264", "VP8"]),
        (["H264"], ["H264", "H264"]),
        (["VP8"], ["VP8"]),
        (["AV1"], ["VP8", "H264", "H264"]),
    ],
)
async def test_codecs_are_answered_in_the_operators_order(wanted: list[str], expected: list[str]) -> None:
    client, server = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    client.addTransceiver("video")
    client.addTrack(AudioStreamTrack())
    await client.setLocalDescription(await client.createOffer())
    await server.setRemoteDescription(client.localDescription)
    prefer_codecs(server.getTransceivers()[0], wanted)
    await server.setLocalDescription(await server.createAnswer())
    video = server.localDescription.sdp.split("m=video")[1].split("m=")[0]
    maps = [line.split(" ")[1].split("/")[0] for line in video.splitlines() if line.startswith("a=rtpmap:")]
    assert [name for name in maps if name != "rtx"] == expected
    assert maps.count("rtx") == len(expected), "each codec keeps its resending"
    assert "opus" in server.localDescription.sdp
    await client.close()
    await server.close()


@pytest.mark.parametrize("kind", [ValueError, AttributeError, KeyError])
async def test_an_error_of_our_own_code_is_never_told_as_a_bad_offer(
    monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    """As after an update of aiortc that our patches do not fit."""
    transport = AiortcTransport(Events())
    source = f"async def patched(*_):\n    raise {kind.__name__}('told to fail')\n"
    names: dict[str, Any] = {}
    exec(compile(source, str(OWN_CODE / "webrtc" / "aiortc" / "patched.py"), "exec"), names)
    monkeypatch.setattr(transport.pc, "setRemoteDescription", names["patched"])
    with pytest.raises(kind, match="told to fail"):
        await transport.apply_offer(await an_offer())
    await transport.close()


@pytest.mark.parametrize("error", [MemoryError(), OSError(24, "Too many open files"), RuntimeError("a bug")])
async def test_what_no_offer_can_cause_is_an_error_of_the_server(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    transport = AiortcTransport(Events())

    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(transport.pc, "setRemoteDescription", fail)
    with pytest.raises(type(error)):
        await transport.apply_offer(await an_offer())
    await transport.close()
