"""Offers are checked before anything is built for them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocast.errors import BodyTooLarge, RequestError, Unprocessable
from mocast.webrtc.offer import (
    MAX_BYTES,
    MAX_CANDIDATES,
    MAX_CODECS,
    MAX_LINE,
    MAX_LINES,
    MAX_MDNS_CANDIDATES,
    MAX_MEDIA,
    Flow,
    parse_offer,
)

HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"


def media(kind: str = "video", direction: str = "sendrecv", candidates: int = 0, host: str = "192.0.2.1") -> str:
    lines = [
        f"m={kind} 9 UDP/TLS/RTP/SAVPF 97",
        "c=IN IP4 0.0.0.0",
        f"a={direction}",
        "a=mid:0",
        "a=rtpmap:97 VP8/90000",
        *(f"a=candidate:{n} 1 udp 2130706431 {host} {5000 + n} typ host" for n in range(candidates)),
    ]
    return "\r\n".join(lines) + "\r\n"


@pytest.mark.parametrize(
    ("direction", "wanted"), [("sendrecv", True), ("recvonly", True), ("sendonly", False), ("inactive", False)]
)
def test_an_offer_says_whether_it_takes_video_back(direction: str, wanted: bool) -> None:
    offer = parse_offer((HEAD + media(direction=direction, candidates=3)).encode())
    assert (offer.wants_video_back, offer.candidates) == (wanted, 3)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"hello",
        b"v=0\r\nm=video\r\n",
        b"{}",
        b"m=video 9 UDP/TLS/RTP/SAVPF\r\n",
        b"\x00" * 99,
    ],
)
def test_what_is_not_an_offer_is_malformed(body: bytes) -> None:
    with pytest.raises(RequestError) as caught:
        parse_offer(body)
    assert caught.value.status in (400, 422)


def test_an_offer_without_video_cannot_be_used() -> None:
    with pytest.raises(Unprocessable, match="no video"):
        parse_offer((HEAD + media("audio")).encode())


@pytest.mark.parametrize("body", ["", HEAD, HEAD + media("audio")])
def test_an_offer_that_asks_for_nothing_holds_no_place(body: str) -> None:
    with pytest.raises(Unprocessable, match="neither video nor data"):
        parse_offer(body.encode(), needs_video=False)


@pytest.mark.parametrize("line", ["rtpmap:{} VP8/9", "rtcp-fb:* nack {}", "ssrc:{} x:1", "fmtp:{} x=1", "group:{}"])
def test_lines_that_take_long_to_compare_are_few(line: str) -> None:
    many = "".join(f"a={line.format(number)}\r\n" for number in range(500))
    with pytest.raises(Unprocessable, match="lines that begin with"):
        parse_offer((HEAD + media() + many).encode())


def test_limits_are_where_they_are_said_to_be() -> None:
    parse_offer((HEAD + media(candidates=MAX_CANDIDATES)).encode())
    parse_offer((HEAD + media() * MAX_MEDIA).encode())
    parse_offer((HEAD + media(candidates=MAX_MDNS_CANDIDATES, host="a.local")).encode())
    with pytest.raises(Unprocessable, match="candidates"):
        parse_offer((HEAD + media(candidates=MAX_CANDIDATES + 1)).encode())
    with pytest.raises(Unprocessable, match="media lines"):
        parse_offer((HEAD + media() * (MAX_MEDIA + 1)).encode())
    with pytest.raises(Unprocessable, match="mDNS"):
        parse_offer((HEAD + media(candidates=MAX_MDNS_CANDIDATES + 1, host="a.local")).encode())
    with pytest.raises(BodyTooLarge):
        parse_offer(b"v" * (MAX_BYTES + 1))


def test_names_to_be_resolved_are_set_aside_so_that_the_answer_does_not_wait_for_them() -> None:
    offer = parse_offer(
        (HEAD + media("audio", candidates=1) + media(candidates=2, host="a.local") + "a=end-of-candidates\r\n").encode()
    )
    assert offer.candidates == 3
    assert offer.sdp.count("a=candidate:") == 1
    assert ".local" not in offer.sdp
    assert "end-of-candidates" not in offer.sdp, "more will come"
    assert offer.mdns_candidates == (
        ("candidate:0 1 udp 2130706431 a.local 5000 typ host", None, 1),
        ("candidate:1 1 udp 2130706431 a.local 5001 typ host", None, 1),
    )


def test_an_offer_without_such_names_is_taken_as_it_is() -> None:
    sdp = HEAD + media(candidates=2) + "a=end-of-candidates\r\n"
    offer = parse_offer(sdp.encode())
    assert (offer.sdp, offer.mdns_candidates) == (sdp, ())


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode(errors="surrogatepass")))
def test_whatever_comes_is_an_offer_or_a_clients_error(body: bytes) -> None:
    with suppress(RequestError):
        parse_offer(body)


def test_lines_are_few_however_they_end() -> None:
    offer = HEAD + media()
    left = MAX_LINES - len(offer.splitlines())
    for end in ("\r\n", "\n", "\r", "\x0b", "\u2028"):
        parse_offer((offer + f"a=x{end}" * left).encode())
        with pytest.raises(Unprocessable, match="lines"):
            parse_offer((offer + f"a=x{end}" * (left + 1)).encode())


def test_lines_are_short() -> None:
    for start in ("a=msid-semantic:WMS ", "a=group:BUNDLE ", "m=video 9 UDP/TLS/RTP/SAVPF "):
        line = start + "1" * (MAX_LINE - len(start))
        parse_offer((HEAD + media() + line).encode())
        with pytest.raises(Unprocessable, match="characters"):
            parse_offer((HEAD + media() + line + "1").encode())


def sound(direction: str) -> str:
    return media("audio", direction).replace("VP8/90000", "opus/48000/2")


@pytest.mark.parametrize(
    ("flow", "sdp", "why"),
    [
        ("ingest", media(direction="sendonly"), ""),
        ("ingest", media(direction="sendrecv"), ""),
        ("ingest", media(direction="sendonly") + sound("sendonly"), ""),
        ("ingest", media(direction="sendonly") + media("application", "sendrecv"), ""),
        ("egress", media(direction="recvonly"), ""),
        ("egress", media(direction="sendrecv"), ""),
        ("ingest", media(direction="recvonly"), "sendonly"),
        ("ingest", media(direction="inactive"), "sendonly"),
        ("ingest", media(direction="sendonly") + sound("recvonly"), "audio is recvonly"),
        ("ingest", media(direction="sendonly") + sound("sendonly").replace("opus", "PCMU"), "OPUS"),
        ("egress", media(direction="sendonly"), "recvonly"),
        ("ingest", media(direction="sendonly") * 2, "2 lines of video"),
        ("ingest", media(direction="sendonly") + sound("sendonly") * 2, "2 lines of audio"),
        ("ingest", media(direction="sendonly") + media("text", "sendonly"), '"text"'),
        ("ingest", media(direction="sendonly").replace("VP8", "AV1"), "VP8 or H264"),
        ("ingest", media(direction="sendonly").replace("VP8", "vp8"), ""),
        ("ingest", media(direction="sendonly").replace("a=sendonly\r\n", ""), ""),
    ],
)
def test_by_whip_and_whep_an_offer_is_taken_whole_or_not_at_all(flow: Flow, sdp: str, why: str) -> None:
    body = (HEAD + sdp).encode()
    parse_offer(body)  # by our own calls, what cannot be used is answered as inactive
    if not why:
        parse_offer(body, flow=flow)
        return
    with pytest.raises(Unprocessable, match=why):
        parse_offer(body, flow=flow)


def test_an_offer_names_its_side_of_ice() -> None:
    sdp = HEAD + "a=ice-ufrag:aB/+\r\n" + media() + "a=ice-ufrag:cD3x\r\na=ice-pwd:no\r\n"
    assert parse_offer(sdp.encode()).ufrags == {"aB/+", "cD3x"}


def test_a_payload_type_stands_for_one_codec() -> None:
    twice = "a=rtpmap:97 VP8/90000\r\n" * 2
    with pytest.raises(RequestError, match="twice"):
        parse_offer((HEAD + media() + twice).encode())
    once = "a=rtpmap:98 VP8/90000\r\n"
    parse_offer((HEAD + media() + once + media() + once).encode())


def coded(kind: str, codec: str, count: int, port: int = 9, mode: int = 1) -> str:
    """A media description of so many codecs of one name."""
    types = range(96, 96 + count)
    lines = [f"a=rtpmap:{one} {codec}\r\na=fmtp:{one} packetization-mode={mode}\r\n" for one in types]
    return f"m={kind} {port} UDP/TLS/RTP/SAVPF {' '.join(map(str, types))}\r\na=rtcp-fb:* nack\r\n{''.join(lines)}"


def codecs_of(*media: str) -> list[int]:
    """Of each media description, how many codecs are left."""
    return [section.count("a=rtpmap:") for section in parse_offer((HEAD + "".join(media)).encode()).sdp.split("m=")[1:]]


@pytest.mark.parametrize("codec", ["VP8/90000", "H264/90000"])
@pytest.mark.parametrize(("lines", "count"), [(8, 16), (7, 18), (4, 32)])
@pytest.mark.parametrize(("port", "left"), [(0, 1), (9, MAX_CODECS)])
def test_however_many_lines_and_codecs_an_offer_has_few_codecs_are_read(
    codec: str, lines: int, count: int, port: int, left: int
) -> None:
    """Eight lines of sixteen codecs each held the event loop for 9 ms, those of them that were rejected for 11."""
    assert codecs_of(*[coded("video", codec, count, port)] * lines) == [left] + [1] * (lines - 1)


@pytest.mark.parametrize(
    ("codec", "mode", "left"), [("VP8/90000", 1, MAX_CODECS), ("H264/90000", 0, 1), ("AV1/90000", 1, 1)]
)
def test_of_a_line_that_is_used_no_more_codecs_are_read_than_are_answered(codec: str, mode: int, left: int) -> None:
    assert codecs_of(coded("video", codec, 100, mode=mode)) == [left]
    assert codecs_of(coded("audio", codec, 100), media()) == [1, 1]
    assert codecs_of(coded("video", codec, MAX_CODECS, mode=mode)) == [MAX_CODECS]


def test_codecs_that_are_left_out_take_their_lines_with_them_and_rtx_stays() -> None:
    strange = "".join(f"a=rtpmap:{one} AV1/90000\r\na=rtcp-fb:{one} nack\r\n" for one in range(1, 40))
    ours = "a=rtpmap:97 VP8/90000\r\na=rtcp-fb:97 nack\r\na=rtpmap:98 rtx/90000\r\na=fmtp:98 apt=97\r\n"
    types = " ".join(map(str, [*range(1, 40), 97, 98]))
    sdp = parse_offer((HEAD + f"m=video 9 UDP/TLS/RTP/SAVPF {types}\r\na=sendrecv\r\n{strange}{ours}").encode()).sdp
    assert sdp.split("m=")[1] == f"video 9 UDP/TLS/RTP/SAVPF 97 98\r\na=sendrecv\r\n{ours}"
    second = coded("video", "H264/90000", 2).replace("a=fmtp:96 packetization-mode=1", "a=fmtp:96 packetization-mode=0")
    sdp = parse_offer((HEAD + media() + second).encode()).sdp
    assert sdp.split("m=")[2].splitlines() == [
        "video 9 UDP/TLS/RTP/SAVPF 97",
        "a=rtcp-fb:* nack",
        "a=rtpmap:97 H264/90000",
        "a=fmtp:97 packetization-mode=1",
    ], "one that can be answered"
