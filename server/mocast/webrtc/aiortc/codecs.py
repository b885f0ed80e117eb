"""Which of a client's codecs are answered: few, all profiles of H.264, and what the client tells of each is kept."""

import base64
import copy
from collections.abc import Callable, Sequence
from typing import Any

import aiortc.rtcpeerconnection
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from mocast.webrtc.aiortc.patch import patch

MAX_CODECS = 32
"""Of a media line that may be answered, RTX included: of a browser's, some 20. aiortc copies each with all it holds."""

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
        if not any(_is_h264(codec) for codec in common):
            common = find([*local, *_of_other_profiles(local, known)], known)
        told = {codec.payloadType: codec.parameters.get("sprop-parameter-sets") for codec in known}
        for codec in filter(_is_h264, common):
            codec.mocast_parameter_sets = told.get(codec.payloadType)  # type: ignore[attr-defined]
        return common

    return find_common_codecs


def _of_other_profiles(local: Codecs, offered: Codecs) -> Codecs:
    """Our H.264 in the profiles of an offer without a baseline one, which aiortc alone would answer.

    Decoders know them all. What is sent back is of the baseline, which each of them includes.
    """
    ours: Any = next(filter(_is_h264, local), None)
    profiles = [codec.parameters.get("profile-level-id") for codec in filter(_is_h264, offered) if ours is not None]
    others = []
    for profile in filter(None, profiles):
        codec = copy.deepcopy(ours)
        codec.parameters["profile-level-id"] = profile
        others.append(codec)
    return others


def _is_h264(codec: RTCRtpCodecParameters) -> bool:
    return codec.mimeType.lower() == "video/h264"
