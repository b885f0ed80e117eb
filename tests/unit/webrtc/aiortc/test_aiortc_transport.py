"""The transport over aiortc: what it answers, and whose fault is what."""

from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack

from mocast.errors import RequestError
from mocast.webrtc.aiortc.aiortc_transport import OWN_CODE, AiortcTransport, prefer_codecs
from mocast.webrtc.offer import Offer, parse_offer


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
    video = await transport.apply_offer(await an_offer())
    assert video is not None
    assert video.codec_name == "VP8"
    assert (await transport.answer()).count("a=inactive") == 2
    await transport.close()


async def test_an_offer_without_video_has_no_video_line() -> None:
    transport = AiortcTransport(Events())
    client = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    client.createDataChannel("landmarks")
    await client.setLocalDescription(await client.createOffer())
    offer = parse_offer(client.localDescription.sdp.encode(), needs_video=False)
    assert await transport.apply_offer(offer) is None
    await transport.answer()
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
