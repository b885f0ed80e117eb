"""The client: a server's rooms, pictures and recordings, over HTTP and WebSockets."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote

import aiohttp
from aiohttp import hdrs
from yarl import URL

from mocast.client.analysis_frame import AnalysisFrame
from mocast.client.landmark_frame import LandmarkFrame, PersonLandmarks
from mocast.client.publication import FrameSource, Publication
from mocast.client.refusals import raise_refusal, refuse_redirect, translated
from mocast.client.rig_frame import RigFrame
from mocast.client.room_event import MOST_WAITING, RoomEvent
from mocast.client.room_feeder import RoomFeeder
from mocast.client.room_reader import RoomReader, frames
from mocast.client.room_recording import RoomRecording
from mocast.client.room_socket import OnConnection, log_retry
from mocast.client.video_job import VideoJob
from mocast.errors import RequestError

if TYPE_CHECKING:
    from mocast.client.camera import CameraInput

CONNECT_TIMEOUT_S: Final = 10.0
SILENCE_TIMEOUT_S: Final = 60.0
"""A call whose answer does not go on for this long has failed; a picture may wait for 50 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomState:
    """A room as the server tells it."""

    room: str
    "Its name."
    publisher: Mapping[str, str] | None
    "``state`` and ``since`` of whoever sends a camera; ``None``: nobody does."
    source: Mapping[str, str] | None
    "``state`` and ``reason`` of the camera that the server opens for the room; ``None``: clients publish."
    viewers: int
    readers: int
    "WebSockets."
    outputs: int
    recording: bool
    statistics: Mapping[str, Any] | None
    "The publisher's: ``fps_tracked``, ``delay_ms`` and others."


