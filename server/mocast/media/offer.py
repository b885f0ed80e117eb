"""An SDP offer, checked before anything is built for it."""

from dataclasses import dataclass

from aiortc.sdp import SessionDescription

from mocast.errors import BodyTooLarge, RequestError, Unprocessable

MAX_BYTES = 65_536
MAX_MEDIA = 8
MAX_CANDIDATES = 64
MAX_MDNS_CANDIDATES = 8
"""Each name that does not resolve costs a second."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a session needs to know of an offer."""

    sdp: str
    wants_video_back: bool
    "Whether the first video line may be sent to as well."
    candidates: int
    "How many candidates it carries."


def parse_offer(body: bytes) -> Offer:
    """Return the offer in a request's body.

    Raises ``RequestError`` (malformed), ``BodyTooLarge`` (above ``MAX_BYTES``) or ``Unprocessable`` (no video, too many
    media lines or candidates).
    """
    if len(body) > MAX_BYTES:
        raise BodyTooLarge(f"an offer has at most {MAX_BYTES} bytes")
    try:
        sdp = body.decode()
        description = SessionDescription.parse(sdp)
    except Exception as error:
        # aiortc's parser asserts, indexes and converts as it goes: any error means that this is not an offer.
        raise RequestError("the body is not an SDP offer") from error
    video = [media for media in description.media if media.kind == "video"]
    candidates = [candidate for media in description.media for candidate in media.ice_candidates]
    if not video:
        raise Unprocessable("the offer has no video")
    if len(description.media) > MAX_MEDIA:
        raise Unprocessable(f"an offer has at most {MAX_MEDIA} media lines")
    if len(candidates) > MAX_CANDIDATES:
        raise Unprocessable(f"an offer has at most {MAX_CANDIDATES} candidates")
    if sum(candidate.ip.endswith(".local") for candidate in candidates) > MAX_MDNS_CANDIDATES:
        raise Unprocessable(f"an offer has at most {MAX_MDNS_CANDIDATES} mDNS candidates")
    return Offer(sdp, video[0].direction in ("sendrecv", "recvonly"), len(candidates))
