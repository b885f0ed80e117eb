"""What sound costs: ``python -m bench.sound [--clip FILE] [--seconds 10] [--rounds 3] [--viewers 4]``.

A publisher and viewers who take its picture, with and without sound (Opus, 50 packets a second) in turns, on a server
whose tracker replays recorded landmarks; each figure is the median of its rounds.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from fractions import Fraction
from pathlib import Path
from statistics import median

import aiohttp
import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.peers import Camera, bearer, connected
from bench.replay import RECORDING, record
from bench.report import Figure, parser, save, table

SETTLE_S = 3.0
PICTURES = 90
PACKET_S = 0.02
PACKET_BYTES = 80
"""32 kbit/s, as browsers send speech."""
OPUS_TICKS_PER_S = 48_000


class Microphone(MediaStreamTrack):
    """Sends packets that need no encoding."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._began_at_s = time.monotonic()
        self._sent = 0

    async def recv(self) -> av.Packet:
        """Return the next packet when its time has come."""
        await asyncio.sleep(max(0.0, self._began_at_s + self._sent * PACKET_S - time.monotonic()))
        packet = av.Packet(os.urandom(PACKET_BYTES))
        packet.pts = round(self._sent * PACKET_S * OPUS_TICKS_PER_S)
        packet.time_base = Fraction(1, OPUS_TICKS_PER_S)
        self._sent += 1
        return packet


def main() -> None:
    arguments = _parser().parse_args()
    processes.pin_client()
    pictures = yuv_pictures(arguments.clip, PICTURES)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[RECORDING] = str(Path(folder) / "landmarks.pickle")
        record(Path(os.environ[RECORDING]), arguments.clip, len(pictures))
        cases = [(sound, viewers) for viewers in (0, arguments.viewers) for sound in (False, True)]
        rounds = [{case: measured(arguments, pictures, *case) for case in cases} for _ in range(arguments.rounds)]
    middle = {case: median(one[case] for one in rounds) for case in cases}
    alone = middle[True, 0] - middle[False, 0]
    watched = middle[True, arguments.viewers] - middle[False, arguments.viewers]
    figures = [
        Figure("sound that nobody hears, processor time", alone, "ms/s"),
        Figure(f"sound with {arguments.viewers} viewers, processor time", watched, "ms/s"),
    ]
    head = ["processor time, ms a second", "without sound", "with sound", "sound"]
    rows = [
        [f"{viewers} viewers", *(f"{middle[sound, viewers]:.1f}" for sound in (False, True)), f"{extra:.1f}"]
        for viewers, extra in ((0, alone), (arguments.viewers, watched))
    ]
    data = [{f"{viewers} viewers, sound {sound}": ms for (sound, viewers), ms in one.items()} for one in rounds]
    save(arguments.out, "sound", figures, table(head, rows), data)


def measured(arguments: argparse.Namespace, pictures: list[YuvPicture], sound: bool, viewers: int) -> float:
    """Return the processor milliseconds that a server of its own takes in a second."""
    with processes.server(["-m", "bench.server", "replay"], arguments.out / "sound.log") as server:
        return asyncio.run(_run(server, pictures, arguments.seconds, sound, viewers))


async def _run(
    server: processes.Served, pictures: list[YuvPicture], seconds: float, sound: bool, viewers: int
) -> float:
    camera = Camera(pictures, seconds=seconds + 4 * SETTLE_S)
    microphone = Microphone() if sound else None
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(connected(server.url, camera, microphone=microphone))
        for _ in range(viewers):
            await stack.enter_async_context(_viewer(server.url))
        await asyncio.sleep(SETTLE_S)
        before_s, began_at_s = server.cpu_s(), time.monotonic()
        await asyncio.sleep(seconds)
        return 1e3 * (server.cpu_s() - before_s) / (time.monotonic() - began_at_s)


@asynccontextmanager
async def _viewer(url: str) -> AsyncIterator[None]:
    """Watch and listen while the context lasts, and decode nothing."""
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for kind in ("video", "audio"):
        pc.addTransceiver(kind, "recvonly")
    pc.createDataChannel("control")
    await pc.setLocalDescription(await pc.createOffer())
    headers = {"Content-Type": "application/sdp", **bearer()}
    async with (
        aiohttp.ClientSession(headers=headers, raise_for_status=True) as http,
        http.post(f"{url}/v1/rooms/bench/subscribe", data=pc.localDescription.sdp) as answer,
    ):
        await pc.setRemoteDescription(RTCSessionDescription(await answer.text(), "answer"))
    for receiver in pc.getReceivers():
        receiver._enabled = False
    try:
        yield
    finally:
        await pc.close()


def _parser() -> argparse.ArgumentParser:
    made = parser(__doc__, seconds=10)
    made.add_argument("--rounds", type=int, default=3, help="of all cases (default: %(default)s)")
    made.add_argument("--viewers", type=int, default=4, help="who take the picture (default: %(default)s)")
    return made


if __name__ == "__main__":
    main()
