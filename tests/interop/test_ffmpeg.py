"""FFmpeg's muxer against a server of its own process: audio and video in one bundle, and what the docs say to type."""

import json

import pytest

from tests.e2e.server import Server
from tests.ffmpeg_whip import FPS, publishing
from tests.interop.rooms import room, wait_for, whip


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("baseline", {"encoder": {"profile": "baseline"}}),
        ("main", {"encoder": {"profile": "main"}}),
        ("high", {"encoder": {"profile": "high", "bf": "0"}}),
        ("audio", {"audio": True}),
    ],
    ids=["baseline", "main", "high", "audio"],
)
def test_what_it_sends_is_tracked_and_it_says_goodbye(server: Server, name: str, options: dict[str, object]) -> None:
    with publishing(whip(server, name), json.dumps(options)):
        wait_for(server, name, lambda state: state and state["statistics"]["frames_tracked"] >= 60)
    wait_for(server, name, lambda state: not state)


def test_it_stays_although_it_answers_no_connectivity_check_while_it_sends(server: Server) -> None:
    with publishing(whip(server, "ffmpeg-long")) as ffmpeg:
        wait_for(server, "ffmpeg-long", lambda _: len(ffmpeg.sent_at_s) >= 11 * FPS)
        assert room(server, "ffmpeg-long")["publisher"]["state"] == "live", server.log_tail()