class MocastClient:
    """A client of one server: ``async with MocastClient("https://mocast.example") as client``.

    Errors are ``MocastError``: of a class for each status (``Forbidden``, ``NotFound``, ``Unavailable``, ...), with the
    server's sentence, ``status``, ``errors`` of single options and ``retry_after_s``; ``Unreachable`` where no server
    answers. Streams and publications try again by themselves wherever that may help.
    """

    def __init__(
        self,
        server: str | URL = "http://localhost:8080",
        *,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
        on_connection: OnConnection = log_retry,
    ) -> None:
        """``server``: its address, with the path prefix of a proxy, and the name and password that a proxy asks for.

        ``token``: where the server asks for one; that of the variable ``MOCAST_TOKEN``, if none is given. ``tls``: for
        a certificate that this machine does not trust. ``on_connection``: called with each error before another
        attempt, and with ``None`` when a stream is connected; by default errors are logged as ``mocast.client``. Raises
        ``ValueError`` where the address is none.
        """
        self.url: Final = URL(server).with_query(None).with_fragment(None)
        if self.url.scheme not in ("http", "https"):
            raise ValueError(f"{server}: a server's address begins with http:// or https://")
        self.on_connection: Final = on_connection
        self._token = os.environ.get("MOCAST_TOKEN", "") if token is None else token
        self._tls = tls
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        redirects = aiohttp.TraceConfig()
        redirects.on_request_redirect.append(refuse_redirect)
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=self._tls or True),
            raise_for_status=raise_refusal,
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT_S, sock_read=SILENCE_TIMEOUT_S),
            trace_configs=[redirects],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._http is not None
        await self._http.close()

    def landmarks(self, room: str, *, people: int = 1) -> AsyncIterator[LandmarkFrame]:
        """Return a room's landmarks: ``async for frame in client.landmarks("studio")``.

        Each is the newest: whoever takes longer than a frame loses those between. It goes on over restarts of the
        server and without a publisher. ``people``: of how many, where the room's publisher has several tracked; each
        frame is one person's. Raises ``MocastError`` where another attempt would be in vain.
        """
        return frames(self.reader(room, "landmarks", people=people), LandmarkFrame)

    def rigs(self, room: str, *, mirror: bool = False, people: int = 1) -> AsyncIterator[RigFrame]:
        """Return a room's rigs, as ``landmarks`` does. ``mirror``: those of a mirror image."""
        return frames(self.reader(room, "rig", mirror=mirror, people=people), RigFrame)

    def analyses(self, room: str, *, people: int = 1) -> AsyncIterator[AnalysisFrame]:
        """Return a room's analyses, as ``landmarks`` does: angles, repetitions, gestures and others.

        The exercises that are counted are an option of whoever publishes.
        """
        return frames(self.reader(room, "analysis", people=people), AnalysisFrame)

    def events(self, room: str) -> AsyncIterator[RoomEvent]:
        """Return what happens in a room: ``async for event in client.events("studio")``.

        Each counts: they come in order, and 256 wait for a program that is busy. Otherwise as ``landmarks``.
        """
        return frames(self.reader(room, "events"), RoomEvent)

    def publish(self, camera: "CameraInput | FrameSource", room: str, **options: object) -> Publication:
        """Return a publication: ``async with client.publish("/dev/video0", "studio", tracker="pose") as camera``.

        ``camera``: a device, a file, an address (``rtsp://...``) or ``screen``, with options as in the setting
        ``sources`` (``/dev/video0#size=1280x720&fps=60``), what ``av.open`` returned, or an iterator of pictures, also
        an asynchronous one: (height, width, 3) uint8, RGB. Of pictures that come faster than they are sent the newest
        counts. ``options``: ``tracker``, ``quality``, ``privacy`` and others of
        ``POST /v1/rooms/{room}/publish``.
        """
        return Publication(self, camera, room, options)

    async def image(self, picture: str | Path | bytes, **options: object) -> PersonLandmarks:
        """Return what is found in a picture: a file's path, or its bytes (JPEG, PNG, BMP, WebP).

        ``options``: ``tracker``, ``quality`` and others of ``POST /v1/images``.
        """
        return PersonLandmarks.of_picture(await self._image(picture, "application/json", options))

    async def people(self, picture: str | Path | bytes, people: int = 4, **options: object) -> list[PersonLandmarks]:
        """Return what is found of up to so many people in a picture, as ``image`` does of one."""
        body = await self._image(picture, "application/json", {**options, "people": people})
        return PersonLandmarks.everybody(body)

    async def draw(self, picture: str | Path | bytes, **options: object) -> bytes:
        """Return a picture with what is found in it drawn on, as a JPEG: ``overlay``, ``privacy`` and others."""
        return await self._image(picture, "image/jpeg", options)

    async def rooms(self) -> list[RoomState]:
        """Return the rooms that somebody is in, of those that the token is for."""
        return [_room(state) for state in (await self.get_json(self.url / "v1/rooms"))["rooms"]]

    async def room(self, name: str) -> RoomState:
        """Return a room's state. Raises ``NotFound`` where nobody is in it."""
        return _room(await self.get_json(self.room_url(name)))

    async def info(self) -> Mapping[str, Any]:
        """Return what the server offers: its version, trackers, limits."""
        return await self.get_json(self.url / "v1/info")

    async def record(self, room: str, streams: Sequence[str] = ("landmarks", "rig")) -> RoomRecording:
        """Begin to record a room, on the server, and return the recording."""
        url = self.room_url(room) / "recordings"
        async with self.call(hdrs.METH_POST, url, {"record": streams}) as answer:
            return RoomRecording(self, url.join(URL(answer.headers[hdrs.LOCATION])))

    def recording(self, id: str) -> RoomRecording:
        """Return the recording of an id, which need not exist."""
        return RoomRecording(self, self.url / "v1/recordings" / id)

    async def process(self, video: str | Path, **options: object) -> VideoJob:
        """Send a video's file to the server, and return the job that processes it.

        ``options``: ``tracker``, ``formats`` and others of ``POST /v1/jobs``. It is one request, which fails with the
        connection: over a bad line a client of tus goes on where it was (docs/jobs.md), and ``job`` takes its id.
        """
        path = Path(video)
        file = await asyncio.to_thread(path.open, "rb")
        try:
            headers = {hdrs.CONTENT_TYPE: "application/octet-stream"}
            url = self.url / "v1/jobs"
            async with self.call(
                hdrs.METH_POST, url, {"name": path.name, **options}, data=file, headers=headers
            ) as answer:
                return VideoJob(self, url.join(URL(answer.headers[hdrs.LOCATION])))
        finally:
            await asyncio.to_thread(file.close)

    async def jobs(self) -> list[VideoJob]:
        """Return the jobs that the token is for, the newest first."""
        url = self.url / "v1/jobs"
        return [VideoJob(self, url / job["id"]) for job in (await self.get_json(url))["jobs"]]

    def job(self, id: str) -> VideoJob:
        """Return the job of an id, which need not exist."""
        return VideoJob(self, self.url / "v1/jobs" / id)

    def room_url(self, room: str) -> URL:
        """Return the address of a room."""
        return (self.url / "v1/rooms").joinpath(quote(room, safe=""), encoded=True)

    def reader(
        self, room: str, stream: str, *, mirror: bool = False, most: int | None = None, people: int = 1
    ) -> RoomReader:
        """Return what reads a room's texts of a stream, such as ``rig``, as they come.

        ``most``: how many may wait, else one of each person, or ``MOST_WAITING`` events; ``people``: of how many people
        they are, at most.
        """
        most = most or (MOST_WAITING if stream == "events" else people)
        url = self.room_url(room) / "landmarks"
        wanted = ({"mirror": True} if mirror else {}) | ({"people": people} if people > 1 else {})
        query = _query({"send": stream, **wanted})
        url = url.with_scheme({"http": "ws", "https": "wss"}[url.scheme]).with_query(query)
        return RoomReader(self._session, url, self._token, self.on_connection, most)

    def feeder(self, room: str, source: str) -> RoomFeeder:
        """Return what sends a room's mixer the poses of a source: ``vmc``, ``phone`` or ``microphone``."""
        url = (self.room_url(room) / "input").with_query(source=source)
        url = url.with_scheme({"http": "ws", "https": "wss"}[url.scheme])
        return RoomFeeder(self._session, url, self._token, self.on_connection)

    async def get_json(self, url: URL) -> Mapping[str, Any]:
        """Return the JSON object at an address. Raises ``MocastError``."""
        async with self.call(hdrs.METH_GET, url) as answer:
            with translated():
                found: Mapping[str, Any] = await answer.json()
        return found

    @asynccontextmanager
    async def call(
        self, method: str, url: URL, options: Mapping[str, object] | None = None, **request: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Make one call and give its answer. ``options``: its query. Raises ``MocastError``."""
        query, headers = _query(options or {}), dict(request.pop("headers", {}))
        if self._token and url.user is None:
            headers[hdrs.AUTHORIZATION] = f"Bearer {self._token}"
        elif self._token:  # the header is for the proxy's name and password
            query["access_token"] = self._token
        with translated():
            answer = await self._session.request(method, url, params=query, headers=headers, **request)
        async with answer:
            yield answer

    async def _image(self, picture: str | Path | bytes, accept: str, options: Mapping[str, object]) -> bytes:
        body = picture if isinstance(picture, bytes) else await asyncio.to_thread(Path(picture).read_bytes)
        headers = {hdrs.CONTENT_TYPE: "application/octet-stream", hdrs.ACCEPT: accept}
        async with self.call(hdrs.METH_POST, self.url / "v1/images", options, data=body, headers=headers) as answer:
            with translated():
                return await answer.read()

    @property
    def _session(self) -> aiohttp.ClientSession:
        assert self._http is not None, "a client begins with async with"
        if self._http.closed:
            raise RequestError("The client is closed.")
        return self._http


def _room(state: Mapping[str, Any]) -> RoomState:
    return RoomState(**{name: state[name] for name in RoomState.__dataclass_fields__})


def _query(options: Mapping[str, object]) -> dict[str, str]:
    """Return options as a query has them: ``true``, and lists with commas."""
    return {name.rstrip("_"): _text(value) for name, value in options.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str) or not isinstance(value, Sequence) else ",".join(map(str, value))
