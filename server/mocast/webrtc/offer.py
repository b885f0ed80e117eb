"""An SDP offer, checked before anything is built for it."""

import re
from dataclasses import dataclass

from mocast.errors import BodyTooLarge, RequestError, Unprocessable

MAX_BYTES = 65_536
MAX_MEDIA = 8
MAX_CANDIDATES = 64
"""Of a session in all: a browser has about ten, and each one costs connectivity checks."""
MAX_MDNS_CANDIDATES = 8
"""Each name that does not resolve costs a second."""

MAX_LINES = 768
"""A browser has some 150 for a video. Each is looked at several times, on the event loop."""

MAX_LINE = 2_048
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

_MEDIA_LINE = re.compile(r"m=([^ ]+) [0-9]+ [A-Z/]+ .+")
"""RFC 8866, section 5.14."""

RemoteCandidate = tuple[str, str | None, int | None]
"""A candidate line without its ``a=``, the mid and the index of its media line; one of the two is enough."""


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
    mdns_candidates: tuple[RemoteCandidate, ...] = ()
    "Those whose address is a name to be resolved, to be added when the answer is on its way."
    limits: OfferLimits = OfferLimits()
    "Of the candidates that come later, too."


def parse_offer(body: bytes, limits: OfferLimits = OfferLimits(), *, needs_video: bool = True) -> Offer:
    """Return the offer in a request's body. ``needs_video``: whether one without a video line is of no use.

    Raises ``RequestError`` (malformed), ``BodyTooLarge`` (above the limit) or ``Unprocessable`` (no video,
    nothing of use, too many media lines or candidates).
    """
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
    candidates = sum(line.startswith("a=candidate:") for line in lines)
    sdp, named = _without_mdns(sdp)
    if candidates > limits.max_candidates or len(named) > MAX_MDNS_CANDIDATES:
        raise limits.too_many_candidates
    video = next((section for kind, section in media if kind == "video"), [])
    wants_video_back = "a=sendrecv" in video or "a=recvonly" in video
    return Offer(sdp, wants_video_back, candidates, named, limits)


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


def _maps_twice(lines: list[str]) -> bool:
    """Whether a payload type stands for two codecs (RFC 8866, section 6.6); aiortc gives each all of its feedback."""
    mapped = [line.partition(" ")[0] for line in lines if line.startswith("a=rtpmap:")]
    return len(set(mapped)) < len(mapped)


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
