"""Networks between a browser and a server, for some time each: freezes, landmarks, round trip, recovery.

Rows are named after the test cases of RFC 8867 (section 5) and the losses and delays of RFC 8868 (section 4). The
report is docs/reliability/networks.md; ``make test-networks`` prints its table.
"""

import asyncio
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from mocast.webrtc.aiortc.gathering import host_addresses
from tests.coturn import TURNSERVER, coturn
from tests.e2e.browser import find_chromium, launch, write_camera
from tests.e2e.server import Server
from tests.e2e.waiting import wait_until
from tests.network import Conditions, UdpNetwork, through, without_candidates
from tests.ports import free_port

SECONDS = float(os.environ.get("NETWORK_SECONDS", "20"))
"""How long each network is measured."""

WATCH = (Path(__file__).parent / "watch_session.js").read_text()
"""Notes when pictures are shown and landmarks come; ``window.watched``."""

CLEAR = Conditions()

TABLE = [
    "| network | pictures/s | gap p95, ms | longest gap, s | landmarks/s | whole | round trip, ms | kbit/s up / down "
    "| fluent again after, s | connections |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
]


class PageNetwork:
    """A network between a page and the server, on a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._network = UdpNetwork(CLEAR, CLEAR, host=host_addresses()[0])
        self._is_cut = False
        asyncio.run_coroutine_threadsafe(self._network.open(), self._loop).result(30)

    def apply(self, conditions: Conditions) -> None:
        """Be so, both ways, from now on."""
        self._network.up.conditions = self._network.down.conditions = conditions

    def cut(self, *, is_cut: bool) -> None:
        """Lose everything, HTTP too, or no longer."""
        self._is_cut = is_cut
        self._network.cut(is_cut=is_cut)

    def rebind(self) -> None:
        """Give the page another address, as a NAT does that has forgotten it."""
        self._loop.call_soon_threadsafe(self._network.rebind)

    def route(self, route: Route) -> None:
        """Answer the page's offer with an answer that knows this network alone."""
        if self._is_cut:
            route.abort()
        elif route.request.method == "POST":
            response = route.fetch(post_data=without_candidates(route.request.post_data or ""))
            body = through(response.text(), self._network) if response.status == 201 else response.text()
            route.fulfill(response=response, body=body)
        elif route.request.method == "PATCH":
            route.fulfill(status=204)
        else:
            route.continue_()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._network.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


class OnlyTcp:
    """A network that lets no UDP through: neither side is told the other's UDP candidates."""

    def route(self, route: Route) -> None:
        """Answer the page's offer with the server's TCP candidates."""
        if route.request.method == "POST":
            response = route.fetch(post_data=without_candidates(route.request.post_data or ""))
            body = re.sub(r"a=candidate:\S+ 1 udp .*\r\n", "", response.text())
            route.fulfill(response=response, body=body)
        elif route.request.method == "PATCH":
            route.fulfill(status=204)
        else:
            route.continue_()


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("camera") / "camera.y4m"
    write_camera(path)
    return path


@pytest.fixture
def network() -> Iterator[PageNetwork]:
    network = PageNetwork()
    yield network
    network.close()


