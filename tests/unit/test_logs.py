"""Logs: a library that warns without end fills no disk, and ours always pass."""

import io
import logging

import orjson
import pytest
from aiohttp.http_exceptions import BadStatusLine
from tests.fakes import SettableClock

from mocast import logs


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    clock = SettableClock()
    monkeypatch.setattr(logs, "time", clock)
    return clock


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr(logs.sys, "stderr", stream)
    monkeypatch.setattr(logs.structlog, "configure", lambda **_: None)
    logs.configure("json", "info")
    return stream


def events(stream: io.StringIO) -> list[str]:
    return [orjson.loads(line)["event"] for line in stream.getvalue().splitlines()]


def test_a_library_is_heard_once_a_second_and_what_was_held_back_is_counted(
    clock: SettableClock, written: io.StringIO
) -> None:
    decoder = logging.getLogger("aiortc.rtcrtpreceiver")
    for number in range(100):
        decoder.warning("frame %d failed", number)
    clock.now += logs.FOREIGN_EVERY_S
    decoder.warning("frame %d failed", 100)
    clock.now += logs.FOREIGN_EVERY_S
    decoder.warning("100 % broken")
    assert events(written) == ["frame 0 failed", "frame 100 failed (99 more since the last)", "100 % broken"]


def test_warnings_hide_no_errors_and_no_other_logger(clock: SettableClock, written: io.StringIO) -> None:
    logging.getLogger("aiortc").warning("a warning")
    logging.getLogger("aiortc").warning("another")
    logging.getLogger("aiortc").error("an error")
    logging.getLogger("asyncio").warning("elsewhere")
    assert events(written) == ["a warning", "an error", "elsewhere"]


def test_our_own_logs_always_pass(clock: SettableClock, written: io.StringIO) -> None:
    for number in range(5):
        logging.getLogger("mocast.rooms.publisher").info("session %d", number)
    assert len(events(written)) == 5


@pytest.mark.parametrize(
    "text",
    [
        "GET /v1/rooms/hall/landmarks?send=rig&access_token={} HTTP/1.1",
        "GET /?access_token%3D{}",
        "Authorization: Bearer {}",
        "authorization: bearer  {}",
        "b'Authorization: Bearer {}\\r\\n'",
        "Sec-WebSocket-Protocol: mocast.bearer, {}",
        "['mocast.bearer', '{}']",
    ],
)
def test_tokens_are_taken_out_wherever_they_come_from(clock: SettableClock, written: io.StringIO, text: str) -> None:
    secrets = ("0123456789abcdef", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl", "a.b-c_d~e+f/g==")
    for number, secret in enumerate(secrets):
        logging.getLogger(f"library{number}").warning(text.format(secret))
        logging.getLogger("mocast").warning("a request", extra={"request": text.format(secret)})
        logging.getLogger("mocast").error("failed", exc_info=ValueError(text.format(secret)))
        assert secret not in written.getvalue()
    assert written.getvalue().count("[token]") >= 2 * len(secrets)


def test_a_malformed_request_is_told_without_what_was_in_it(clock: SettableClock, written: io.StringIO) -> None:
    error = BadStatusLine("GET /secret-in-no-known-place")
    logging.getLogger("aiohttp.server").error("Error handling request from %s", "192.0.2.1", exc_info=error)
    assert events(written) == ["Error handling request from 192.0.2.1: BadStatusLine"]
    assert "secret" not in written.getvalue()


def test_a_json_web_token_is_taken_out_of_any_line(clock: SettableClock, written: io.StringIO) -> None:
    logging.getLogger("mocast").warning("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl, it says")
    assert events(written) == ["got [token], it says"]


def test_other_lines_are_as_they_were_written(clock: SettableClock, written: io.StringIO) -> None:
    lines = ["the bearer of bad news", "access_token is missing", "an eyJ of no meaning", "a.b.c"]
    for line in lines:
        logging.getLogger("mocast").warning(line)
    assert events(written) == lines


def test_a_fault_on_the_console_is_told_without_the_values_of_variables(
    clock: SettableClock, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs.sys, "stderr", written)
    logs.configure("console", "info")
    fault_is_told_without_its_values(written)


def test_a_fault_is_told_without_the_values_of_variables(clock: SettableClock, written: io.StringIO) -> None:
    fault_is_told_without_its_values(written)


def fault_is_told_without_its_values(written: io.StringIO) -> None:
    session_id = "-".join(["not", "for", "logs"])
    try:
        int(session_id.upper(), base=1)
    except ValueError:
        logging.getLogger("mocast").exception("failed")
    assert "ValueError" in written.getvalue()
    assert session_id not in written.getvalue()
