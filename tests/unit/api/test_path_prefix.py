"""Path prefixes are believed from trusted proxies alone."""

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from tests.fakes import HttpTransport

from mocast.api.client_address import TRUSTED_PROXIES
from mocast.api.path_prefix import public_path
from mocast.outputs.destination import parse_networks


def request(peer: str, prefix: str | None) -> web.Request:
    app = web.Application()
    app[TRUSTED_PROXIES] = parse_networks(["10.0.0.0/8"])
    headers = {} if prefix is None else {"X-Forwarded-Prefix": prefix}
    return make_mocked_request("POST", "/whip/a", headers, app=app, transport=HttpTransport((peer, 1234)))


@pytest.mark.parametrize(
    ("peer", "prefix", "path"),
    [
        ("10.1.2.3", None, "/whip/a/1"),
        ("10.1.2.3", "/motion", "/motion/whip/a/1"),
        ("10.1.2.3", "/motion/", "/motion/whip/a/1"),
        ("10.1.2.3", "/a/b-c/d_e/f.g~h", "/a/b-c/d_e/f.g~h/whip/a/1"),
        ("10.1.2.3", "", "/whip/a/1"),
        ("10.1.2.3", "/", "/whip/a/1"),
        ("10.1.2.3", "motion", "/whip/a/1"),
        ("10.1.2.3", "//evil.example", "/whip/a/1"),
        ("10.1.2.3", "/a//b", "/whip/a/1"),
        ("10.1.2.3", "/a, /b", "/whip/a/1"),
        ("10.1.2.3", "/a" * 9, "/whip/a/1"),
        ("192.0.2.7", "/motion", "/whip/a/1"),
    ],
)
def test_a_trusted_proxys_prefix_stands_before_a_path(peer: str, prefix: str | None, path: str) -> None:
    assert public_path(request(peer, prefix), "/whip/a/1") == path
