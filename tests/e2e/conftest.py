"""A browser with a camera and a server to open: what the end-to-end tests share.

Tests here are plain functions (no ``async def``): Playwright's synchronous API holds the event loop of this thread
until the module's last test is done.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import stand_in_worker
from tests.e2e.browser import NoBrowserError, find_chromium, launch, new_tab, write_camera
from tests.e2e.server import Server
from tests.e2e.waiting import LIMIT_MS

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "tests" / "e2e" / "out"

FAILED = pytest.StashKey[bool]()

expect.set_options(timeout=LIMIT_MS)

STATE = """(() => {
  const {state, failure, shown, statistics, settings, avatar, lastFrame} = window.mocast ?? {};
  const drawn = avatar && {state: avatar.state, fps: avatar.fps};
  return JSON.stringify({state, failure, shown, statistics, settings, avatar: drawn, frame: lastFrame?.frame ?? null});
})()"""
"""Of a page whose test failed: what is printed."""

PROMPT = f"""
import sys
from mocast.recordings import exporter
exporter.yield_to_rooms = int
from mocast.jobs import job_worker
job_worker.CONFINED = (sys.executable, "-c", {stand_in_worker.PROMPT!r})
"""
"""Jobs and exports have the priority of other tests: at their own they would wait for all of these to end."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Note a failure, so that the ``page`` fixture can keep a screenshot of it."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def chromium_path() -> str:
    try:
        return find_chromium()
    except NoBrowserError as problem:
        pytest.fail(str(problem), pytrace=False)


@pytest.fixture(scope="session")
def camera_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three seconds of a person, 640x480 at 15 fps, as Y4M: half of the processor time of 30."""
    path = tmp_path_factory.mktemp("camera") / "camera.y4m"
    write_camera(path, fps=15)
    yield path
    path.unlink()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the built page, ready to take a publisher."""
    if not (ROOT / "server" / "mocast" / "web" / "index.html").is_file():
        pytest.fail("The page is not built: run 'make setup' first.", pytrace=False)
    folder = tmp_path_factory.mktemp("server")
    server = Server(folder / "server.log", prologue=PROMPT, jobs_folder=str(folder / "jobs"))
    server.start()
    yield server
    if server.runs:
        server.stop()


@pytest.fixture(scope="session")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that pages of all origins may call."""
    server = Server(tmp_path_factory.mktemp("open") / "server.log", warm="pose", allowed_origins="*")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser(chromium_path: str, camera_file: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium, chromium_path, camera_file)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty tab: ``page.goto("/")`` opens Mocast. An exception that nothing on the page caught fails the test."""
    with new_tab(browser, base_url=server.url) as page:
        yield page
        if request.node.stash.get(FAILED, False):
            OUT.mkdir(exist_ok=True)
            page.screenshot(path=OUT / f"{request.node.name}.png")
            print(page.evaluate(STATE))
            print(server.log_tail())
