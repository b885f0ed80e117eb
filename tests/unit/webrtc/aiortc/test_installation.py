"""What is changed in aiortc and aioice for the whole process; a version that changes what is underneath fails here."""

import ast
import re
from pathlib import Path
from typing import Any

import aioice.ice
import ifaddr
import pytest
from aioice import Connection
from aiortc.rate import RateBucket, RateCounter

from mocast.webrtc.aiortc import installation
from mocast.webrtc.aiortc.gathering import host_addresses
from mocast.webrtc.aiortc.installation import missing_names


@pytest.fixture(autouse=True)
def installed() -> None:
    installation.install()


def test_no_private_name_is_missing_and_one_that_is_would_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing_names() == []
    names = {
        "aiortc.rtcrtpsender:RTCRtpSender": "_ssrc __sequence_number_of_another_version",
        "aioice.ice": "CONSENT_FAILURES CONSENT_OF_ANOTHER_VERSION",
        "aiortc.rtp:OfAnotherVersion": "_name",
    }
    monkeypatch.setattr(installation, "PRIVATE_NAMES", names)
    missing = missing_names()
    assert missing == [
        "aiortc.rtcrtpsender.RTCRtpSender.__sequence_number_of_another_version",
        "aioice.ice.CONSENT_OF_ANOTHER_VERSION",
        "aiortc.rtp.OfAnotherVersion._name",
    ]
    with pytest.raises(RuntimeError, match="CONSENT_OF_ANOTHER_VERSION"):
        installation.install()


def test_every_private_name_that_the_folder_uses_is_in_the_table() -> None:
    listed = {name for names in installation.PRIVATE_NAMES.values() for name in names.split()}
    used, own = private_names(Path(installation.__file__).parent)
    assert {"_rtp_router", "__jitter_buffer"} <= used, "what is looked for is found"
    assert used - own - listed == set()


def private_names(folder: Path) -> tuple[set[str], set[str]]:
    """The private attributes that a folder's code uses, as ``PRIVATE_NAMES`` writes them, and those that it defines."""
    used, own = set(), set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Attribute(value=ast.Name("self"), attr=name, ctx=ast.Store()) if name.startswith("_"):
                    own.add(name)
                case ast.Attribute(attr=name) if name.startswith("_") and not name.endswith("__"):
                    used.add(re.sub(r"^_[A-Za-z]+(?=__)", "", name))
                case ast.Call(
                    func=ast.Name("getattr" | "setattr" | "hasattr" | "patch"), args=[_, ast.Constant(str(name)), *_]
                ):
                    used |= {name} if name.startswith("_") and not name.endswith("__") else set()
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    own.add(name)
                case ast.AnnAssign(target=ast.Name(name) | ast.Attribute(attr=name)):
                    own.add(name)
    return used, own


def test_installing_twice_changes_nothing_more() -> None:
    def installed() -> tuple[object, ...]:
        return aioice.ice.get_host_addresses, aioice.ice.StunProtocol.datagram_received

    before = installed()
    installation.install()
    assert installed() == before


def test_a_machine_without_a_network_offers_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback = ifaddr.Adapter("lo", "lo", [ifaddr.IP("127.0.0.1", 8, "lo"), ifaddr.IP(("::1", 0, 0), 128, "lo")])
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [loopback])
    assert host_addresses() == ["127.0.0.1"]
    ethernet = ifaddr.Adapter("eth0", "eth0", [ifaddr.IP("192.0.2.7", 24, "eth0")])
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [loopback, ethernet])
    assert host_addresses() == ["192.0.2.7"]


async def test_a_machine_without_a_network_gathers_loopback_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback = ifaddr.Adapter("lo", "lo", [ifaddr.IP("127.0.0.1", 8, "lo")])
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [loopback])
    connection = Connection(ice_controlling=True)
    await connection.gather_candidates()
    assert [candidate.host for candidate in connection.local_candidates] == ["127.0.0.1"]
    await connection.close()


class CountedBuckets(list[RateBucket]):
    """Counts how often a bucket is looked at."""

    looks = 0

    def __getitem__(self, at: Any) -> Any:
        CountedBuckets.looks += 1
        return super().__getitem__(at)


@pytest.mark.parametrize("pause_ms", [0, 1, 500, 999, 1_000, 1_500, 2_500, 600_000, 86_400_000])
def test_a_pause_of_any_length_is_counted_as_aiortc_would_at_no_more_steps_than_buckets(pause_ms: int) -> None:
    counter: Any = RateCounter(1_000)
    counter.add(500, 10_000)
    counter.add(700, 10_400)
    counter._buckets = CountedBuckets(counter._buckets)
    CountedBuckets.looks = 0
    now = 10_400 + pause_ms
    expected = [value for at, value in ((10_000, 500), (10_400, 700)) if now - at < 1_000]
    assert counter.rate(now) == (round(8_000 * sum(expected) / min(1_000, now - 10_000 + 1)) if expected else None)
    assert CountedBuckets.looks <= 2 * 1_000
    counter.add(300, now)
    assert counter._total.value == sum(expected) + 300
    assert counter.rate(now + 999) == 8 * (300 + (700 if pause_ms == 0 else 0))
