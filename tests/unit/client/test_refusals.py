"""Answers that are none become errors of one family, with the server's sentence."""

import asyncio

import orjson
import pytest

from mocast import errors
from mocast.client.refusals import Unreachable, is_transient, refusal, translated


def problem(**fields: object) -> bytes:
    return orjson.dumps({"type": "about:blank", "title": "x", "detail": "What was wrong.", **fields})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.RequestError),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (422, errors.Unprocessable),
        (429, errors.TooManyRequests),
        (500, errors.MocastError),
        (502, errors.MocastError),
        (503, errors.Unavailable),
    ],
)
def test_a_status_is_the_error_that_the_server_raised(status: int, kind: type[errors.MocastError]) -> None:
    error = refusal(status, problem(status=status), {})
    assert type(error) is kind
    assert (error.status, str(error), error.retry_after_s) == (status, "What was wrong.", None)


def test_what_the_problem_tells_of_options_and_of_time_is_kept() -> None:
    wrong = [{"detail": "Input should be at most 1.", "parameter": "opacity"}]
    assert refusal(422, problem(errors=wrong), {}).errors == wrong
    assert refusal(503, problem(), {"Retry-After": "7"}).retry_after_s == 7


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"[]", b"{}"])
def test_a_proxys_page_is_told_by_its_status(body: bytes) -> None:
    assert str(refusal(502, body, {"Retry-After": "soon"})) == "The server answers with status 502."


@pytest.mark.parametrize(("status", "expected"), [(401, False), (404, False), (409, False), (429, True), (503, True)])
def test_what_may_pass_is_tried_again(status: int, expected: bool) -> None:
    assert is_transient(refusal(status, problem(), {})) == expected
    assert is_transient(Unreachable("Nobody answers."))


async def test_time_that_ran_out_is_a_server_that_does_not_answer() -> None:
    with pytest.raises(Unreachable, match=r"^The server does not answer\.$"), translated():
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
