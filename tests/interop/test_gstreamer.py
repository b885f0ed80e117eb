"""GStreamer's WebRTC publishes to a room, and plays it."""

import pytest

from tests.e2e.server import Server
from tests.ffmpeg_whip import publishing
from tests.interop.gstreamer import client
from tests.interop.rooms import wait_for, whep, whip


@pytest.mark.parametrize("codec", ["baseline", "main", "sets-in-offer", "VP8"])
def test_what_it_sends_is_tracked_and_it_says_goodbye(server: Server, codec: str) -> None:
    room = f"gstreamer-{codec}"
    with client("publish", whip(server, room), codec):
        wait_for(server, room, lambda state: state and state["statistics"]["frames_tracked"] >= 60)
    wait_for(server, room, lambda state: not state)


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_it_plays_what_somebody_else_publishes(server: Server, codec: str) -> None:
    room = f"played-{codec}"
    with publishing(whip(server, room)), client("play", whep(server, room), codec) as player:
        wait_for(server, room, lambda _: player.frames >= 60)
