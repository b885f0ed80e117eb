"""Only addresses inside the operator's networks are sent to, whatever they are called."""

import socket
from typing import Any

import pytest

from mocast.errors import Forbidden
from mocast.outputs.destination import Destination, is_inside, parse_networks

LAN = parse_networks(["192.168.1.0/24", "fd00::/8"])


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("192.168.1.20", True),
        ("192.168.2.20", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("fd00::1", True),
        ("fe80::1%eth0", False),
        ("::ffff:192.168.1.20", True),
        ("::ffff:127.0.0.1", False),
    ],
)
def test_networks_hold_what_they_say(host: str, inside: bool) -> None:
    assert is_inside(host, LAN) == inside


def test_an_address_inside_is_where_packets_go() -> None:
    address = Destination("127.0.0.1", 39539, parse_networks(["127.0.0.0/8"])).resolve()
    assert (address.family, address.host, address.sockaddr[1]) == (socket.AF_INET, "127.0.0.1", 39539)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1"])
def test_an_address_outside_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(Forbidden, match="output_networks"):
        Destination(host, 39539, LAN).resolve()


def test_no_networks_means_nowhere() -> None:
    with pytest.raises(Forbidden, match="off"):
        Destination("192.168.1.20", 39539, ()).resolve()


def test_the_operator_s_own_outputs_go_anywhere() -> None:
    assert Destination("127.0.0.1", 1, None).resolve().host == "127.0.0.1"


def lookup(*hosts: str) -> Any:
    def getaddrinfo(_: str, port: int, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", (host, port)) for host in hosts]

    return getaddrinfo


def test_a_name_is_judged_by_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lookup("10.0.0.1", "192.168.1.20"))
    assert Destination("stage.lan", 39539, LAN).resolve().host == "192.168.1.20"
    monkeypatch.setattr(socket, "getaddrinfo", lookup("10.0.0.1", "127.0.0.1"))
    with pytest.raises(Forbidden, match=r"stage\.lan"):
        Destination("stage.lan", 39539, LAN).resolve()


@pytest.mark.parametrize("host", ["a..b", "...", "a" * 64])
def test_a_name_that_no_host_can_have_is_an_unknown_host(host: str) -> None:
    with pytest.raises(OSError, match="name"):
        Destination(host, 39539, LAN).resolve()


@pytest.mark.parametrize("text", ["192.168.1.0/33", "lan", "192.168.1.1/24"])
def test_networks_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_networks([text])
