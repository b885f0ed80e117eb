"""Trickle ICE fragments (RFC 8840): which candidates are in them and where they belong."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocast.api.routes.sessions import IceFragment, parse_fragment
from mocast.errors import RequestError

CANDIDATE = "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host"


def test_candidates_belong_to_the_media_line_named_before_them() -> None:
    fragment = (
        "a=ice-ufrag:abcd\r\na=ice-pwd:x\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
        f"a={CANDIDATE}\r\nm=video 9 RTP/AVP 0\r\na=mid:video1\r\n"
        f"a={CANDIDATE}\r\na={CANDIDATE}\r\na=end-of-candidates\r\n"
    )
    assert parse_fragment(fragment.encode()) == IceFragment(
        ((CANDIDATE, "0", None), (CANDIDATE, "video1", None), (CANDIDATE, "video1", None)), "abcd"
    )


def test_candidates_before_any_media_line_belong_to_the_first() -> None:
    assert parse_fragment(f"a={CANDIDATE}\n".encode()) == IceFragment(((CANDIDATE, None, 0),), None)


@pytest.mark.parametrize("body", [b"a=mid:\xff", b"foo", b"a=mid:0\r\nfoo\r\n", b"a=\r\n", b"{}"])
def test_what_is_not_sdp_is_malformed(body: bytes) -> None:
    with pytest.raises(RequestError):
        parse_fragment(body)


@given(st.lists(st.sampled_from(["a=candidate:", "a=mid:", "a=ice-ufrag:", "m="]) | st.text(max_size=9)).map("".join))
def test_any_text_gives_candidate_lines_with_a_place_for_each_or_is_malformed(text: str) -> None:
    with suppress(RequestError):
        for line, mid, index in parse_fragment(text.encode()).candidates:
            assert line.startswith("candidate:")
            assert (mid is None) == (index == 0)
