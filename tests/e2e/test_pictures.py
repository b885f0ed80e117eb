"""The Pictures tab in a real browser."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page

from tests.e2e.waiting import wait_until
from tests.pictures import astronaut

NOSE_PX = (220, 116)
"""Where the astronaut's nose is, read off the picture by eye."""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "astronaut.png"
    assert cv2.imwrite(str(path), cv2.cvtColor(np.array(astronaut()), cv2.COLOR_RGB2BGR))
    return path


def test_a_dropped_photo_shows_its_result_and_its_json(page: Page, photo: Path, tmp_path: Path) -> None:
    page.goto("/")
    page.get_by_role("tab", name="Pictures").click()
    # There before it tells anything.
    told = page.locator(".drop [role=status]")
    assert told.text_content() == ""
    page.locator("input[type=file][accept*=image]").set_input_files(photo)
    result = told.get_by_role("img", name="annotated")
    result.wait_for()
    assert result.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [
        512,
        512,
    ]
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    found = json.loads(Path(download.value.path()).read_text())
    nose = found["pose"]["landmarks"][0]
    assert nose["name"] == "nose"
    assert np.hypot(nose["x_px"] - NOSE_PX[0], nose["y_px"] - NOSE_PX[1]) < 15
    with page.expect_download() as download:
        page.get_by_role("link", name="Picture", exact=True).click()
    annotated = cv2.imread(str(download.value.path()))
    assert annotated.shape == (512, 512, 3)
    assert np.abs(annotated[..., ::-1].astype(int) - astronaut()).max() > 100


def test_what_is_no_picture_gets_a_plain_sentence_that_uncovers_the_last_result(
    page: Page, photo: Path, tmp_path: Path
) -> None:
    path = tmp_path / "notes.jpg"
    path.write_bytes(b"not a picture at all")
    page.goto("/")
    page.get_by_role("tab", name="Pictures").click()
    page.locator("input[type=file][accept*=image]").set_input_files(photo)
    page.get_by_role("img", name="annotated").wait_for()
    page.locator("input[type=file][accept*=image]").set_input_files(path)
    alert = page.get_by_role("alert").first
    alert.wait_for()
    assert "picture" in alert.inner_text().lower()
    alert.get_by_role("button", name="Close").click()
    alert.wait_for(state="detached")
    assert page.get_by_role("img", name="annotated").is_visible()


def test_settings_of_pictures_are_not_those_of_the_live_page(page: Page) -> None:
    page.goto("/")
    page.get_by_role("tab", name="Pictures").click()
    own = page.get_by_role("tabpanel", name="Pictures")
    own.get_by_role("group", name="Background").get_by_role("radio", name="Black").check(force=True)
    assert page.evaluate("window.mocast.settings.background") == "video"
    page.reload()
    page.get_by_role("tab", name="Pictures").click()
    assert own.get_by_role("radio", name="Black").is_checked()


def test_faces_are_covered_while_hands_alone_are_followed(page: Page) -> None:
    page.goto("/")
    page.get_by_role("radio", name="Hands", exact=True).check(force=True)
    page.get_by_role("radio", name="Blurred").check(force=True)
    page.get_by_role("button", name="Start", exact=True).click()
    wait_until(page, "() => window.mocast.statistics?.frames_sent > 0")
    settings = page.evaluate("window.mocast.settings")
    assert (settings["tracker"], settings["privacy"]) == ("hands", "blur")
