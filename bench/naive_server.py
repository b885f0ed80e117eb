"""The rival: the server that everybody writes first, ``python -m bench.naive_server --port N``.

aiortc as it comes, and MediaPipe in ``recv``. Frames that come while one is tracked wait in aiortc's queue,
which has no bound. It tracks in a thread, the kinder of the two usual ways: the connection stays alive meanwhile.
"""

import argparse
import asyncio

import mediapipe as mp
from aiohttp import web
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av import VideoFrame

solutions, drawing = mp.solutions, mp.solutions.drawing_utils
holistic = solutions.holistic

TRACKERS = {
    "holistic": holistic.Holistic,
    "pose": solutions.pose.Pose,
    "hands": solutions.hands.Hands,
    "face": lambda: solutions.face_mesh.FaceMesh(refine_landmarks=True),
}


class AnnotatedTrack(MediaStreamTrack):
    """Takes the next frame of the queue, tracks it, draws on it."""

    kind = "video"

    def __init__(self, camera: MediaStreamTrack, tracker: str) -> None:
        super().__init__()
        self._camera = camera
        self._tracker = TRACKERS[tracker]()

    async def recv(self) -> VideoFrame:
        frame = await self._camera.recv()
        assert isinstance(frame, VideoFrame)
        return await asyncio.to_thread(self._annotated, frame)

    def _annotated(self, frame: VideoFrame) -> VideoFrame:
        picture = frame.to_ndarray(format="rgb24")
        found = self._tracker.process(picture)
        faces, hands = getattr(found, "multi_face_landmarks", None), getattr(found, "multi_hand_landmarks", None)
        drawing.draw_landmarks(picture, getattr(found, "pose_landmarks", None), holistic.POSE_CONNECTIONS)
        for face in faces or [getattr(found, "face_landmarks", None)]:
            drawing.draw_landmarks(picture, face, holistic.FACEMESH_TESSELATION, None)
        for hand in hands or [getattr(found, f"{side}_hand_landmarks", None) for side in ("left", "right")]:
            drawing.draw_landmarks(picture, hand, holistic.HAND_CONNECTIONS)
        annotated = VideoFrame.from_ndarray(picture, format="rgb24")
        annotated.pts, annotated.time_base = frame.pts, frame.time_base
        return annotated


async def publish(request: web.Request) -> web.Response:
    """Answer an offer in the way of Mocast's own call, so that one client measures both."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    request.app[PEERS].add(peer)
    peer.on("track", lambda track: peer.addTrack(AnnotatedTrack(track, request.app[TRACKER])))
    await peer.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
    await peer.setLocalDescription(await peer.createAnswer())
    return web.Response(status=201, text=peer.localDescription.sdp, content_type="application/sdp")


async def ready(_: web.Request) -> web.Response:
    return web.Response()


PEERS = web.AppKey("peers", set[RTCPeerConnection])
TRACKER = web.AppKey("tracker", str)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tracker", choices=TRACKERS, default="holistic")
    arguments = parser.parse_args()
    app = web.Application()
    app[PEERS] = set()
    app[TRACKER] = arguments.tracker
    app.add_routes([web.get("/readyz", ready), web.post("/v1/rooms/{room}/publish", publish)])
    web.run_app(app, host="127.0.0.1", port=arguments.port, print=None)


if __name__ == "__main__":
    main()
