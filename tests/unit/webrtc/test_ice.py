"""What an operator writes about ports, addresses and relays, and what is refused."""

import pytest

from mocast.outputs.destination import parse_networks
from mocast.webrtc.ice import (
    IceOptions,
    PublicAddress,
    TurnServer,
    is_chosen,
    may_be_checked,
    parse_interfaces,
    parse_port_range,
    parse_public_addresses,
    parse_turn_url,
)


def test_a_range_holds_its_ends() -> None:
    assert parse_port_range("50000-50100") == range(50000, 50101)
    assert parse_port_range(" 50000-50000 ") == range(50000, 50001)
    assert parse_port_range("") == range(0)


@pytest.mark.parametrize("text", ["50000", "50100-50000", "80-90", "60000-70000", "a-b", "50000-", "-1-50000", "1-2-3"])
def test_what_is_no_range_of_ports_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a range of ports"):
        parse_port_range(text)


def test_a_public_address_is_of_the_local_ones_of_its_version_or_of_one() -> None:
    every, one, six = parse_public_addresses(["203.0.113.7", "203.0.113.8/10.0.0.5", "2001:db8::7"])
    assert (every, one) == (PublicAddress("203.0.113.7"), PublicAddress("203.0.113.8", "10.0.0.5"))
    seen = {
        local: [a.public for a in (every, one, six) if a.is_of(local)] for local in ("10.0.0.5", "10.0.0.6", "fd00::1")
    }
    assert seen == {
        "10.0.0.5": ["203.0.113.7", "203.0.113.8"],
        "10.0.0.6": ["203.0.113.7"],
        "fd00::1": ["2001:db8::7"],
    }
    assert not every.is_of("203.0.113.7"), "an address that the machine has itself is told already"


@pytest.mark.parametrize("text", ["host", "203.0.113.7/", "/10.0.0.1", "203.0.113.7/fd00::1", "10.0.0.0/8", "1.2.3"])
def test_what_is_no_public_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an IP address"):
        parse_public_addresses([text])


def test_interfaces_are_chosen_by_name_network_and_address() -> None:
    chosen = parse_interfaces(["eth0", "192.168.1.7/24", "fd00::/8", "10.0.0.5"])
    assert is_chosen(chosen, "eth0", "203.0.113.7")
    assert is_chosen(chosen, "wlan0", "192.168.1.200")
    assert is_chosen(chosen, "wlan0", "fd12::1")
    assert is_chosen(chosen, "tun0", "10.0.0.5")
    assert not is_chosen(chosen, "eth1", "10.0.0.6")
    with pytest.raises(ValueError, match="neither the name of an interface nor a network"):
        parse_interfaces(["192.168.1.0/33"])


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("turn:turn.example.org", TurnServer("turn.example.org", 3478, "udp", tls=False)),
        ("turn:turn.example.org:80?transport=tcp", TurnServer("turn.example.org", 80, "tcp", tls=False)),
        ("turns:turn.example.org", TurnServer("turn.example.org", 5349, "tcp", tls=True)),
        ("turns:turn.example.org:443?transport=tcp", TurnServer("turn.example.org", 443, "tcp", tls=True)),
        ("turn:[2001:db8::1]:3478?transport=udp", TurnServer("2001:db8::1", 3478, "udp", tls=False)),
        ("turn:{host}:3478", TurnServer("{host}", 3478, "udp", tls=False)),
    ],
)
def test_turn_servers_by_udp_tcp_and_tls(url: str, server: TurnServer) -> None:
    assert parse_turn_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "stun:h",
        "turn:",
        "turn:h:0",
        "turn:h:70000",
        "turn:h?transport=sctp",
        "turns:h?transport=udp",
        "turn:a b",
        "turn://h",
    ],
)
def test_what_names_no_turn_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is not a TURN server"):
        parse_turn_url(url)


@pytest.mark.parametrize(
    ("address", "port"),
    [
        ("192.168.1.5", 50_000),
        ("10.0.0.5", 1024),
        ("203.0.113.5", 443 + 1024),
        ("8.8.8.8", 443),
        ("2001:4860:4860::8888", 80),
        ("2001:db8::5", 50_000),
        ("fe80::5", 50_000),
        ("::ffff:192.168.1.5", 50_000),
    ],
)
def test_checks_go_to_single_hosts(address: str, port: int) -> None:
    assert may_be_checked(IceOptions(), address, port, loopback=False)


@pytest.mark.parametrize(
    ("address", "port"),
    [
        ("127.0.0.1", 50_000),
        ("::1", 50_000),
        ("::ffff:127.0.0.1", 50_000),
        ("0.0.0.0", 50_000),
        ("::", 50_000),
        ("255.255.255.255", 50_000),
        ("240.0.0.1", 50_000),
        ("224.0.0.251", 5353),
        ("::ffff:224.0.0.251", 5353),
        ("ff02::fb", 5353),
        ("192.168.1.5", 443),  # a service of the network, no media server
        ("8.8.8.8", 53),
        ("8.8.8.8", 0),
        ("10.9.0.5", 50_000),
        ("::ffff:10.9.0.5", 50_000),
        ("2001:db8:9::5", 50_000),
    ],
)
def test_checks_go_to_no_groups_no_system_services_and_nothing_that_is_denied(address: str, port: int) -> None:
    denied = IceOptions(denied=parse_networks(["10.9.0.0/16", "2001:db8:9::/48"]))
    assert not may_be_checked(denied, address, port, loopback=False)


def test_a_machine_without_a_network_talks_to_itself() -> None:
    assert may_be_checked(IceOptions(), "127.0.0.1", 50_000, loopback=True)
    assert may_be_checked(IceOptions(), "::1", 50_000, loopback=True)
    assert not may_be_checked(IceOptions(), "::1", 50_000, loopback=False)
    assert not may_be_checked(IceOptions(denied=parse_networks(["127.0.0.0/8"])), "127.0.0.1", 50_000, loopback=True)
