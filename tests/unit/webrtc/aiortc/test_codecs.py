"""Which codecs of an offer are answered, and what it tells of them."""

import base64
from typing import Any

import aiortc.rtcpeerconnection
import pytest
from aiortc.codecs import CODECS
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from mocast.webrtc.aiortc import codecs
from mocast.webrtc.aiortc.codecs import parameter_sets
from mocast.webrtc.offer import MAX_CODECS

OURS = CODECS["video"]
SPS, PPS = b"\x67\x42\xc0\x1e", b"\x68\xce\x3c\x80"


@pytest.fixture(autouse=True)
def installed() -> None:
    codecs.install()


def codec(name: str, payload_type: int, **parameters: Any) -> RTCRtpCodecParameters:
    named = {key.replace("_", "-"): value for key, value in parameters.items()}
    return RTCRtpCodecParameters(f"video/{name}", 90_000, payloadType=payload_type, parameters=named)


def h264(payload_type: int, profile: str | None, mode: str = "1", **more: Any) -> RTCRtpCodecParameters:
    told = {} if profile is None else {"profile_level_id": profile}
    return codec("H264", payload_type, packetization_mode=mode, **told, **more)


def answered(*offered: RTCRtpCodecParameters) -> list[tuple[int | None, object]]:
    """Of each codec that is answered its payload type and H.264's profile."""
    common = aiortc.rtcpeerconnection.find_common_codecs(OURS, list(offered))
    return [(one.payloadType, one.parameters.get("profile-level-id")) for one in common]


def test_of_many_codecs_those_that_we_have_are_answered_up_to_a_bound() -> None:
    find = aiortc.rtcpeerconnection.find_common_codecs
    strange, known = [codec("AV1", 200)] * 90, [codec("VP8", 96 + number % 32) for number in range(200)]
    assert len(find([codec("VP8", 97)], [*strange, *known])) == MAX_CODECS


def test_what_many_codecs_cost_does_not_grow_with_their_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 32, the parameters were looked through for each, and those of H.264 compared with each: 40 ms of an offer."""
    high = [h264(96 + number, f"6400{number:02x}") for number in range(10, 32)]
    assert len(codecs._of_other_profiles(OURS, high)) == 1
    opus = [RTCRtpCodecParameters("audio/opus", 48_000, 2, payloadType=96 + number) for number in range(MAX_CODECS)]
    looked_at: list[object] = []
    monkeypatch.setattr(codecs, "_is_stereo", looked_at.append)
    assert len(aiortc.rtcpeerconnection.find_common_codecs(CODECS["audio"], opus)) == MAX_CODECS
    assert len(looked_at) == MAX_CODECS


@pytest.mark.parametrize("profile", ["42e01f", "42c01e", "42001f", "4d0029", "4d401f", "64001f", "640c1f", "64002A"])
def test_h264_is_answered_in_every_profile_that_cameras_and_encoders_have(profile: str) -> None:
    ((payload_type, answered_profile),) = answered(h264(106, profile))
    assert payload_type == 106
    assert str(answered_profile)[:2] == profile[:2]


def test_h264_without_a_profile_is_constrained_baseline() -> None:
    assert answered(h264(106, None)) == [(106, "42e01f")]


def test_other_profiles_are_answered_only_where_there_is_no_baseline() -> None:
    assert answered(h264(102, "640c1f"), h264(104, "42e01f"), h264(106, "4d001f")) == [(104, "42e01f")]
    assert answered(h264(102, "640c1f"), h264(106, "4d001f")) == [(102, "640c1f"), (106, "4d001f")]
    assert answered(codec("VP8", 96), h264(102, "640c1f")) == [(96, None), (102, "640c1f")]


@pytest.mark.parametrize("profile", ["zz001f", "6e", "ff001f", "64"])
def test_a_profile_that_is_none_is_not_answered(profile: str) -> None:
    assert answered(codec("VP8", 96), h264(106, profile)) == [(96, None)]


def test_without_packetization_video_cannot_be_sent_back_and_is_not_answered() -> None:
    assert answered(h264(106, "64001f", mode="0")) == []


def test_a_payload_type_that_belongs_to_other_codecs_is_answered_as_aiortc_does() -> None:
    ((payload_type, _),) = answered(h264(34, "42e01f"))
    assert payload_type != 34


def test_parameter_sets_of_the_offer_are_kept_and_not_answered() -> None:
    told = ",".join(base64.b64encode(one).decode() for one in (SPS, PPS))
    common = aiortc.rtcpeerconnection.find_common_codecs(OURS, [h264(106, "42c01e", sprop_parameter_sets=told)])
    assert parameter_sets(common) == b"\0\0\0\1" + SPS + b"\0\0\0\1" + PPS
    assert "sprop-parameter-sets" not in common[0].parameters


@pytest.mark.parametrize("told", [None, "", "%%%", "é", "Z0LAHg"])
def test_parameter_sets_that_cannot_be_read_are_none(told: str | None) -> None:
    common = aiortc.rtcpeerconnection.find_common_codecs(OURS, [h264(106, "42c01e", sprop_parameter_sets=told)])
    assert parameter_sets(common) == b""
    assert parameter_sets([]) == b""
