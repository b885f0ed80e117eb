"""An SDP offer, checked before anything is built for it."""

import itertools
import re
from dataclasses import dataclass
from typing import Final, Literal

from mocast.errors import BodyTooLarge, RequestError, Unprocessable

MAX_BYTES = 65_536
MAX_MEDIA = 8
MAX_CANDIDATES = 64
"""Of a session in all: a browser has about ten, and each one costs connectivity checks."""
MAX_MDNS_CANDIDATES = 8
"""Each name that does not resolve costs a second."""

MAX_LINES = 768
"""A browser has some 150 for a video. Each is looked at several times, on the event loop."""

MAX_LINE = 1_024
"""Characters of a line; a browser's longest, a codec's parameters, has some 200. Lists in it are split and kept."""

MAX_LINES_OF = {
    "a=rtpmap:": 128,
    "a=rtcp-fb:": 256,
    "a=rtcp-fb:*": 8,
    "a=fmtp:": 128,
    "a=ssrc:": 256,
    "a=ssrc-group:": 64,
    "a=group:": 8,
    "a=fingerprint:": 32,
    "a=msid-semantic:": 8,
}
"""A browser has some 50 of each for a video. aiortc's parser compares each with all: 64 KB of them take it seconds."""

MAX_CODECS = 16
"""Of a media line that may be answered, RTX included: of a browser's, 10. aiortc copies each with all that it holds."""

_MEDIA_LINE = re.compile(r"m=([^ ]+) [0-9]+ [A-Z/]+ .+")
"""RFC 8866, section 5.14."""

_UFRAG = re.compile(r"^a=ice-ufrag:(\S+)", re.MULTILINE)

RemoteCandidate = tuple[str, str | None, int | None]
"""A candidate line without its ``a=``, the mid and the index of its media line; one of the two is enough."""

Flow = Literal["ingest", "egress"]
"""Which way WHIP's and WHEP's media go: to the server, or from it."""

DIRECTIONS: Final[dict[Flow, tuple[str, str]]] = {
    "ingest": ("sendonly", "sendrecv"),
    "egress": ("recvonly", "sendrecv"),
}
"""Those that a client may offer (RFC 9725, section 4.2; draft-ietf-wish-whep, section 4.3.5)."""

CODECS: Final = {"video": ("VP8", "H264"), "audio": ("OPUS",)}
"""Names of the codecs that are taken, in capitals, by the kind of media."""

OFFER_LIMITS = ("offer_bytes", "candidates")
"""The names of those that an operator sets, as the metric ``mocast_refused_total`` has them."""


