"""A server that asks for a token, below a proxy's path: the page keeps it out of sight and makes links for viewers."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.prefix_proxy import prefix_proxy
from tests.e2e.server import Server
from tests.e2e.waiting import LIMIT_MS, wait_until

SECRET = "a secret + of / signs & 25 characters"


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


def test_the_page_asks_for_a_token_until_it_is_valid_and_goes_on(browser: Browser, address: str) -> None:
    page = browser.new_page(permissions=["camera"])
    page.set_default_timeout(LIMIT_MS)
    page.goto(address)
    page.get_by_text("This server asks for a token.").wait_for()
    page.get_by_label("Token", exact=True).fill("not the secret at all")
    page.get_by_role("button", name="Use it").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_text("This server asks for another token.").wait_for()
    page.get_by_label("Token", exact=True).fill(SECRET)
    page.get_by_role("button", name="Use it").click()
    wait_until(page, "() => window.mocast.state === 'live'")
    page.reload()
    wait_until(page, "() => window.mocast.state === 'live'")
