"""A real server whose tracker hangs in native code."""

import asyncio
from pathlib import Path

from tests.long.faults.clients import ask, longest_gap_s, metric, offered, publishing
from tests.long.faults.conftest import Serve
from tests.peers import Peer
from tests.polling import until

ENGINE = """
from mocast.tracking import engines
engines.ENGINES["openvino"] = "tests.long.faults.hanging_engine:HangingEngine"
"""


async def test_hung_trackers_are_replaced_until_only_a_new_process_helps(serve: Serve, tmp_path: Path) -> None:
    flag = tmp_path / "hangs"
    settings = {"tracker_timeout_s": "2", "tracking_threads": "2", "drain_s": "0", "shutdown_timeout_s": "4"}
    server = serve(prologue=ENGINE, environment={"HANGS": str(flag)}, engine="openvino", **settings)
    async with publishing(server) as peer, publishing(server, "other") as other:
        flag.write_text("one")  # the next frame of one of them
        await peer_is_told(peer, other)
        # A busy machine may hold up one that does not hang for as long: it returns, and hangs no more.
        assert metric(server, "mocast_trackers_hung_total") >= metric(server, "mocast_trackers_hanging") >= 1
        assert await longest_gap_s(peer, 1) < 1
        assert await longest_gap_s(other, 1) < 1, "its slot was given back"
        assert ask(server, "/healthz")[0] == 200
        flag.write_text("all")
        for one in (peer, other):
            await one.until(lambda one=one: any(message.get("notice") == "closing" for message in one.control_messages))
    status, body = ask(server, "/healthz")
    assert (status, b"4 trackers hang" in body) == (503, True)
    refused = Peer()
    assert await offered(server, refused, "third") == 500
    await refused.close()
    assert metric(server, "mocast_trackers_hanging") >= 4
    began = asyncio.get_running_loop().time()
    await asyncio.to_thread(server.stop, 0)
    assert asyncio.get_running_loop().time() - began < 4 + 3 + 5, "threads that hang do not hold up the stop"


async def peer_is_told(*peers: Peer) -> None:
    """Wait until one of them hears that its tracker was started again."""

    def told() -> bool:
        return any(message.get("notice") == "tracker-restarted" for peer in peers for message in peer.control_messages)

    await until(told)
