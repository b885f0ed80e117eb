"""Offers as clients that are no browsers write them; made up here after the format, not recorded."""

from typing import Literal

FINGERPRINT = ":".join(f"{byte:02X}" for byte in range(32))


def obs_offer(
    *,
    codec: str = "H264",
    transport: Literal["media", "session"] = "media",
    simulcast: bool = False,
    lite: bool = False,
) -> str:
    """The offer of OBS 30 and later, which is libdatachannel's: sound before picture, one stream, no candidates.

    ``transport``: where the attributes of ICE and DTLS are, before libdatachannel 0.20 for the whole session.
    ``simulcast``: several layers, which OBS 32 can offer.
    """
    ice = ["a=setup:actpass", "a=ice-ufrag:hQ7x", "a=ice-pwd:7Zb0nWk2uLxq4TtVh1mRcDpE"]
    stream = "kD3vT0aLq9ZsXw7B"
    layers = ["a=rid:0 send", "a=rid:1 send", "a=simulcast:send 0;1"]
    lines = [
        "v=0",
        "o=rtc 3921875604 0 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1",
        "a=group:LS 0 1",
        "a=msid-semantic:WMS *",
        *(ice if transport == "session" else ()),
        "a=ice-options:ice2 trickle",
        f"a=fingerprint:sha-256 {FINGERPRINT}",
        *(["a=ice-lite"] if lite else ()),
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=sendonly",
        "a=ssrc:482193 cname:nY5pQe2U",
        f"a=ssrc:482193 msid:{stream} {stream}-audio",
        f"a=msid:{stream} {stream}-audio",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;sprop-stereo=1;useinbandfec=1",
        *(ice if transport == "media" else ()),
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "a=mid:1",
        "a=sendonly",
        "a=ssrc:482194 cname:nY5pQe2U",
        f"a=ssrc:482194 msid:{stream} {stream}-video",
        f"a=msid:{stream} {stream}-video",
        *(layers if simulcast else ()),
        "a=rtcp-mux",
        f"a=rtpmap:96 {codec}/90000",
        "a=rtcp-fb:96 nack",
        "a=rtcp-fb:96 nack pli",
        "a=rtcp-fb:96 ccm fir",
        "a=rtcp-fb:96 goog-remb",
        *(["a=fmtp:96 profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1"] * (codec == "H264")),
        *(ice if transport == "media" else ()),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def media_lines(sdp: str) -> dict[str, list[str]]:
    """The lines of each media description, by its kind."""
    sections = sdp.split("\r\nm=")[1:]
    return {
        section.split(" ", 1)[0]: [f"m={section.splitlines()[0]}", *section.splitlines()[1:]] for section in sections
    }
