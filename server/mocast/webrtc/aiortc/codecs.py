"""Codecs that an offer is answered with: a bounded number, H.264 in all profiles, with what the client told of each.

Audio whose codecs are all unknown is answered with the first of them, as inactive: aiortc would refuse the whole offer.
"""

import base64
import contextlib
import copy
from collections.abc import Callable, Sequence
from typing import Any, Final

import aiortc.rtcpeerconnection
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import parse_h264_profile_level_id

from mocast.webrtc.aiortc.patch import patch
from mocast.webrtc.offer import MAX_CODECS

MOST_AUDIO_BITS_PER_S = 128_000
"""What clients are asked to keep to (RFC 7587, section 6.1): music in stereo needs no more."""

_STEREO: Final = ("stereo", " stereo", "sprop-stereo", " sprop-stereo")
"""As aiortc's parser leaves them, with and without a space after the semicolon."""

Codecs = list[RTCRtpCodecParameters]


def install() -> None:
    """Patch aiortc. Doing it again does nothing."""
    patch(aiortc.rtcpeerconnection, "find_common_codecs", _find_few)


def parameter_sets(codecs: Sequence[RTCRtpCodecParameters]) -> bytes:
    """Return what the client's offer told of its H.264 (RFC 6184, section 8.1), each set after a start code.

    Empty where it told nothing, or nothing that can be read: then they are in the video.
    """
    told = (getattr(codec, "mocast_parameter_sets", None) for codec in codecs)
    sets = next(filter(None, told), None)
    try:
        return b"".join(b"\0\0\0\1" + base64.b64decode(one, validate=True) for one in sets.split(",")) if sets else b""
    except ValueError:
        return b""


def _find_few(find: Callable[[Codecs, Codecs], Codecs]) -> Callable[[Codecs, Codecs], Codecs]:
    def find_common_codecs(local: Codecs, remote: Codecs) -> Codecs:
        names = {codec.mimeType.lower() for codec in local}
        known = [codec for codec in remote if is_rtx(codec) or codec.mimeType.lower() in names][:MAX_CODECS]
        common = find(local, known)
        if not any(map(_is_h264, common)) and (others := _of_other_profiles(local, known)):
            common = find([*local, *others], known)
        told = {codec.payloadType: codec.parameters.get("sprop-parameter-sets") for codec in known}
        for codec in filter(_is_h264, common):
            codec.mocast_parameter_sets = told.get(codec.payloadType)  # type: ignore[attr-defined]
        is_stereo = any(map(_is_stereo, known))
        for codec in filter(_is_opus, common):
            codec.mocast_is_stereo = is_stereo  # type: ignore[attr-defined]
        if common:
            return common
        return [copy.deepcopy(codec) for codec in remote[:1] if codec.mimeType.startswith("audio/")]

    return find_common_codecs


def _of_other_profiles(local: Codecs, offered: Codecs) -> Codecs:
    """Our H.264 in the profiles of an offer without a baseline one, which aiortc alone would answer.

    Decoders know them all. What is sent back is of the baseline, which each of them includes.
    """
    ours: Any = next(filter(_is_h264, local), None)
    others: dict[object, RTCRtpCodecParameters] = {}
    for codec in filter(_is_h264, offered if ours is not None else ()):
        told = str(codec.parameters.get("profile-level-id"))
        with contextlib.suppress(ValueError):
            profile, _ = parse_h264_profile_level_id(told)
            if profile not in others:  # aiortc compares each with all that are offered
                others[profile] = copy.deepcopy(ours)
                others[profile].parameters["profile-level-id"] = told
    return [*others.values()]


def opus_of(codecs: Sequence[RTCRtpCodecParameters]) -> RTCRtpCodecParameters | None:
    """Return the Opus of a line that may be answered, with what we would receive of it (RFC 7587, section 7).

    The clients that it goes to repair losses by what is in band; two channels are asked for where the offer has them.
    """
    opus = next(filter(_is_opus, codecs), None)
    if opus is not None:
        opus.parameters = {"minptime": 10, "useinbandfec": 1, "maxaveragebitrate": MOST_AUDIO_BITS_PER_S}
        if getattr(opus, "mocast_is_stereo", False):
            opus.parameters |= {"stereo": 1, "sprop-stereo": 1}
    return opus


def _is_opus(codec: RTCRtpCodecParameters) -> bool:
    return codec.mimeType.lower() == "audio/opus"


def _is_stereo(codec: RTCRtpCodecParameters) -> bool:
    return any(str(codec.parameters.get(name)) == "1" for name in _STEREO)


def _is_h264(codec: RTCRtpCodecParameters) -> bool:
    return codec.mimeType.lower() == "video/h264"
