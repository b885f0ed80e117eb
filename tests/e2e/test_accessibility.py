"""Whoever cannot see the page well, or uses it by a keyboard or a screen reader, can use all of it."""

import pytest
from playwright.sync_api import Page, expect

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


@pytest.mark.parametrize("status", [503, 400])
def test_what_is_said_of_a_session_keeps_the_rules_and_is_told_to_screen_readers(page: Page, status: int) -> None:
    page.route("**/publish?*", lambda route: route.fulfill(status=status, headers={"Retry-After": "600"}))
    page.goto("/")
    page.get_by_role("button", name="Start camera").click()
    waiting = page.get_by_role("status").filter(has_text="The server is full")
    told = waiting if status == 503 else page.get_by_role("alert")
    told.wait_for()
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("tab", name="Avatar").click()
    page.get_by_role("heading", name="Stage", exact=True).wait_for()
    assert violations(page) == []


def test_the_avatar_for_obs_and_the_reference_keep_the_rules(page: Page) -> None:
    page.goto("/avatar.html?room=nobody")
    page.get_by_text("Waiting for someone in room").wait_for()
    assert violations(page) == []
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.goto("/docs")
    page.get_by_role("heading", name="sessions", exact=True).last.wait_for()
    assert violations(page) == []


def test_a_keyboard_alone_goes_from_the_start_to_the_stop_and_through_the_tabs(page: Page) -> None:
    page.goto("/")
    start = page.get_by_role("button", name="Start camera")
    start.wait_for()
    for _ in range(10):
        if start.evaluate("button => button.matches(':focus-visible')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_focused()
    wait_until(page, "() => window.mocast.state === 'live'")
    tabs = page.get_by_role("tab")
    tabs.first.focus()
    for key, name in (("ArrowLeft", "Videos"), ("Home", "Live"), ("End", "Videos"), ("ArrowRight", "Live")):
        page.keyboard.press(key)
        tab = page.get_by_role("tab", name=name)
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")


def test_the_page_ends_with_its_footer(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    page.goto("/")
    page.get_by_role("tab").last.wait_for()
    for tab, shown in (("Live", "Tracking"), ("Analysis", "Your own gestures"), ("Videos", "Drop a video here")):
        page.get_by_role("tab", name=tab).click()
        page.get_by_role("heading", name=shown).wait_for()
        over = "document.documentElement.scrollHeight - scrollY - footer.getBoundingClientRect().bottom"
        assert page.evaluate(f"(footer => {over})(document.querySelector('footer'))") < 1, tab


def test_every_tab_is_in_sight_in_a_narrow_window_and_no_button_does_nothing(page: Page) -> None:
    page.add_init_script("Object.defineProperty(document, 'fullscreenEnabled', {value: false})")  # as on an iPhone
    page.goto("/")
    tabs = page.get_by_role("tab")
    tabs.last.wait_for()
    expect(page.get_by_role("button", name="Full screen")).to_have_count(0)
    for width in (320, 390, 600, 721):
        page.set_viewport_size({"width": width, "height": 600})
        boxes = [tab.bounding_box() for tab in tabs.all()]
        assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes), (width, boxes)
        assert page.evaluate("document.documentElement.scrollWidth") == width
