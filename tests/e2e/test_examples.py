"""The examples for browsers, opened as their READMEs say: from another origin, which the server allows."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import new_tab
from tests.e2e.conftest import ROOT
from tests.e2e.other_origin import other_origin
from tests.e2e.server import Server
from tests.e2e.waiting import wait_until

EXAMPLES = ROOT / "examples"
USUAL_ADDRESS = "localhost:8080"


@pytest.fixture
def example(request: pytest.FixtureRequest, open_server: Server) -> Iterator[tuple[str, Server]]:
    """Where the example that the test names is served, and a server that lets that origin in."""
    text = (EXAMPLES / request.param / "index.html").read_text()
    assert USUAL_ADDRESS in text
    with other_origin(text.replace(USUAL_ADDRESS, open_server.url.removeprefix("http://"))) as origin:
        yield origin, open_server


@pytest.mark.parametrize("example", ["browser-minimal", "browser-client"], indirect=True)
def test_example_shows_the_picture_and_a_moving_wrist_and_leaves(browser: Browser, example: tuple[str, Server]) -> None:
    url, server = example
    with new_tab(browser) as page:
        page.goto(url)
        wait_until(page, "() => document.querySelector('video').videoWidth === 640")
        wait_until(page, "() => document.querySelector('output').value.split(', ').map(Number).every(Number.isFinite)")
        before = page.locator("output").inner_text()
        wait_until(page, "before => document.querySelector('output').value !== before", before)
        page.goto("about:blank")
        page.goto(server.url)
        wait_until(page, "async () => (await (await fetch('/v1/info')).json()).sessions === 0")


@pytest.mark.parametrize("example", ["fitness-counter"], indirect=True)
def test_a_counter_in_a_page_of_ones_own_counts_from_nought(browser: Browser, example: tuple[str, Server]) -> None:
    url, _ = example
    with new_tab(browser) as page:
        page.goto(url)
        wait_until(page, "() => document.querySelector('output').value === '0'")


@pytest.mark.parametrize("example", ["threejs-avatar"], indirect=True)
def test_an_avatar_in_a_page_of_ones_own_moves_with_the_room(browser: Browser, example: tuple[str, Server]) -> None:
    origin, server = example
    with new_tab(browser) as publisher, new_tab(browser) as page:
        publisher.goto(f"{server.url}/?room=example")
        publisher.get_by_role("button", name="Start", exact=True).click()
        wait_until(publisher, "() => window.mocast.state === 'live'")
        page.goto(f"{origin}/?room=example")
        head = "() => window.vrm.humanoid.getNormalizedBoneNode('head').quaternion.toArray()"
        wait_until(page, f"() => ({head})().some((part, i) => part !== [0, 0, 0, 1][i])")
        before = page.evaluate(head)
        wait_until(page, f"before => ({head})().some((part, i) => part !== before[i])", before)


def test_the_obs_scene_shows_the_avatar_page_as_its_address_says() -> None:
    collection = json.loads((EXAMPLES / "obs-scene" / "mocast.json").read_text())
    source, scene = collection["sources"]
    assert [item["name"] for item in scene["settings"]["items"]] == [source["name"]]
    assert [order["name"] for order in collection["scene_order"]] == [scene["name"]] == [collection["current_scene"]]
    address = urlsplit(source["settings"]["url"])
    assert (address.netloc, address.path) == (USUAL_ADDRESS, "/avatar.html")
    assert parse_qs(address.query) == {"room": ["main"], "framing": ["bust"]}
