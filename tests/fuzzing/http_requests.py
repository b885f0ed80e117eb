"""Requests that are nearly right: offers, candidates, pictures, and whatever the API's document describes."""

import asyncio
import base64
import io
import json
import re
import struct
from dataclasses import dataclass, field
from typing import Any

import jwt
from hypothesis import strategies as st
from PIL import Image

from tests.peers import Peer


def make_offer() -> str:
    async def make() -> str:
        peer = Peer()
        sdp = await peer.offer()
        await peer.close()
        return sdp

    return asyncio.run(make())


OFFER = make_offer()
LINES = OFFER.splitlines()
TOKENS = st.one_of(
    st.text(max_size=30),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(["", "-1", "0", "65536", "a=mid:0", "m=video 9 RTP/AVP 0", "a=inactive", "sha-256", "FF:FF", "*"]),
)


@st.composite
def mutated_offers(draw: st.DrawFn) -> bytes:
    """A real offer with a few things wrong in it."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "word", "number", "cut", "insert", "end"])):
            case "drop" if len(lines) > 1:
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "word":
                words = re.split(r"([ :=/])", lines[at])
                words[draw(st.integers(0, len(words) - 1))] = draw(TOKENS)
                lines[at] = "".join(words)
            case "number":
                lines[at] = re.sub(r"\d+", draw(TOKENS).replace("\\", ""), lines[at], count=1)
            case "cut":
                lines[at] = lines[at][: draw(st.integers(0, 12))]
            case "insert":
                lines.insert(at, draw(TOKENS))
            case "end":
                lines = lines[: at + 1]
    return "\r\n".join([*lines, ""]).encode(errors="surrogatepass")


_IPV4 = ["127.0.0.1", "127.1", "0x7f.1", "0.0.0.0", "255.255.255.255", "224.0.0.251", "192.0.2.1", "999.1.1.1"]
_OTHERS = ["::1", "::", "ff02::fb", "fe80::1%1", "::ffff:127.0.0.1", "a.local", "example.org", "-", ""]
ADDRESSES = st.sampled_from([*_IPV4, *_OTHERS])
NUMBERS = st.one_of(st.integers(-2, 70_000), st.integers(-(2**70), 2**70)).map(str)
CANDIDATES = st.builds(
    "a=candidate:{} {} {} {} {} {} typ {}{}".format,
    st.text(max_size=8) | st.just("1"),
    NUMBERS | st.just("1"),
    st.sampled_from(["udp", "tcp", "UDP", "sctp", ""]),
    NUMBERS | st.just("2130706431"),
    ADDRESSES,
    NUMBERS | st.just("5000"),
    st.sampled_from(["host", "srflx", "relay", "prflx", "nonsense", ""]),
    st.sampled_from(["", " raddr 1.2.3.4 rport 5", " tcptype active", " ufrag", " generation 0 ufrag a network-id 1"]),
)
FRAGMENTS = st.lists(
    st.one_of(
        CANDIDATES,
        st.sampled_from(["a=mid:0", "a=mid:", "a=ice-ufrag:x", "a=end-of-candidates", "m=video 9 UDP 0", ""]),
        st.text(max_size=40),
    ),
    max_size=12,
).map(lambda lines: "\r\n".join([*lines, ""]).encode(errors="surrogatepass"))
"""Trickled candidates (RFC 8840)."""


def picture(kind: str) -> bytes:
    """A small picture that can be read."""
    file = io.BytesIO()
    Image.effect_noise((48, 36), 60).convert("RGB").save(file, kind)
    return file.getvalue()


PICTURES = {kind: picture(kind) for kind in ("PNG", "JPEG", "WEBP", "BMP")}


def bomb(kind: str) -> bytes:
    """A picture whose head says that it has 60,000 x 60,000 pixels."""
    side, body = 60_000, bytearray(PICTURES[kind])
    match kind:
        case "PNG":
            body[16:24] = struct.pack(">II", side, side)
        case "BMP":
            body[18:26] = struct.pack("<ii", side, side)
        case "WEBP":
            at = body.index(b"\x9d\x01\x2a") + 3  # VP8's start code, then 14 bits of each (RFC 6386, section 9.1)
            body[at : at + 4] = struct.pack("<HH", 16_383, 16_383)
        case "JPEG":
            at = body.index(b"\xff\xc0") + 5  # SOF0: length, precision, then height and width
            body[at : at + 4] = struct.pack(">HH", side, side)
    return bytes(body)


@st.composite
def pictures(draw: st.DrawFn) -> bytes:
    """A picture, whole, cut, with a few bytes changed, with another size in its head, or inside of other bytes."""
    kind = draw(st.sampled_from(sorted(PICTURES)))
    body = bytearray(PICTURES[kind])
    match draw(st.sampled_from(["whole", "cut", "flip", "bomb", "head", "repeat", "bytes"])):
        case "cut":
            del body[draw(st.integers(0, len(body) - 1)) :]
        case "flip":
            for _ in range(draw(st.integers(1, 8))):
                body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
        case "bomb":
            body = bytearray(bomb(kind))
        case "head":
            body[:4] = draw(st.binary(min_size=4, max_size=4))
        case "repeat":
            body *= draw(st.integers(2, 20))
        case "bytes":
            body = bytearray(draw(st.binary(max_size=200)))
    return bytes(body)


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def _json(value: Any) -> bytes:

    return json.dumps(value).encode()


JSON_BODIES: st.SearchStrategy[bytes] = st.one_of(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
        max_leaves=8,
    ).map(_json),
    st.integers(1, 8_000).map(_nested),
    st.binary(max_size=100),
    st.sampled_from(
        [b'{"opacity": 1e999}', b'{"mirror": true, "mirror": false}', b'{"overlay": ["limbs"]}', b"{}", b"", b"null"]
    ),
)

FORM_PARTS = st.one_of(
    st.sampled_from([b"--b\r\n", b"--b--\r\n", b"\r\n", b'Content-Disposition: form-data; name="image"\r\n', b"--"]),
    st.binary(max_size=20),
    pictures().map(lambda body: body[:300]),
)


HEADERS = st.dictionaries(
    st.sampled_from(
        [
            *("Accept", "Content-Disposition", "Content-Encoding", "Content-Type", "Cookie", "Expect", "Forwarded"),
            *("If-Match", "If-Modified-Since", "If-None-Match", "Last-Event-ID", "Origin", "Range", "Referer"),
            *("Sec-WebSocket-Protocol", "Tus-Resumable", "Upload-Length", "Upload-Metadata", "X-Forwarded-For"),
        ]
    ),
    st.builds(
        str.__mul__,
        st.sampled_from(
            ['"', "(", ",", ";", "=", "\xff", "\xe9", "a,", "a;b=c", "bytes=1-,", "W/", "0", "[", "%", "{"]
        ),
        st.sampled_from([1, 30, 900, 4_000]),
    ).map(lambda value: value[:8_000]),
    min_size=1,
    max_size=3,
)
"""Of which each is read by something: bytes that are no UTF-8, and kilobytes of what parsers count."""


@dataclass(frozen=True, slots=True)
class FuzzRequest:
    """A request to send."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def _request(method: str, path: str, body: bytes, content_type: str) -> FuzzRequest:
    return FuzzRequest(method, path, body, {"Content-Type": content_type})


