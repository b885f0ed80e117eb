"""A phone on the sofa: HTTPS by a certificate that the server made, at an address of the network."""

import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mocast.api.hosts import machine_names
from mocast.certificate import fingerprint
from mocast.webrtc.aiortc.gathering import host_addresses
from tests.e2e.browser import new_tab
from tests.e2e.server import Server
from tests.e2e.waiting import wait_until

TOKEN = "a-secret-of-sixteen-characters-and-more"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    tls = {"tls_self_signed": "true", "tls_cert": str(home / "certificate.pem"), "tls_key": str(home / "key.pem")}
    server = Server(home / "log", host="0.0.0.0", auth="token", token=TOKEN, warm="pose", **tls)
    server.start()
    yield server
    server.stop()


def address() -> str:
    """One at which browsers give the camera to pages with HTTPS alone: of the network, where there is one."""
    others = [found for found in host_addresses() if ":" not in found and not found.startswith("127.")]
    return others[0] if others else machine_names()[0]


def test_a_phone_accepts_the_certificate_and_is_the_camera(browser: Browser, server: Server) -> None:
    with new_tab(browser, ignore_https_errors=True) as page:
        page.goto(f"https://{address()}:{server.port}/#access_token={TOKEN}")
        assert page.evaluate("isSecureContext")
        page.get_by_role("button", name="Start", exact=True).click()
        wait_until(page, "() => window.mocast.state === 'live'")
        assert "access_token" not in page.url


def test_who_does_not_accept_it_gets_no_page(browser: Browser, server: Server) -> None:
    with new_tab(browser) as page, pytest.raises(Exception, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(f"https://{address()}:{server.port}/")


def test_the_fingerprint_that_is_told_is_the_one_that_is_shown(home: Path, server: Server) -> None:
    shown = ssl.get_server_certificate(("127.0.0.1", server.port))
    assert shown == (home / "certificate.pem").read_text()
    log = server.log.read_text()
    assert fingerprint(home / "certificate.pem") in log
    assert re.search(r"serving +.*https://", log)
    assert TOKEN not in log