@dataclass(frozen=True, slots=True)
class OfferLimits:
    """How large an offer may be."""

    max_bytes: int = MAX_BYTES
    max_candidates: int = MAX_CANDIDATES

    @property
    def too_many_candidates(self) -> Unprocessable:
        """The error for a client with more."""
        most, named = self.max_candidates, MAX_MDNS_CANDIDATES
        return Unprocessable(f"A session has at most {most} candidates, {named} by mDNS.").reached("candidates")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a session needs to know of an offer."""

    sdp: str
    "Without its mDNS candidates: aiortc would not answer before each is resolved, a second where none can be."
    wants_video_back: bool
    "Whether the first video line may be sent to as well."
    candidates: int
    "How many candidates it carries."
    ufrags: frozenset[str] = frozenset()
    "The client's user name fragments of ICE, one or more."
    mdns_candidates: tuple[RemoteCandidate, ...] = ()
    "Those whose address is a name to be resolved, to be added when the answer is on its way."
    limits: OfferLimits = OfferLimits()
    "Of the candidates that come later, too."


def parse_offer(
    body: bytes, limits: OfferLimits = OfferLimits(), *, needs_video: bool = True, flow: Flow | None = None
) -> Offer:
    """Return the offer in a request's body. ``needs_video``: one without a video line is refused.

    ``flow``: of WHIP or WHEP, where an offer is taken whole or not at all; ``None``: lines that cannot be used are
    answered as inactive. Raises ``RequestError`` (malformed), ``BodyTooLarge`` (above the limit) or ``Unprocessable``
    (no video, nothing of use, too many media lines or candidates, media that ``flow`` does not have).
    """
    sdp = _bounded(body, limits)
    media = _media_sections(sdp)
    kinds = [kind for kind, _ in media]
    if needs_video and "video" not in kinds:
        raise Unprocessable("The offer has no video.")
    if "video" not in kinds and "application" not in kinds:
        raise Unprocessable("The offer asks for nothing: it has neither video nor data channels.")
    if len(media) > MAX_MEDIA:
        raise Unprocessable(f"An offer has at most {MAX_MEDIA} media lines.")
    if any(_maps_twice(section) for _, section in media):
        raise RequestError("The offer maps a payload type twice.")
    if flow is not None:
        _require_one_stream(media, flow)
    candidates = sum(line.startswith("a=candidate:") for line in sdp.splitlines())
    ufrags = frozenset(_UFRAG.findall(sdp))
    sdp, named = _without_mdns(_with_few_codecs(sdp))
    if candidates > limits.max_candidates or len(named) > MAX_MDNS_CANDIDATES:
        raise limits.too_many_candidates
    video = next((section for kind, section in media if kind == "video"), [])
    wants_video_back = "a=sendrecv" in video or "a=recvonly" in video
    return Offer(sdp, wants_video_back, candidates, ufrags, named, limits)


def _bounded(body: bytes, limits: OfferLimits) -> str:
    """The body's text. Raises as ``parse_offer`` where it is too large, or takes long to work on."""
    if len(body) > limits.max_bytes:
        raise BodyTooLarge(f"An offer has at most {limits.max_bytes} bytes.").reached("offer_bytes")
    try:
        sdp = body.decode()
    except UnicodeDecodeError as error:
        raise RequestError("The body is not an SDP offer.") from error
    lines = sdp.splitlines()
    if len(lines) > MAX_LINES:
        raise Unprocessable(f"An offer has at most {MAX_LINES} lines.")
    if max(map(len, lines), default=0) > MAX_LINE:
        raise Unprocessable(f"A line of an offer has at most {MAX_LINE:,} characters.")
    for start, most in MAX_LINES_OF.items():
        if sdp.count(start) > most:
            raise Unprocessable(f'An offer has at most {most} lines that begin with "{start}".')
    return sdp


def is_mdns(candidate: str) -> bool:
    """Return whether a candidate line (RFC 8839, section 5.1) has an mDNS name for an address."""
    words = candidate.split()
    return len(words) > 4 and words[4].endswith(".local")


def _media_sections(sdp: str) -> list[tuple[str, list[str]]]:
    """The kind and the further lines of each media description. Raises ``RequestError`` where one is malformed."""
    sections: list[tuple[str, list[str]]] = []
    for line in sdp.splitlines():
        if line.startswith("m="):
            match = _MEDIA_LINE.fullmatch(line)
            if match is None:
                raise RequestError("The body is not an SDP offer.")
            sections.append((match[1], []))
        elif sections:
            sections[-1][1].append(line)
    return sections


def _require_one_stream(media: list[tuple[str, list[str]]], flow: Flow) -> None:
    """Raise ``Unprocessable`` where a media line would have to be refused by itself, which would leave the client with
    half a session (RFC 9725, sections 4.4.2 and 4.4.3)."""
    kinds = [kind for kind, _ in media]
    for kind in kinds:
        if kind not in ("audio", "video", "application"):
            raise Unprocessable(f'The offer has a line of "{kind[:20]}", which is not audio, video or data.')
        if kinds.count(kind) > 1:
            raise Unprocessable(f"The offer has {kinds.count(kind)} lines of {kind}; there may be one.")
    for kind, lines in media:
        if kind == "application":
            continue
        direction = _direction(lines)
        if direction not in DIRECTIONS[flow]:
            raise Unprocessable(f"The offer's {kind} is {direction}; it has to be {DIRECTIONS[flow][0]}.")
        if not any(_names_codec(line, CODECS[kind]) for line in lines):
            raise Unprocessable(f"The offer's {kind} is in no codec that is known here: {' or '.join(CODECS[kind])}.")


