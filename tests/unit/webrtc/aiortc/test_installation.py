"""What is changed in aiortc and aioice for the whole process; a version that changes what is underneath fails here."""

import ast
import asyncio
import re
from pathlib import Path
from typing import Any

import aioice.ice
import ifaddr
import pytest
from aioice import Candidate, Connection, stun
from aiortc.rate import RateBucket, RateCounter

from mocast.webrtc.aiortc import installation
from mocast.webrtc.aiortc.installation import CONSENT_FAILURES, CONSENT_INTERVAL_S, missing_names


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
                case ast.Call(func=ast.Name("getattr" | "setattr" | "hasattr"), args=[_, ast.Constant(str(name)), *_]):
                    used |= {name} if name.startswith("_") and not name.endswith("__") else set()
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    own.add(name)
                case ast.AnnAssign(target=ast.Name(name) | ast.Attribute(attr=name)):
                    own.add(name)
    return used, own


def test_installing_twice_changes_nothing_more() -> None:
    def installed() -> tuple[object, ...]:
        return aioice.ice.get_host_addresses, aioice.ice.StunProtocol.request, Connection.query_consent

    before = installed()
    installation.install()
    assert installed() == before


def test_a_machine_without_a_network_offers_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback = ifaddr.Adapter("lo", "lo", [ifaddr.IP("127.0.0.1", 8, "lo"), ifaddr.IP(("::1", 0, 0), 128, "lo")])
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [loopback])
    assert installation.host_addresses() == ["127.0.0.1"]
    ethernet = ifaddr.Adapter("eth0", "eth0", [ifaddr.IP("192.0.2.7", 24, "eth0")])
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [loopback, ethernet])
    assert installation.host_addresses() == ["192.0.2.7"]


async def test_a_machine_without_a_network_gathers_loopback_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    loopback = ifaddr.Adapter("lo", "lo", [ifaddr.IP("127.0.0.1", 8, "lo")])
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [loopback])
    connection = Connection(ice_controlling=True)
    await connection.gather_candidates()
    assert [candidate.host for candidate in connection.local_candidates] == ["127.0.0.1"]
    await connection.close()


async def connected() -> tuple[Connection, Connection]:
    one, other = Connection(ice_controlling=True), Connection(ice_controlling=False)
    for connection, remote in ((one, other), (other, one)):
        await remote.gather_candidates()
        for candidate in remote.local_candidates:
            await connection.add_remote_candidate(Candidate.from_sdp(candidate.to_sdp()))
        await connection.add_remote_candidate(None)
        connection.remote_username, connection.remote_password = remote.local_username, remote.local_password
    await asyncio.gather(one.connect(), other.connect())
    return one, other


async def test_consent_is_checked_so_often_that_a_silent_peer_is_dropped_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, other = await connected()
    assert one._query_consent_task is not None
    one._query_consent_task.cancel()
    waited, sends = [], 0

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    class Unanswered(stun.Transaction):
        async def run(self) -> Any:
            nonlocal sends
            tries = self._Transaction__tries_max  # type: ignore[attr-defined]
            sends += tries
            waited.append(sum(stun.RETRY_RTO * 2**n for n in range(tries)))
            raise stun.TransactionTimeout

    monkeypatch.setattr(aioice.ice.random, "random", lambda: 1.0)
    monkeypatch.setattr(aioice.ice.stun, "Transaction", Unanswered)
    real_sleep = asyncio.sleep
    monkeypatch.setattr(aioice.ice.asyncio, "sleep", sleep)
    await one.query_consent()
    monkeypatch.setattr(aioice.ice.asyncio, "sleep", real_sleep)
    assert one._closed
    assert sum(waited) == pytest.approx(CONSENT_FAILURES * (1.2 * CONSENT_INTERVAL_S + 1.5))
    assert sum(waited) < 9
    assert sends == 2 * CONSENT_FAILURES, "each check is resent once"
    await other.close()


async def test_a_connection_closed_while_it_connects_starts_no_consent_checks() -> None:
    one, other = await connected()
    await one.close()
    await other.close()
    await asyncio.wait_for(one.query_consent(), 60)


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
