"""A server that asks for a token, below a proxy's path: the page keeps it out of sight and makes links for viewers."""

from collections.abc import Iterator
from urllib.parse import quote

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import new_context
from tests.e2e.prefix_proxy import prefix_proxy
from tests.e2e.server import Server
from tests.e2e.waiting import wait_for_tracking, wait_until

SECRET = "a-secret+with/signs_of.31~chars"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("guarded") / "server.log", auth="token", token=SECRET)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def address(guarded: Server) -> Iterator[str]:
    """The page's, below a path of a proxy."""
    with prefix_proxy(guarded.url, "/motion") as address:
        yield address


class Tab:
    """A tab of a browser of its own, and the addresses that it asked for."""

    def __init__(self, browser: Browser) -> None:
        self.page: Page = new_context(browser).new_page()
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(f"{request.url} {request.headers.get('referer')}"))

    def shows(self, secret: str) -> bool:
        """Whether the address bar, the document or an address that was asked for holds a secret, as it is or quoted."""
        places = [self.page.url, self.page.content(), *self.asked]
        return any(form in place for form in (secret, quote(secret, safe="")) for place in places)


def read_qr(png: bytes) -> str:
    """Return the text of a QR code on a screenshot."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    large = cv2.resize(picture, None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST)
    # The older detector of OpenCV fails on 3 of 100 codes of this size, by what is in them; this one on none of 200.
    return cv2.QRCodeDetectorAruco().detectAndDecode(large)[0]


def test_a_viewer_link_shows_the_avatar_lets_nobody_publish_and_no_token_is_seen(
    browser: Browser, guarded: Server, address: str
) -> None:
    own = Tab(browser)
    own.page.goto(f"{address}?room=stage#access_token={quote(SECRET, safe='')}")
    own.page.get_by_role("tab", name="Avatar").click()
    own.page.get_by_role("button", name="Start", exact=True).click()
    wait_for_tracking(own.page)
    own.page.get_by_role("button", name="Make a viewer link").click()
    link = own.page.get_by_label("Address for OBS").input_value()
    own.page.get_by_text("As a QR code").click()
    wait_until(own.page, "() => document.querySelector('.qr path')?.getAttribute('d')")
    assert read_qr(own.page.get_by_role("img", name="The address as a QR code").screenshot()) == link
    place, _, token = link.partition("#access_token=")
    assert place.startswith(f"{address}avatar.html?room=stage&")

    viewer = Tab(browser)
    viewer.page.goto(link)
    wait_until(viewer.page, "() => window.mocastAvatar.state === 'tracking'")
    assert viewer.page.evaluate("window.mocastAvatar.problem") == ""
    assert viewer.page.url == place

    intruder = Tab(browser)
    intruder.page.goto(f"{address}?room=stage#access_token={token}")
    intruder.page.get_by_role("button", name="Start", exact=True).click()
    intruder.page.get_by_role("alert").get_by_text("does not grant").wait_for()

    assert all(request.startswith((address, f"blob:{address[:20]}")) for tab in (own, viewer) for request in tab.asked)
    assert not own.shows(SECRET)
    assert not any(tab.shows(token) for tab in (viewer, intruder))
    assert not any(secret in guarded.log.read_text() for secret in (SECRET, quote(SECRET, safe=""), token))


def test_the_page_asks_for_a_token_until_it_is_valid_and_goes_on(browser: Browser, address: str) -> None:
    page = Tab(browser).page
    page.goto(address)
    page.get_by_text("This server asks for a token.").wait_for()
    page.get_by_label("Token", exact=True).fill("not the secret at all")
    page.get_by_role("button", name="Use it").click()
    page.get_by_text("This server asks for another token.").wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    wait_until(page, "() => window.mocast.failure")
    page.get_by_label("Token", exact=True).fill(SECRET)
    page.get_by_role("button", name="Use it").click()
    wait_until(page, "() => window.mocast.state === 'live'")
    page.reload()
    wait_until(page, "() => window.mocast.state === 'live'")