def _direction(lines: list[str]) -> str:
    """The direction of a media description; without one it is ``sendrecv`` (RFC 8866, section 6.7)."""
    directions = ("sendrecv", "sendonly", "recvonly", "inactive")
    return next((line[2:] for line in lines if line[:2] == "a=" and line[2:] in directions), "sendrecv")


def _names_codec(line: str, names: tuple[str, ...]) -> bool:
    """Whether a line maps a payload type to one of these codecs."""
    return line.startswith("a=rtpmap:") and line.partition(" ")[2].partition("/")[0].upper() in names


def _maps_twice(lines: list[str]) -> bool:
    """Whether a payload type stands for two codecs (RFC 8866, section 6.6); aiortc gives each all of its feedback."""
    mapped = [line.partition(" ")[0] for line in lines if line.startswith("a=rtpmap:")]
    return len(set(mapped)) < len(mapped)


def _with_few_codecs(sdp: str) -> str:
    """The offer with ``MAX_CODECS`` codecs in the first video and audio line that is not rejected, and one in others.

    Those are answered as inactive; with all its codecs, each would take aiortc some milliseconds of the event loop.
    """
    lines = sdp.splitlines()
    starts = [index for index, line in enumerate(lines) if line.startswith("m=")]
    kept, used = lines[: starts[0]], set[str]()
    for start, end in itertools.pairwise([*starts, len(lines)]):
        kind, port = lines[start].removeprefix("m=").split(" ", 2)[:2]
        if kind in CODECS:
            is_used = kind not in used and port != "0"
            kept += _with_codecs(lines[start:end], CODECS[kind], MAX_CODECS if is_used else 1)
            if is_used:
                used.add(kind)
        else:
            kept += lines[start:end]
    return sdp if len(kept) == len(lines) else "\r\n".join([*kept, ""])


def _with_codecs(section: list[str], names: tuple[str, ...], most: int) -> list[str]:
    """Return a media description with ``most`` codecs at most: the first of these names that can be answered, and RTX.

    Where none can, the first codec is left, so that the line is refused as it would have been.
    """
    mapped = [line for line in section if line.startswith("a=rtpmap:")]
    if len(mapped) <= most:
        return section
    parameters = {_payload_type(line): line for line in section if line.startswith("a=fmtp:")}
    answerable = {
        kind
        for kind, line in zip(map(_payload_type, mapped), mapped, strict=True)
        if _names_codec(line, names)
        and (not _names_codec(line, ("H264",)) or "packetization-mode=1" in parameters.get(kind, ""))
    }
    repeats = {kind for kind, line in parameters.items() if most > 1 and line.rpartition("apt=")[2] in answerable}
    kept = [kind for kind in map(_payload_type, mapped) if kind in answerable | repeats][:most]
    kept = kept or [_payload_type(mapped[0])]
    of_codecs = ("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:")
    lines = [line for line in section[1:] if not line.startswith(of_codecs) or _payload_type(line) in (*kept, "*")]
    return [" ".join([*section[0].split(" ", 3)[:3], *kept]), *lines]


def _payload_type(line: str) -> str:
    """The payload type of an ``a=rtpmap``, ``a=fmtp`` or ``a=rtcp-fb`` line."""
    return line.partition(":")[2].partition(" ")[0]


def _without_mdns(sdp: str) -> tuple[str, tuple[RemoteCandidate, ...]]:
    """The offer without its mDNS candidates, and these. As they come later, it must not say that none do."""
    lines, named, index = [], [], -1
    for line in sdp.splitlines():
        index += line.startswith("m=")
        if line.startswith("a=candidate:") and is_mdns(line):
            named.append((line.removeprefix("a="), None, index))
        else:
            lines.append(line)
    if not named:
        return sdp, ()
    return "\r\n".join([*(line for line in lines if line != "a=end-of-candidates"), ""]), tuple(named)