ROOMS = st.sampled_from(["a", "b", "c", "a%20b", "..", "%00", "a" * 65])
QUERIES = st.sampled_from(
    ["", "?tracker=pose&return=none", "?tracker=hands&privacy=blur", "?opacity=nan", "?x=1", "?replace=x"]
)
CLAIMS = st.fixed_dictionaries(
    {"sub": st.just("x"), "exp": st.just(2**33)},
    optional={"rooms": st.just(["*"]), "grants": st.just(["admin"]), "iss": st.text(max_size=5), "nbf": st.integers()},
)


def _unsigned(claims: dict[str, Any], algorithm: str) -> str:
    head, body = (_base64url(_json(part)) for part in ({"alg": algorithm, "typ": "JWT"}, claims))
    return f"{head}.{body}."


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@st.composite
def _changed(draw: st.DrawFn, token: str) -> str:
    """A valid token with one character changed, dropped or doubled, but for the bits that base64 does not use."""
    at = draw(st.integers(0, len(token) - 2))
    new = draw(st.sampled_from(["", token[at] * 2, *"Aa0-_.="]).filter(lambda text: text != token[at]))
    return token[:at] + new + token[at + 1 :]


def forged_tokens(token: str) -> st.SearchStrategy[str]:
    """Return tokens that no server may take. ``token``: one that it takes."""
    return st.one_of(
        _changed(token),
        st.builds(_unsigned, CLAIMS, st.sampled_from(["none", "None", "NONE", "HS256", "RS256", ""])),
        st.builds(lambda claims, key: jwt.encode(claims, key, "HS256"), CLAIMS, st.binary(min_size=32, max_size=40)),
        st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60),
        st.sampled_from(["", ".", "..", "a.b.c", "a" * 7000, "Bearer", f"{token} {token}", f"{token},{token}"]),
    )


