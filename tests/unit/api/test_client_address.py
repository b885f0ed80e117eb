from ipaddress import ip_address

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict
from tests.fakes import HttpTransport

from mocast.api.authentication import PRINCIPAL
from mocast.api.client_address import TRUSTED_PROXIES, client_address, client_of, counted_address, first_untrusted
from mocast.limiter import UNCOUNTED, Client
from mocast.model.principal import GRANTS, Principal
from mocast.outputs.destination import parse_networks

PROXIES = parse_networks(["10.0.0.0/8", "::1", "2001:db8:ffff::/48"])


def request(peer: str, *forwarded: str) -> web.Request:
    app = web.Application()
    app[TRUSTED_PROXIES] = PROXIES
    headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])
    return make_mocked_request("GET", "/", headers, app=app, transport=HttpTransport((peer, 1234)))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),
        ("10.1.2.3", [], "10.1.2.3"),
        ("10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        ("10.1.2.3", ["10.9.9.8, 10.9.9.9"], "10.9.9.8"),
        ("10.1.2.3", ["198.51.100.1, nonsense"], "10.1.2.3"),
        ("10.1.2.3", ["198.51.100.1, unknown, 10.9.9.9"], "10.9.9.9"),
        ("10.1.2.3", [""], "10.1.2.3"),
        ("10.1.2.3", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.1.2.3", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("::ffff:10.1.2.3", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:192.0.2.7", [], "192.0.2.7"),
        ("fe80::1%eth0", [], "fe80::1"),
        ("", [], ""),
    ],
)
def test_the_last_address_that_is_no_trusted_proxys_is_the_client(peer: str, forwarded: list[str], client: str) -> None:
    assert client_address(request(peer, *forwarded)) == client


def test_a_chain_without_end_is_not_walked() -> None:
    assert client_address(request("10.0.0.1", "198.51.100.1," + "10.0.0.2," * 2_000 + "10.0.0.3")) == "10.0.0.2"
    assert str(first_untrusted(ip_address("10.0.0.1"), [], PROXIES)) == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "as_what"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("127.0.0.1", ""),
        ("127.8.9.10", ""),
        ("::1", ""),
        ("", ""),
    ],
)
def test_ipv6_counts_by_its_network_and_this_machine_not_at_all(address: str, as_what: str) -> None:
    assert counted_address(address) == as_what


@pytest.mark.parametrize(
    ("address", "as_what"), [("10.1.2.3", UNCOUNTED), ("::1", UNCOUNTED), ("192.0.2.7", "192.0.2.7"), ("x", UNCOUNTED)]
)
def test_a_proxy_is_many_clients(address: str, as_what: str) -> None:
    assert counted_address(address, PROXIES) == as_what


def test_a_client_is_counted_by_its_address() -> None:
    assert client_of(request("10.1.2.3", "2001:db8::7")) == Client("2001:db8::/64")
    assert client_of(request("127.0.0.1")) == Client()


def test_whoever_has_signed_in_is_counted_by_that_too() -> None:
    signed_in = request("10.1.2.3", "198.51.100.1")
    signed_in[PRINCIPAL] = Principal("anna", GRANTS, ("*",))
    assert client_of(signed_in) == Client("198.51.100.1", "anna")
