"""How many connections there may be, in all and from one address."""

import pytest

from mocast.api.connections import Connections
from mocast.outputs.destination import parse_networks


def test_more_connections_than_the_server_takes_are_refused() -> None:
    connections = Connections(2, 9)
    assert [connections.add(address) for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3")] == [None, None, 503]
    connections.remove("192.0.2.3")
    connections.remove("192.0.2.1")
    assert connections.add("192.0.2.4") is None


@pytest.mark.parametrize(
    ("second", "status"),
    [
        ("192.0.2.1", 429),
        ("::ffff:192.0.2.1", 429),
        ("192.0.2.2", None),
        ("127.0.0.1", None),
        ("", None),
    ],
)
def test_one_address_has_its_share(second: str, status: int | None) -> None:
    connections = Connections(9, 1)
    assert connections.add("192.0.2.1") is None
    assert connections.add(second) == status


def test_a_network_of_ipv6_counts_as_one_address() -> None:
    connections = Connections(9, 1)
    assert connections.add("2001:db8::1") is None
    assert connections.add("2001:db8::2%eth0") == 429
    assert connections.add("2001:db8:0:1::1") is None


def test_a_proxy_and_this_machine_may_have_as_many_as_there_are() -> None:
    connections = Connections(9, 1, parse_networks(["10.0.0.0/8"]))
    for address in ("10.1.2.3", "127.0.0.1"):
        assert [connections.add(address) for _ in range(2)] == [None, None]