def handmade(session: str, token: str) -> dict[str, st.SearchStrategy[FuzzRequest]]:
    """Return the requests that the document cannot describe, by name.

    ``session``: the id of one that is live. ``token``: one that the server takes, or would if it asked for any.
    """
    image_types = st.sampled_from(
        ["image/png", "image/jpeg", "image/webp", "image/bmp", "application/octet-stream", "x"]
    )
    forms = st.lists(FORM_PARTS, max_size=8).map(b"".join)
    return {
        "offers": st.builds(
            lambda room, path, query, body: _request("POST", f"{path.format(room)}{query}", body, "application/sdp"),
            ROOMS,
            st.sampled_from(["/v1/rooms/{}/publish", "/v1/rooms/{}/subscribe", "/whip/{}", "/whep/{}"]),
            QUERIES,
            mutated_offers(),
        ),
        "candidates": st.builds(
            lambda path, body, match: FuzzRequest(
                "PATCH",
                f"{path}/{session}",
                body,
                {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": match},
            ),
            st.sampled_from(["/v1/sessions", "/whip/live"]),
            FRAGMENTS,
            st.sampled_from(["*", '"x"', 'W/"x", "*"', ""]),
        ),
        "settings": st.builds(
            lambda body: _request("PATCH", f"/v1/sessions/{session}", body, "application/json"), JSON_BODIES
        ),
        "pictures": st.builds(
            lambda body, kind, query: _request("POST", f"/v1/images{query}", body, kind),
            pictures(),
            image_types,
            st.sampled_from(["?tracker=pose", "?tracker=face&privacy=blur", "?tracker=nobody", "?mirror=2"]),
        ),
        "forms": st.builds(
            lambda body: _request("POST", "/v1/images?tracker=pose", body, "multipart/form-data; boundary=b"), forms
        ),
        "headers": st.builds(
            lambda call, headers: FuzzRequest(*call, b"x" if call[0] == "POST" else b"", headers),
            st.sampled_from(
                [
                    *(("GET", "/"), ("GET", "/v1/info"), ("GET", f"/v1/sessions/{session}"), ("GET", "/metrics")),
                    *(("POST", "/v1/images"), ("POST", "/v1/jobs"), ("POST", "/whip/a"), ("POST", "/v1/tokens")),
                ]
            ),
            HEADERS,
        ),
        "tokens": st.builds(
            lambda token, path: FuzzRequest("GET", path, b"", {"Authorization": f"Bearer {token}"}),
            forged_tokens(token),
            st.sampled_from(["/v1/rooms", f"/v1/sessions/{session}", "/metrics", "/v1/recordings/x.bvh"]),
        ),
    }
