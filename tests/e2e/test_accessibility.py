"""Whoever cannot see the page well, or uses it by a keyboard or a screen reader, can use all of it."""

import pytest
from playwright.sync_api import Page

from tests.e2e.accessibility import violations
from tests.e2e.waiting import wait_until


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_tab_keeps_the_rules(page: Page, theme: str) -> None:
    page.emulate_media(color_scheme="light" if theme == "light" else "dark")
    page.goto("/")
    page.get_by_role("heading", name="Your motion, live.").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Start", exact=True).click()
    wait_until(page, "() => window.mocast.statistics?.landmarks_sent > 0")
    page.get_by_role("button", name="More numbers").click()
    page.get_by_role("heading", name="Frames per second").wait_for()
    assert violations(page) == []
    page.get_by_role("tab", name="Analysis").click()
    page.locator(".angles td.is-unsure").first.wait_for()
    assert violations(page) == []
    for tab, shown in (("Pictures", "Drop a picture here"), ("Videos", "Drop a video here")):
        page.get_by_role("tab", name=tab).click()
        page.get_by_role("heading", name=shown).wait_for()
        assert violations(page) == []


def test_every_tab_is_in_sight_in_a_narrow_window(page: Page) -> None:
    page.goto("/")
    tabs = page.get_by_role("tab")
    tabs.last.wait_for()
    for width in (320, 390, 600, 721):
        page.set_viewport_size({"width": width, "height": 600})
        boxes = [tab.bounding_box() for tab in tabs.all()]
        assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes), (width, boxes)
        assert page.evaluate("document.documentElement.scrollWidth") == width