@pytest.fixture(scope="module")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts a server with these settings, and ends the one before."""
    running: list[Server] = []

    def stop() -> None:
        if running:
            running.pop().stop()

    def start(**settings: str) -> Server:
        stop()
        server = Server(tmp_path_factory.mktemp("server") / "server.log", **settings)
        server.start()
        running.append(server)
        return server

    yield start
    stop()


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Server:
    return start_server()


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    yield
    print("\n" + "\n".join(TABLE))


@contextmanager
def live(
    server: Server, camera: Path, *flags: str, network: PageNetwork | None = None, query: str = ""
) -> Iterator[Page]:
    """A page whose session is live, and measured from now on."""
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium, find_chromium(), camera)
        page = browser.new_context(base_url=server.url, permissions=["camera"]).new_page()
        page.add_init_script(WATCH)
        if network is not None:
            page.route(re.compile(r"/v1/(rooms/.*/publish|sessions/)"), network.route)
        page.goto(f"/?draw=server{query}")  # whose returned pictures are what is counted
        page.get_by_role("button", name="Start", exact=True).click()
        wait_until(page, "() => window.mocast.state === 'live' && window.watched.pictures.length > 60")
        page.wait_for_timeout(3000)
        page.evaluate("() => window.watched.begin()")
        yield page
        browser.close()


def fluent_after(page: Page) -> float:
    """Return the seconds until pictures and landmarks came again as they did before, or nearly."""
    began = time.monotonic()
    wait_until(page, "() => window.watched.isFluent()")
    return time.monotonic() - began


def measure(page: Page) -> Any:
    """Return what was measured since the session was live."""
    return page.evaluate("() => window.watched.summary()")


def note(name: str, page: Page, measured: Any, fluent_after_s: float | None = None) -> None:
    """Add a line to the table."""
    pair = page.evaluate("() => window.watched.pair()")
    cells = [
        name,
        f"{measured['pictures']:.1f}",
        f"{measured['gapP95']:.0f}",
        f"{measured['gapMax'] / 1000:.2f}",
        f"{measured['landmarks']:.1f}",
        f"{measured['whole']:.1f}",
        f"{measured['roundTrip']:.0f}",
        f"{measured['sentKbps']:.0f} / {measured['receivedKbps']:.0f}",
        "" if fluent_after_s is None else f"{fluent_after_s:.1f}",
        str(measured["connections"]),
    ]
    TABLE.append(f"| {' | '.join(cells)} |")
    print(f"\n{TABLE[-1]} {pair}", flush=True)


@dataclass(frozen=True)
class Row:
    """A network that is the same all the time."""

    name: str
    conditions: Conditions
    longest_gap_s: float = 10
    least_landmarks: float = 0.2
    "The share of 30 a second, or of what a clear network gives on this machine."


ROWS = [
    Row("clear", CLEAR),
    Row("random loss 1%", Conditions(loss=0.01)),
    Row("random loss 5%", Conditions(loss=0.05), longest_gap_s=1, least_landmarks=0.8),
    Row("random loss 10%", Conditions(loss=0.10)),
    Row("delay 100 ± 30 ms", Conditions(delay_s=0.1, jitter_s=0.03)),
    Row("delay 50 ms, random loss 5%", Conditions(delay_s=0.05, loss=0.05)),
    # Which carries the landmarks of ten frames a second, where it carries no picture.
    Row("capacity 300 kbit/s", Conditions(bits_per_s=300_000), longest_gap_s=3, least_landmarks=0.1),
]

clear_rate = [30.0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_session_goes_on(server: Server, camera: Path, network: PageNetwork, row: Row) -> None:
    with live(server, camera, network=network) as page:
        network.apply(row.conditions)
        page.wait_for_timeout(1000 * SECONDS)
        measured = measure(page)
        network.apply(CLEAR)
        note(row.name, page, measured, fluent_after(page) if row.conditions != CLEAR else None)
    if row.conditions == CLEAR:
        clear_rate[0] = measured["landmarks"]
    assert measured["gapMax"] <= 1000 * row.longest_gap_s
    assert measured["landmarks"] >= row.least_landmarks * clear_rate[0]
    assert measured["connections"] == 1


def test_pause_of_10_s(server: Server, camera: Path, network: PageNetwork) -> None:
    with live(server, camera, network=network) as page:
        page.wait_for_timeout(2000)
        network.cut(is_cut=True)
        page.wait_for_timeout(10_000)
        network.cut(is_cut=False)
        after = fluent_after(page)
        note("pause of 10 s", page, measure(page), after)
    assert after < 10


def test_address_change_in_mid_session(server: Server, camera: Path, network: PageNetwork) -> None:
    with live(server, camera, network=network) as page:
        page.wait_for_timeout(3000)
        network.rebind()
        page.wait_for_timeout(1000 * SECONDS)
        measured = measure(page)
        note("address change", page, measured, fluent_after(page))
    assert measured["gapMax"] < 10_000


def test_udp_blocked_by_ice_tcp(start_server: Callable[..., Server], camera: Path) -> None:
    server = start_server(udp_port=str(free_port()), ice_tcp="true")
    with live(server, camera, network=OnlyTcp()) as page:
        page.wait_for_timeout(1000 * SECONDS)
        assert page.evaluate("() => window.watched.pair()")["protocol"] == "tcp"
        note("UDP blocked: ICE-TCP", page, measure(page))


@pytest.mark.skipif(TURNSERVER is None, reason="coturn is not installed; TURNSERVER=/path names it")
@pytest.mark.parametrize("of", ["client", "server"])
def test_udp_blocked_by_turn_over_tcp(
    start_server: Callable[..., Server], camera: Path, tmp_path: Path, of: str
) -> None:
    with coturn(host_addresses()[0], free_port(), free_port(), tmp_path) as relay:
        url, secret = relay.url("tcp"), relay.secret
        if of == "client":
            server = start_server(turn_urls=url, turn_secret=secret)
            session = live(server, camera, query="&relay=1")
        else:
            server = start_server(ice_policy="relay", ice_turn_url=url, turn_secret=secret)
            session = live(server, camera)
        with session as page:
            page.wait_for_timeout(1000 * SECONDS)
            assert page.evaluate("() => window.watched.pair()")["local" if of == "client" else "remote"] == "relay"
            note(f"UDP blocked: TURN over TCP, the {of}'s", page, measure(page))
