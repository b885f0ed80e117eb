"""Firefox: Mocast's page tracks a file and shows it, and the page of a few lines sends by WHIP and plays by WHEP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.browser import find_firefox
from tests.e2e.server import Server
from tests.interop.firefox import Firefox, firefox
from tests.interop.rooms import wait_for, whep, whip
from tests.pictures import real_frames
from tests.videos import write_video

PLAYS = "(video => video?.videoWidth === 640 && video.currentTime > 1)(document.querySelector('video%s'))"


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Firefox]:
    """A Firefox. An exception that nothing on a page caught fails the test."""
    (profile := tmp_path / "profile").mkdir()
    async with firefox(find_firefox(), profile) as tab:
        print("Firefox", await tab.begin())
        yield tab
    assert not tab.errors


async def test_the_page_tracks_a_file_and_shows_it(tab: Firefox, server: Server, tmp_path: Path) -> None:
    video = write_video(tmp_path / "person.webm", real_frames(60, (640, 480)), codec="libvpx", b_frames=0)
    await tab.open(server.url)
    await tab.choose_file("[aria-label^='Video file']", video)
    await tab.wait_until("window.mocast?.presented?.frame?.pose && window.mocast.statistics?.landmarks_sent > 30")
    await tab.wait_until(PLAYS % ".returned")
    nose_y, shoulder_y = [await tab.value(f"window.mocast.lastFrame.pose.image[{3 * joint} + 1]") for joint in (0, 12)]
    assert 0 < nose_y < shoulder_y < 1


async def test_a_plain_page_publishes_and_plays(tab: Firefox, server: Server, elsewhere: str) -> None:
    await tab.open(elsewhere)
    await tab.evaluate(f"send({whip(server, 'firefox')!r}, 'VP8')")
    wait_for(server, "firefox", lambda state: state and state["statistics"]["frames_tracked"] >= 30)
    await tab.evaluate(f"window.leaveAsSender = leave; play({whep(server, 'firefox')!r})")
    await tab.wait_until(PLAYS % "")
    assert wait_for(server, "firefox", lambda state: state["viewers"] == 1)
    assert [await tab.value(f"{way}().then(answer => answer.status)") for way in ("leave", "leaveAsSender")] == [
        200
    ] * 2
    wait_for(server, "firefox", lambda state: not state)
