"""The Videos tab in a real browser, against a real server that runs the real ``mocast process``."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.waiting import LIMIT_MS, wait_until
from tests.videos import write_video

FRAMES = 6


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_video(tmp_path / "wave.mp4", FRAMES, fps=10)


def test_a_video_is_sent_shown_beside_the_annotated_one_and_its_motion_is_played_on_the_avatar(
    page: Page, clip: Path
) -> None:
    page.goto("/")
    page.get_by_role("tab", name="Videos").click()
    own = page.get_by_role("tabpanel", name="Videos")
    own.get_by_role("radio", name="Body", exact=True).check(force=True)
    own.locator("input[type=file]").set_input_files(clip)
    expect(own.get_by_text("Done", exact=True)).to_be_visible(timeout=LIMIT_MS)
    for label in ("wave.mp4, as it was", "wave.mp4, annotated"):
        own.get_by_label(label).wait_for()
        wait_until(page, f"() => document.querySelector('video[aria-label=\"{label}\"]').readyState >= 2")
    assert own.get_by_label("wave.mp4, annotated").evaluate("video => video.duration") == pytest.approx(0.6, abs=0.15)
    with page.expect_download() as download:
        own.get_by_role("link", name="jsonl").click()
    assert f'"landmarks":{FRAMES},' in Path(download.value.path()).read_text()
    own.get_by_role("button", name="On the avatar").click()
    wait_until(page, "() => window.mocast.avatar?.state === 'animation'")
    page.get_by_role("tab", name="Videos").click()
    own.get_by_role("button", name="Delete wave.mp4").click()
    own.get_by_text("None yet.").wait_for()
    assert page.request.get("/v1/jobs").json() == {"jobs": []}


def test_what_is_no_video_is_refused_with_a_sentence(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("#EXTM3U\n")
    page.goto("/")
    page.get_by_role("tab", name="Videos").click()
    own = page.get_by_role("tabpanel", name="Videos")
    own.locator("input[type=file]").set_input_files(path)
    own.get_by_text("This is no video in a container that is taken").wait_for()
