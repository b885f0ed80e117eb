"""Dialogs and notices, whose code comes when they are shown."""

from playwright.sync_api import Page, expect


def test_the_phone_s_dialog_opens_closes_and_opens_again(page: Page) -> None:
    page.goto("/?room=stage")
    button = page.get_by_role("button", name="Use your phone as the camera")
    dialog = page.get_by_role("dialog", name="Use your phone as the camera")
    for _ in range(2):
        button.click()
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(button).to_be_focused()


def test_an_address_that_cannot_be_used_whole_is_said_until_it_was_read(page: Page) -> None:
    page.goto("/?room=stage&frame=face")
    notice = page.get_by_role("status").filter(has_text="no option “frame”")
    expect(notice).to_contain_text("in the room stage")
    notice.get_by_role("button", name="Close").click()
    expect(notice).to_have_count(0)


def test_code_that_cannot_be_had_is_told_as_that(page: Page) -> None:
    page.route("**/assets/AvatarView-*.js", lambda route: route.abort())
    page.goto("/")
    page.get_by_role("tab", name="Avatar").click()
    expect(page.get_by_label("Avatar", exact=True).get_by_text("could not be loaded. Reload the page.")).to_be_visible()
