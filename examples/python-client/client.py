"""Sends a video file or a camera to Mocast and prints where the left wrist is."""

import asyncio
import json
import os
import sys

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaPlayer
from yarl import URL

LEFT_WRIST = 15


async def send(player: MediaPlayer, server: str) -> None:
    """Publish the player's video until it ends."""
    ended = asyncio.Event()
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver(player.video, direction="sendonly").sender.track.on("ended", ended.set)
    peer.on("connectionstatechange", lambda: peer.connectionState in ("failed", "closed") and ended.set())
    protocol = "mocast.landmarks.v1+json"
    peer.createDataChannel("landmarks", ordered=False, maxRetransmits=0, protocol=protocol).on("message", show)
    await peer.setLocalDescription(await peer.createOffer())
    token = os.environ.get("MOCAST_TOKEN")  # where the server asks for one
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(server, headers=bearer, raise_for_status=True) as http:
        # return=none: no picture comes back, so the server encodes none.
        url, headers = "/v1/rooms/python/publish?tracker=pose&return=none", {"Content-Type": "application/sdp"}
        async with http.post(url, data=peer.localDescription.sdp, headers=headers) as answer:
            session = answer.url.join(URL(answer.headers["Location"])).path
            await peer.setRemoteDescription(RTCSessionDescription(await answer.text(), "answer"))
        await ended.wait()
        await http.delete(session)
    await peer.close()


def show(message: str) -> None:
    """Print one frame's wrist."""
    frame = json.loads(message)
    if frame["pose"]:
        x, y, _ = frame["pose"]["image"][LEFT_WRIST]
        print(f"frame {frame['frame']}: left wrist at {x:.3f}, {y:.3f}", flush=True)


if __name__ == "__main__":
    source, server = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "http://localhost:8080"
    asyncio.run(send(MediaPlayer(source, format="v4l2" if source.startswith("/dev/") else None), server))
