"""Ten thousand requests to a real server, beside two live sessions; prints what docs/reliability/http.md holds."""

import asyncio
import os
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mocast.auth.signed_tokens import SignedTokens, derived_key
from mocast.model.principal import GRANTS, Principal
from tests.e2e.server import Server
from tests.fuzzing.http_campaign import merged, run_campaign
from tests.peers import Peer

CASES = int(os.environ.get("FUZZ_CASES", "10000"))
QUARTERS = 4
SLACK = 4
"""Threads and files that come and go."""
MOST_GROWN = 1.03
"""From the second quarter's end to the last one's: by then everything has been used, so what grows is a leak."""

SECRET = "a-secret-of-sixteen-characters-and-more"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(
        tmp_path / "log",
        warm="holistic,pose,hands,face",
        output_networks="198.51.100.0/24",
        max_sessions="8",
        log_format="json",
    )
    server.start()
    yield server
    server.stop()


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0])


def held(pid: int) -> tuple[int, int]:
    """Its threads and its open files."""
    return len(list(Path(f"/proc/{pid}/task").iterdir())), len(list(Path(f"/proc/{pid}/fd").iterdir()))


def metric(server: Server, name: str) -> float:
    with urllib.request.urlopen(f"{server.url}/metrics") as answer:
        return float(re.findall(rf"^{name} (\S+)$", answer.read().decode(), re.MULTILINE)[0])


async def publish(server: Server, room: str) -> tuple[Peer, str]:
    """A live session, and its id."""
    peer = Peer()
    body = (await peer.offer()).encode()
    url = f"{server.url}/v1/rooms/{room}/publish?tracker=pose"
    request = urllib.request.Request(url, body, {"Content-Type": "application/sdp"})

    def post() -> tuple[str, str]:
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode(), answer.headers["Location"]

    answer, location = await asyncio.to_thread(post)
    await peer.accept(answer)
    await peer.until(lambda: len(peer.frames) > 5)
    return peer, location.rpartition("/")[2]


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # aiortc's tasks do, meanwhile
@pytest.mark.timeout(7200)
async def test_no_request_ends_slows_or_grows_the_server(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    bystander, _ = await publish(server, "bystander")
    target, session = await publish(server, "target")
    began, lags, campaigns, sizes = time.monotonic(), [0.0], [], [resident_kib(server.pid)]
    helds = []

    async def lag() -> None:
        while True:
            lags.append(await asyncio.to_thread(metric, server, "mocast_loop_lag_seconds"))
            await asyncio.sleep(5)

    lagging = asyncio.create_task(lag())
    for quarter in range(QUARTERS):
        first = 1000 * quarter
        campaigns.append(await asyncio.to_thread(run_campaign, server.url, session, CASES // QUARTERS, first=first))
        sizes.append(resident_kib(server.pid))
        helds.append(held(server.pid))
    took_s = time.monotonic() - began
    lagging.cancel()
    await asyncio.sleep(5)
    helds.append(held(server.pid))
    frames, campaign = len(bystander.frames), merged(campaigns)
    with capsys.disabled():
        print(f"\n{campaign.rows()}\n")
        print(f"{campaign.cases} cases in {took_s:.0f} s; slowest {campaign.slowest_s:.2f} s ({campaign.slowest})")
        print(f"by quarters: memory {sizes} KiB; threads and files {helds}")
        print(f"the loop's lag was {1e3 * max(lags):.0f} ms at most; {campaign.cases / took_s:.0f} requests/s")
        print(*campaign.faults[:20], sep="\n")
    assert campaign.faults == []
    assert campaign.cases >= CASES
    assert sizes[-1] <= MOST_GROWN * sizes[2]
    assert helds[-1][0] <= helds[1][0] + SLACK
    assert helds[-1][1] <= helds[1][1] + SLACK
    assert "request_failed" not in server.log.read_text()
    await bystander.until(lambda: len(bystander.frames) > frames + 5)
    await target.close()
    await bystander.close()


def test_no_forged_token_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    valid = SignedTokens(derived_key(SECRET)).sign(Principal("x", GRANTS, ("*",), time.time() + 3600))
    server = Server(tmp_path / "log", warm="pose", auth="token", token=SECRET)
    server.start()
    headers = {"Authorization": f"Bearer {valid}"}
    with urllib.request.urlopen(urllib.request.Request(f"{server.url}/v1/rooms", headers=headers)) as answer:
        assert answer.status == 200
    campaign = run_campaign(server.url, "x", CASES, only="tokens", token=valid)
    server.stop()
    with capsys.disabled():
        print(f"\n{campaign.rows()}")
    assert campaign.faults == []
    assert campaign.statuses["tokens"].keys() == {401}
