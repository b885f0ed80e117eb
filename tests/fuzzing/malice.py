"""What a client may write into datagrams and messages: by the structure of each protocol, and real ones mutated.

Numbers that make sense only in a connection (a TSN, a sequence number, a source) are ``Live``: so far from what the
connection is at.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aioice import stun
from google_crc32c import value as crc32c
from hypothesis import strategies as st

MOST = 2_000
"""Bytes of a datagram; longer ones are not read, which ``too_long`` tries."""


@dataclass(frozen=True, slots=True)
class Live:
    """A number of the connection's own."""

    name: str
    ahead: int
    size: int = 4
    "Bytes."

    def pack(self, state: Mapping[str, int]) -> bytes:
        return ((state[self.name] + self.ahead) % (1 << 8 * self.size)).to_bytes(self.size, "big")


Part = bytes | Live


def joined(parts: Sequence[Any], state: Mapping[str, int]) -> bytes:
    """Return the bytes of parts, which may be nested."""
    return b"".join(
        part if isinstance(part, bytes) else part.pack(state) if isinstance(part, Live) else joined(part, state)
        for part in parts
    )


u8 = st.sampled_from([0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 127, 128, 254, 255]) | st.integers(0, 255)
u16 = st.sampled_from([0, 1, 2, 3, 4, 5, 8, 127, 128, 255, 256, 1023, 32_767, 32_768, 65_534, 65_535]) | st.integers(
    0, 65_535
)
u32 = st.sampled_from([0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1)
near = st.sampled_from([-2, -1, 0, 0, 0, 1, 1, 2, 3, 17, 128, 512, 1_000, 32_767, 65_535, 2**31 - 1, 2**31]) | (
    st.integers(-600, 600)
)
short = st.binary(max_size=40)


def be16(number: int) -> bytes:
    return (number & 0xFFFF).to_bytes(2, "big")


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """A real one with a few bytes changed, cut out, put in, or repeated."""
    data = bytearray(draw(st.sampled_from(list(seeds))))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.integers(0, 5)):
            case 0:
                data[at : at + 1] = bytes([draw(u8)])
            case 1:
                data[at : at + 2] = be16(draw(u16))
            case 2:
                data[at : at + 4] = draw(u32).to_bytes(4, "big")
            case 3:
                del data[at : at + draw(st.integers(1, 40))]
            case 4:
                data[at:at] = draw(short)
            case _:
                part = data[at : at + draw(st.integers(1, 40))]
                data[at:at] = part * min(draw(st.sampled_from([1, 2, 10, 500])), MOST // max(1, len(part)))
    return bytes(data[:MOST])


# RTP: RFC 3550, section 5.1


@st.composite
def rtp(draw: st.DrawFn, seeds: Sequence[bytes], payload_types: Sequence[int]) -> list[Part]:
    if draw(st.integers(0, 3)) == 0:
        return [draw(mutated(seeds))]
    sources = draw(st.sampled_from([0, 0, 0, 0, 1, 15]))
    extension = draw(st.none() | st.tuples(st.sampled_from([0xBEDE, 0x1000, 0]), st.binary(max_size=80)))
    padding = draw(st.sampled_from([0, 0, 0, 1, 4, 255]))
    first = 0x80 | (0x20 if padding else 0) | (0x10 if extension else 0) | sources
    kind = draw(st.sampled_from(list(payload_types))) if draw(st.integers(0, 9)) else draw(st.integers(0, 63))
    marked = kind | draw(st.sampled_from([0, 128]))
    source = Live("ssrc", 0) if draw(st.integers(0, 4)) else Live("ssrc", draw(near))
    body = draw(st.sampled_from([b"", b"\x10", b"\x90\x80", b"\x18" + b"\0\0" * 300, b"\x7c\x85", b"\x90\xf0\x80"]))
    parts: list[Part] = [bytes([first, marked]), Live("seq", draw(near), 2), Live("time", 3_000 * draw(near)), source]
    parts.append(draw(u32).to_bytes(4, "big") * sources)
    if extension:
        value = extension[1] + bytes(-len(extension[1]) % 4)
        parts.append(struct.pack("!HH", extension[0], len(value) // 4) + value)
    return [*parts, body + draw(st.binary(max_size=300)) + bytes([padding]) * padding]


# RTCP: RFC 3550, section 6; RFC 4585


@st.composite
def rtcp_packet(draw: st.DrawFn) -> list[Part]:
    kind = draw(st.sampled_from([200, 201, 202, 203, 205, 206]) | st.integers(192, 208))
    count = draw(st.integers(0, 31))
    own, theirs = Live("ssrc", 0), Live("sender", 0)
    repeats = draw(st.sampled_from([0, 1, 2, 31, 300]))
    word = struct.pack("!L", draw(u32))
    report: list[Part] = [theirs, word * 5]
    bodies: dict[int, list[Any]] = {
        200: [own, word * 5, [report] * min(count, repeats)],
        201: [own, [report] * min(count, repeats)],
        202: [[own, bytes([draw(st.integers(0, 8)), draw(u8)]) * draw(st.integers(0, 40))] * min(count, repeats)],
        203: [[own] * min(count, repeats)],
        205: [own, theirs, [Live("sent", draw(near), 2), be16(draw(u16))] * repeats],
        206: [own, theirs, draw(st.sampled_from([b"", b"REMB" + word * 4, b"REMB\xff" + word * 3, word * 20]))],
    }
    return [bytes([0x80 | draw(st.sampled_from([0, 0, 0, 32])) | count, kind]), *bodies.get(kind, [own, draw(short)])]


@st.composite
def rtcp(draw: st.DrawFn, seeds: Sequence[bytes]) -> list[Any]:
    """A compound packet, whose lengths are filled in by ``with_rtcp_lengths``."""
    if draw(st.integers(0, 3)) == 0:
        return [draw(mutated(seeds))]
    one = draw(rtcp_packet())
    return (
        [one] * draw(st.sampled_from([1, 1, 2, 60, 170]))
        if draw(st.booleans())
        else draw(st.lists(rtcp_packet(), min_size=1, max_size=6))
    )


def with_rtcp_lengths(packets: Sequence[Any], state: Mapping[str, int]) -> bytes:
    """Return the bytes of a compound packet."""
    data = b""
    for packet in packets:
        if isinstance(packet, bytes):
            data += packet
            continue
        head, body = packet[0], joined(packet[1:], state)
        body += bytes(-len(body) % 4)
        if len(data) + 4 + len(body) > MOST:
            break
        data += head + be16(len(body) // 4) + body
    return data


# SCTP: RFC 9260, RFC 3758, RFC 6525, RFC 8832

ENDING = [1, 2, 6, 7, 8, 10, 14]
"""Types of chunks that begin or end an association: seldom, as the client must connect anew."""


@st.composite
def parameter(draw: st.DrawFn) -> bytes:
    value = draw(st.binary(max_size=24)) * draw(st.sampled_from([1, 1, 1, 20]))
    length = len(value) + 4 if draw(st.integers(0, 3)) else draw(u16)
    return struct.pack("!HH", draw(st.sampled_from([1, 7, 13, 16, 17, 0x8008, 0xC000])), length) + value


@st.composite
def opening(draw: st.DrawFn) -> bytes:
    """A DATA_CHANNEL_OPEN (RFC 8832, section 5.1)."""
    label = draw(st.sampled_from([b"control", b"landmarks", b"rig", b"\xff", b"x" * 100, b""]))
    lengths = (len(label), 0) if draw(st.integers(0, 3)) else (draw(u16), draw(u16))
    return struct.pack("!BBHLHH", 3, draw(u8), draw(u16), draw(u32), *lengths) + label


@st.composite
def data_chunks(draw: st.DrawFn) -> list[Any]:
    content = draw(st.sampled_from([b"", b"x", b'{"type":"ping","id":1}', b"\xff\xfe", b"[" * 900]) | short | opening())
    flags, protocol = draw(st.integers(0, 7)), draw(st.sampled_from([50, 51, 53, 56, 57, 0]))
    start, step = draw(near), draw(st.sampled_from([0, 1, 1, 1, 2, -1, 7]))
    stream, streams = draw(st.integers(0, 20) | u16), draw(st.sampled_from([0, 0, 0, 1, 2]))
    sequence, sequences = draw(st.integers(0, 40)), draw(st.sampled_from([0, 1]))
    return [
        [
            bytes([0, flags]) + be16(16 + len(content)),
            Live("tsn", start + step * n),
            be16(stream + streams * n) + be16(sequence + sequences * n) + protocol.to_bytes(4, "big"),
            content + bytes(-len(content) % 4),
        ]
        for n in range(draw(st.sampled_from([1, 1, 2, 30, 75])))
    ]


@st.composite
def chunk(draw: st.DrawFn) -> list[Any]:
    kind = draw(st.sampled_from([3, 4, 5, 9, 11, 130, 192]))
    if draw(st.integers(0, 60)) == 0:
        kind = draw(st.sampled_from(ENDING))
    elif draw(st.integers(0, 12)) == 0:
        kind = draw(st.integers(0, 255).filter(lambda kind: kind not in ENDING))
    many = draw(st.sampled_from([0, 1, 2, 5, 150, 350]))
    parameters = b"".join(draw(st.lists(parameter(), max_size=6))) * draw(st.sampled_from([1, 1, 30]))
    pairs = b"".join(be16(a) + be16(b) for a, b in draw(st.lists(st.tuples(u16, u16), min_size=1, max_size=4)))
    words = struct.pack("!LLHHL", draw(u32), draw(u32), draw(u16), draw(u16), draw(u32))
    counts = be16(many) + be16(0) if draw(st.integers(0, 3)) else be16(draw(u16)) + be16(draw(u16))
    bodies: dict[int, list[Any]] = {
        1: [words, parameters],
        2: [words, parameters],
        3: [Live("ack", draw(near)), draw(u32).to_bytes(4, "big"), counts, pairs * many],
        192: [Live("tsn", draw(near)), pairs * many],
    }
    return [bytes([kind, draw(u8)]), bodies.get(kind, [parameters if draw(st.booleans()) else draw(short)])]


@st.composite
def sctp(draw: st.DrawFn, seeds: Sequence[bytes]) -> list[Any]:
    """The chunks of a packet, whose lengths are filled in by ``as_sctp``."""
    match draw(st.integers(0, 7)):
        case 0:
            return [draw(mutated(seeds))[12:]]
        case 1 | 2 | 3:
            return [["data", *draw(data_chunks())]]
        case 4:
            return [draw(chunk())] * draw(st.sampled_from([2, 40, 350]))
        case _:
            return draw(st.lists(chunk(), min_size=1, max_size=4))


def as_sctp(chunks: Sequence[Any], tag: int, state: Mapping[str, int]) -> bytes:
    """Return a packet with its lengths, its tag and its checksum right."""
    body = b""
    for one in chunks:
        if isinstance(one, bytes):
            made = one
        elif one[0] == "data":
            made = b"".join(joined(data, state) for data in one[1:])
        else:
            content = joined(one[1:], state)
            made = one[0] + be16(4 + len(content)) + content + bytes(-len(content) % 4)
        if len(body) + len(made) > MOST:
            body += made[: (MOST - len(body)) & ~3]
            break
        body += made
    header = struct.pack("!HHL", 5000, 5000, tag)
    return header + struct.pack("<L", crc32c(header + bytes(4) + body)) + body


# DTLS: RFC 6347, section 4.1


@st.composite
def dtls(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    if draw(st.booleans()):
        return draw(mutated(seeds))
    body = draw(mutated(seeds))[13:1_000] if draw(st.booleans()) else draw(short)
    length = len(body) if draw(st.integers(0, 3)) else draw(u16)
    version = draw(st.sampled_from([0xFEFD, 0xFEFD, 0xFEFF, 0xFEFC, 0]))
    sequence = draw(st.integers(0, 2**48 - 1)).to_bytes(6, "big")
    head = bytes([draw(st.integers(20, 63))]) + be16(version) + be16(draw(st.sampled_from([0, 1, 1, 2, 65_535])))
    record = head + sequence + be16(length) + body
    return (record * draw(st.sampled_from([1, 1, 2, 150])))[:MOST]


# STUN: RFC 8489


@dataclass(frozen=True, slots=True)
class Check:
    """A STUN message; ``signed`` and ``named`` say whether as the client would."""

    kind: int
    attributes: tuple[tuple[int, bytes, int | None], ...]
    signed: bool
    named: bool
    has_fingerprint: bool
    is_stranger: bool
    port: int

    def pack(self, user_name: str, password: str) -> bytes:
        data = struct.pack("!HHI12s", self.kind, 0, stun.COOKIE, bytes(12))
        named = ((0x0006, user_name.encode(), None),) if self.named else ()
        for kind, value, length in named + self.attributes:
            data += struct.pack("!HH", kind, len(value) if length is None else length) + value + bytes(-len(value) % 4)
        if self.signed:
            data += struct.pack("!HH", 0x0008, 20) + stun.message_integrity(data, password.encode())
        if self.has_fingerprint:
            data += struct.pack("!HHI", 0x8028, 4, stun.message_fingerprint(data))
        return stun.set_body_length(data, len(data) - stun.HEADER_LENGTH)


attribute = st.tuples(
    st.sampled_from(list(stun.ATTRIBUTES_BY_TYPE)) | u16, st.binary(max_size=24), st.none() | st.none() | u16
)
priority = st.just((0x0024, bytes([0, 0, 1, 0]), None))
checks = st.builds(
    Check,
    kind=st.sampled_from([1, 1, 1, 1, 0x0101, 0x0111, 0x0011, 3, 0x16]) | st.integers(0, 0x3FFF),
    attributes=st.lists(attribute | priority, max_size=6).map(tuple)
    | st.tuples(attribute, st.integers(1, 160)).map(lambda pair: (pair[0],) * pair[1]),
    signed=st.booleans(),
    named=st.booleans(),
    has_fingerprint=st.booleans(),
    is_stranger=st.booleans(),
    port=st.integers(0, 40),
)


# Messages of data channels

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
names = st.sampled_from(["id", "settings", "tracker", "quality", "overlays", "mirror", "calibration", "seconds"])
commands = st.dictionaries(names | st.text(max_size=8), values, max_size=6)
types = st.sampled_from(["ping", "settings", "calibrate", "calibration", "x"])


@st.composite
def message(draw: st.DrawFn) -> bytes | str:
    match draw(st.integers(0, 5)):
        case 0:
            return draw(st.binary(max_size=300) | st.text(max_size=300))
        case 1:
            opener = draw(st.sampled_from(["[", '{"type":', '{"a":[', '"\\u0000', "1" * 20 + ",", "[0,"]))
            return (opener * draw(st.sampled_from([2, 200, 3_000, 12_000])))[:60_000]
        case 2:
            command = {"type": draw(types), "id": 1, **{f"key{n}": n for n in range(draw(st.sampled_from([1, 900])))}}
            return json.dumps(command)
        case _:
            command = {**draw(commands), "type": draw(types | values)}
            return json.dumps(command, default=str)


# WebSocket: RFC 6455, section 5.2


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    content = draw(st.binary(max_size=130) | st.text(max_size=60).map(str.encode)) * draw(st.sampled_from([1, 1, 10]))
    opcode = draw(st.sampled_from([0, 1, 2, 8, 9, 10, 9]) | st.integers(0, 15))
    first = draw(st.sampled_from([0x80, 0x80, 0x00, 0xC0, 0xF0])) | opcode
    length = len(content) if draw(st.integers(0, 3)) else draw(u32)
    mask = draw(st.sampled_from([0x80, 0x80, 0x80, 0]))
    if length < 126:
        head = bytes([first, mask | length])
    elif length < 65_536:
        head = bytes([first, mask | 126]) + be16(length)
    else:
        head = bytes([first, mask | 127]) + length.to_bytes(8, "big")
    frame = head + (bytes(4) if mask else b"") + content
    return frame * draw(st.sampled_from([1, 1, 1, 2, 300]))


# HTTP: offers (RFC 8866), and requests about a session of one's own


@dataclass(frozen=True, slots=True)
class Padding:
    """Lines that are put into an honest offer."""

    lines: tuple[str, ...]
    place: float
    "0: before its first line, 1: behind its last."
    sections: int
    "How often the video section stands in it."

    def into(self, offer: str) -> str:
        lines = offer.splitlines()
        video = next(at for at, line in enumerate(lines) if line.startswith("m=video"))
        end = next((at for at in range(video + 1, len(lines)) if lines[at].startswith("m=")), len(lines))
        again = [
            f"a=mid:{number + 7}" if line.startswith("a=mid:") else line
            for number in range(self.sections)
            for line in lines[video:end]
        ]
        lines[end:end] = again
        at = round(self.place * len(lines))
        return "\r\n".join([*lines[:at], *self.lines, *lines[at:], ""])


OFFER_LINES = """
a=rtpmap:{n} VP8/90000 | a=rtpmap:{n} H264/90000 | a=rtpmap:97 VP8/90000 | a=rtpmap:{n} x/1 | a=rtpmap:{n} |
a=x | a=rtcp-fb:* nack {n} | a=rtcp-fb:{n} nack pli | a=rtcp-fb:97 x{n} | a=rtcp-fb:* | a=fmtp:97 {long} |
a=fmtp:{n} apt=97 | a=fmtp:{n} profile-level-id=42e01f;packetization-mode=1 | a=fmtp:x | a=extmap:{n} urn:x |
a=ssrc:{n} cname:x | a=extmap:{n} urn:ietf:params:rtp-hdrext:sdes:mid | a=ssrc:{n} {long} |
a=ssrc-group:FID {n} 1 | a=ssrc-group:FID {long} | a=group:BUNDLE {long} | a=group:BUNDLE 0 1 2 | a=mid:{n} |
a=msid-semantic:WMS {long} | a=fingerprint:sha-256 AA:BB | a=setup:active | a=ice-ufrag:{long} | a=ice-lite |
a=candidate:1 1 udp 1 192.0.2.1 {n} typ host | c=IN IP4 0.0.0.0 |
a=candidate:{n} 2 tcp 1 ::1 9 typ srflx raddr ::1 rport 9 | a=candidate:1 1 udp 1 {n}.local 1 typ host |
b=AS:{n} | a=sctpmap:{n} x 1 | a=sctp-port:{n} | a=max-message-size:{n} | m=video 9 UDP/TLS/RTP/SAVPF {long} |
s={long} | t={long} | m=audio 9 UDP/TLS/RTP/SAVPF 0 | m=application 9 UDP/DTLS/SCTP x |
o=- {long} 2 IN IP4 127.0.0.1 | a=rid:{n} send {long} | a=simulcast:send {long}
"""
offer_lines = st.sampled_from([line.strip() for line in OFFER_LINES.split("|")] + [""])


@st.composite
def padding(draw: st.DrawFn) -> Padding:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        line = draw(offer_lines)
        long = " ".join(str(number % 128) for number in range(draw(st.sampled_from([1, 60, 2_000, 20_000]))))
        count = draw(st.sampled_from([1, 2, 8, 60, 120, 250, 800]))
        lines += [line.replace("{n}", str(number)).replace("{long}", long) for number in range(count)]
    return Padding(tuple(lines), draw(st.floats(0, 1)), draw(st.sampled_from([0, 0, 0, 1, 6])))


@dataclass(frozen=True, slots=True)
class Request:
    """A request about the attacker's session (``{session}``) or room (``{room}``)."""

    method: str
    path: str
    body: bytes
    content_type: str


@st.composite
def requests(draw: st.DrawFn) -> Request:
    method, path = draw(
        st.sampled_from(
            [
                *(("PATCH", "{session}"), ("PUT", "{session}/calibration"), ("POST", "{session}/calibration")),
                *(("PUT", "{room}/outputs"), ("POST", "{room}/recordings"), ("GET", "{room}"), ("GET", "{session}")),
                *(("GET", "/v1/rooms"), ("GET", "/metrics"), ("GET", "/v1/info"), ("OPTIONS", "{room}/publish")),
                *(("POST", "{room}/subscribe"), ("POST", "/v1/images"), ("POST", "/v1/tokens"), ("GET", "/x")),
                *(("GET", "/" + "a/" * 3_800), ("POST", "/whip/fuzz")),
            ]
        )
    )
    kind = draw(
        st.sampled_from(["application/json", "application/trickle-ice-sdpfrag", "application/sdp", "image/png", ""])
    )
    parameters = draw(st.sampled_from([";", "; a=b", "; (", '; a="\\"'])) * draw(st.sampled_from([0, 0, 1, 900]))
    match draw(st.integers(0, 4)):
        case 0:
            body = draw(st.binary(max_size=300)) * draw(st.sampled_from([1, 10, 200]))
        case 1:
            opener = draw(st.sampled_from(["[", '{"a":', "[0,", '"\\u0000', '[{"type":"vmc"},']))
            body = (opener * draw(st.sampled_from([2, 200, 3_000, 12_000]))).encode()
        case 2:
            body = json.dumps({f"key{n}": n for n in range(draw(st.sampled_from([1, 900, 4_000])))}).encode()
        case 3:
            kind = "application/trickle-ice-sdpfrag"
            lines = draw(st.lists(offer_lines, min_size=1, max_size=4)) * draw(st.sampled_from([1, 15, 400]))
            filled = (line.replace("{n}", str(n)).replace("{long}", "1 " * 60) for n, line in enumerate(lines))
            body = "\r\n".join(["a=ice-ufrag:x", "a=mid:0", *filled, ""]).encode()
        case _:
            body = json.dumps(draw(st.lists(commands, max_size=3) | commands), default=str).encode()
    query = "&".join(f"{draw(names)}={draw(u8)}" for _ in range(draw(st.integers(0, 3)))) or "x"
    return Request(method, path + "?" + query * draw(st.sampled_from([0, 1, 1, 200])), body, kind + parameters)
