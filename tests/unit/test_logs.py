"""Logs: a library that warns without end fills no disk, and ours always pass."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
from tests.fakes import SettableClock

from mocast import logs


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    clock = SettableClock()
    monkeypatch.setattr(logs, "time", clock)
    return clock


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream, root, ours = io.StringIO(), logging.getLogger(), logging.getLogger("mocast")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    monkeypatch.setattr(logs.sys, "stderr", stream)
    monkeypatch.setattr(logs.structlog, "configure", lambda **_: None)
    logs.configure("json", "info")
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)


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


def test_a_fault_is_told_without_the_values_of_variables(clock: SettableClock, written: io.StringIO) -> None:
    session_id = "-".join(["not", "for", "logs"])
    try:
        int(session_id.upper(), base=1)
    except ValueError:
        logging.getLogger("mocast").exception("failed")
    assert "ValueError" in written.getvalue()
    assert session_id not in written.getvalue()
