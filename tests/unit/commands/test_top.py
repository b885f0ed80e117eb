"""What ``mocast top`` makes of what a server tells, and of one that does not."""

import io
import json
import socket
import threading
import urllib.error
from email.message import Message
from typing import Any

import pytest
from rich.console import Console

from mocast.commands.top import Fetch, Snapshot, read, render, top

INFO = {
    "version": "1.2",
    "engine": "openvino",
    "sessions": 1,
    "max_sessions": 4,
    "viewers": 2,
    "max_viewers": 64,
    "ready": True,
}
STATS = {
    **{"fps_in": 30.0, "fps_tracked": 29.5, "fps_out": 29.4, "delay_ms": 31.2, "delay_p95_ms": 44.4},
    **{"frames_dropped": 100, "width": 640, "height": 480},
}
HELD = {"viewers": 2, "readers": 1, "outputs": 0, "recording": True}
HALL = {"room": "hall", "publisher": {"state": "live", "since": None}, "statistics": STATS, **HELD}
EMPTY = {"room": "attic", "publisher": None, "statistics": None, **HELD, "recording": False}
METRICS = {
    **{"process_cpu_seconds_total": 10.0, "process_resident_memory_bytes": 300 * 2**20, "process_open_fds": 40},
    **{"mocast_loop_lag_seconds": 0.004, "mocast_frames_in_total": 100, "mocast_frames_tracked_total": 90},
}


def shown(now: Snapshot, before: Snapshot | None = None) -> str:
    console = Console(file=io.StringIO(), width=200, color_system="standard", force_terminal=True)
    console.print(render("http://there", now, before))
    return console.file.getvalue()  # type: ignore[attr-defined]


def snapshot(at_s: float, rooms: list[dict[str, Any]], **metrics: float) -> Snapshot:
    return Snapshot(at_s, INFO, rooms, METRICS | metrics, {"precision": "bf16"})


def test_a_room_whose_camera_is_out_of_reach_is_not_called_empty() -> None:
    waiting = {**EMPTY, "source": {"state": "waiting", "reason": "the camera does not answer"}}
    assert "waiting" in shown(snapshot(0, [waiting]))
    assert "empty" in shown(snapshot(0, [{**EMPTY, "source": None}]))


def test_rates_are_those_since_the_last_look() -> None:
    before = snapshot(0, [HALL])
    later = {**HALL, "statistics": {**STATS, "frames_dropped": 105}}
    text = shown(snapshot(2, [EMPTY, later], process_cpu_seconds_total=13.0, mocast_frames_in_total=160), before)
    for part in (
        "http://there  1.2  openvino  bf16",
        "publishers 1/4",
        "viewers 2/64",
        "cpu 150%",
        "300 MB",
        "in 30/s",
        "2.5",
    ):
        assert part in text
    assert "-" in shown(snapshot(2, [HALL])), "nothing is known of the first look's rates"
    assert text.index("hall") < text.index("attic"), "who publishes comes first"
    assert text.count("640x480") == 1


def test_what_is_late_is_red() -> None:
    def red(text: str) -> list[str]:
        return [part.partition("\x1b[0m")[0].strip() for part in text.split("\x1b[31m")[1:]]

    assert red(shown(snapshot(0, [HALL]))) == []
    slow = {**HALL, "statistics": {**STATS, "delay_p95_ms": 150}}
    assert red(shown(snapshot(0, [slow], mocast_loop_lag_seconds=0.3))) == ["300 ms", "150"]


def test_a_server_that_was_started_again_shows_no_negative_rates() -> None:
    assert "in 0/s" in shown(snapshot(2, [HALL], mocast_frames_in_total=0), snapshot(0, [HALL]))


def test_what_a_server_sends_is_no_command_for_the_terminal() -> None:
    odd = {**HALL, "room": "\x1b]0;title\x07[red]x", "publisher": {"state": "\x1b[2J", "since": None}}
    text = shown(snapshot(0, [odd]))
    assert "?]0;title?[red]x" in text
    assert "\x1b]" not in text
    assert "\x1b[2J" not in text


def refusing(*paths: str) -> Fetch:
    def fetch(path: str) -> bytes:
        if path in paths:
            raise urllib.error.HTTPError(path, 403, "Forbidden", Message(), None)
        return json.dumps(INFO | {"rooms": [HALL]}).encode() if path != "/metrics" else b"mocast_sessions 1.0\n"

    return fetch


def test_what_a_token_does_not_cover_is_named_and_the_rest_is_shown() -> None:
    text = shown(read(refusing("/metrics")))
    assert "/metrics: 403 Forbidden" in text
    assert "hall" in text
    assert read(refusing("/v1/info")).problems == ["/v1/info: 403 Forbidden"], "nothing more is asked of it"


def test_a_server_that_does_not_answer_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert top(["http://127.0.0.1:1", "--once"]) == 1
    assert "refused" in capsys.readouterr().out


def test_a_server_that_goes_away_while_it_answers_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        answering = threading.Thread(target=answer, args=(listener,))
        answering.start()
        assert top([f"http://127.0.0.1:{listener.getsockname()[1]}", "--once"]) == 1
        answering.join()
    assert "not whole" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["file:///etc/passwd"], ["--every", "0"]])
def test_what_cannot_be_asked_for_is_a_usage_error(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        top(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_figures_of_several_processes_are_added_up_and_the_latest_loop_counts() -> None:
    def fetch(path: str) -> bytes:
        if path != "/metrics":
            return json.dumps(INFO | {"rooms": [HALL]}).encode()
        lines = ("mocast_frames_in_total", "mocast_loop_lag_seconds")
        return "".join(f'{name}{{worker="{worker}"}} {worker + 1}\n' for name in lines for worker in range(2)).encode()

    assert read(fetch).metrics == {"mocast_frames_in_total": 3, "mocast_loop_lag_seconds": 2}
