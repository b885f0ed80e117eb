"""A page of a few lines, on another origin and not ours, is a WHIP sender and a WHEP player in Chromium."""

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.server import Server
from tests.e2e.waiting import wait_until
from tests.interop.rooms import wait_for, whep, whip


def tab(browser: Browser, address: str) -> Page:
    page = browser.new_page(permissions=["camera"])
    page.goto(address)
    return page


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_a_plain_page_publishes_and_another_plays_it(
    browser: Browser, server: Server, elsewhere: str, codec: str
) -> None:
    room = f"chromium-{codec}"
    sender, player = tab(browser, elsewhere), tab(browser, elsewhere)
    sender.evaluate("([url, codec]) => send(url, codec)", [whip(server, room), codec])
    wait_for(server, room, lambda state: state and state["statistics"]["frames_tracked"] >= 30)
    player.evaluate("(url) => play(url)", whep(server, room))
    wait_until(
        player, "() => { const v = document.querySelector('video'); return v.videoWidth === 640 && v.currentTime > 1; }"
    )
    assert wait_for(server, room, lambda state: state["viewers"] == 1)
    assert player.evaluate("async () => (await leave()).status") == 200
    assert sender.evaluate("async () => (await leave()).status") == 200
    wait_for(server, room, lambda state: not state)
    sender.close()
    player.close()
