"""The headers of tus: what is read of them, and that nothing in them takes long."""

import time

import pytest
from aiohttp.test_utils import make_mocked_request

from mocast.api.tus import MAX_METADATA, METADATA, expires, metadata_of, number_of
from mocast.errors import BodyTooLarge, RequestError


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("", {}),
        ("filename YS5tcDQ=", {"filename": "a.mp4"}),
        ("filename YS5tcDQ=,is_confidential", {"filename": "a.mp4", "is_confidential": ""}),
        ("filename YS5tcDQ= , type dmlkZW8=", {"filename": "a.mp4", "type": "video"}),
        ("empty ,filename YS5tcDQ=", {"empty": "", "filename": "a.mp4"}),
        ("binary /w==,filename YS5tcDQ=", {"filename": "a.mp4"}),
        ("odd YS5tc,filename YS5tcDQ=", {"filename": "a.mp4"}),
    ],
)
def test_metadata_are_kept_as_they_were_sent_and_read_where_they_are_text(sent: str, found: dict[str, str]) -> None:
    request = make_mocked_request("POST", "/", {METADATA: sent})
    assert metadata_of(request) == (sent, found)


@pytest.mark.parametrize("sent", ["a b c", ",", "a YQ==,", "a YQ==,a YQ==", "a Y\x7f", "a é"])
def test_metadata_that_are_malformed_are_refused(sent: str) -> None:
    with pytest.raises(RequestError):
        metadata_of(make_mocked_request("POST", "/", {METADATA: sent}))


def test_the_longest_metadata_are_read_at_once() -> None:
    """An expression for all pairs would try each way to share the spaces between them."""
    began = time.thread_time()
    with pytest.raises(RequestError):
        metadata_of(make_mocked_request("POST", "/", {METADATA: "a ," * (MAX_METADATA // 3) + "("}))
    with pytest.raises(BodyTooLarge):
        metadata_of(make_mocked_request("POST", "/", {METADATA: "a" * (MAX_METADATA + 1)}))
    assert time.thread_time() - began < 0.2


@pytest.mark.parametrize("sent", ["", "-1", "+1", "1.0", "0x1", " ", "9" * 19, "\u0661"])
def test_a_number_is_one_or_is_refused(sent: str) -> None:
    with pytest.raises(RequestError):
        number_of(make_mocked_request("PATCH", "/", {"Upload-Offset": sent}), "Upload-Offset")
    assert number_of(make_mocked_request("PATCH", "/", {"Upload-Offset": "70"}), "Upload-Offset") == 70


def test_dates_are_those_of_http() -> None:
    """The example of RFC 9110, section 5.6.7."""
    assert expires(784111777) == {"Upload-Expires": "Sun, 06 Nov 1994 08:49:37 GMT"}
