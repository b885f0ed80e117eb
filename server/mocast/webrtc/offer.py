"""An SDP offer, checked before anything is built for it."""

from dataclasses import dataclass

from aiortc.sdp import SessionDescription

from mocast.errors import BodyTooLarge, RequestError, Unprocessable

MAX_BYTES = 65_536
MAX_MEDIA = 8
MAX_CANDIDATES = 64
"""Of a session in all: a browser has about ten, and each one costs connectivity checks."""
MAX_MDNS_CANDIDATES = 8
"""Each name that does not resolve costs a second."""

MAX_LINES = {"a=rtpmap:": 256, "a=rtcp-fb:": 512, "a=ssrc:": 512}
"""A browser has some 50 of each for a video. aiortc's parser compares each with all: 64 KB of them take it seconds."""


RemoteCandidate = tuple[str, str | None, int | None]
"""A candidate line without its ``a=``, the mid and the index of its media line; one of the two is enough."""


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


def parse_offer(body: bytes, *, needs_video: bool = True) -> Offer:
    """Return the offer in a request's body. ``needs_video``: whether one without a video line is of no use.

    Raises ``RequestError`` (malformed), ``BodyTooLarge`` (above ``MAX_BYTES``) or ``Unprocessable`` (no video,
    nothing of use, too many media lines or candidates).
    """
    if len(body) > MAX_BYTES:
        raise BodyTooLarge(f"an offer has at most {MAX_BYTES} bytes")
    try:
        sdp = body.decode()
    except UnicodeDecodeError as error:
        raise RequestError("the body is not an SDP offer") from error
    for start, most in MAX_LINES.items():
        if sdp.count(start) > most:
            raise Unprocessable(f'an offer has at most {most} lines that begin with "{start}"')
    try:
        description = SessionDescription.parse(sdp)
    except Exception as error:
        # aiortc's parser asserts, indexes and converts as it goes: any error means that this is not an offer.
        raise RequestError("the body is not an SDP offer") from error
    video = [media for media in description.media if media.kind == "video"]
    candidates = [candidate for media in description.media for candidate in media.ice_candidates]
    if needs_video and not video:
        raise Unprocessable("the offer has no video")
    if not any(media.kind in ("video", "application") for media in description.media):
        raise Unprocessable("the offer asks for nothing: it has neither video nor data channels")
    if len(description.media) > MAX_MEDIA:
        raise Unprocessable(f"an offer has at most {MAX_MEDIA} media lines")
    if len(candidates) > MAX_CANDIDATES:
        raise Unprocessable(f"an offer has at most {MAX_CANDIDATES} candidates")
    sdp, named = _without_mdns(sdp)
    if len(named) > MAX_MDNS_CANDIDATES:
        raise Unprocessable(f"an offer has at most {MAX_MDNS_CANDIDATES} mDNS candidates")
    wants_video_back = bool(video) and video[0].direction in ("sendrecv", "recvonly")
    return Offer(sdp, wants_video_back, len(candidates), named)


def is_mdns(candidate: str) -> bool:
    """Return whether a candidate line (RFC 8839, section 5.1) has an mDNS name for an address."""
    words = candidate.split()
    return len(words) > 4 and words[4].endswith(".local")


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
