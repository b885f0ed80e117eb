"""A camera that is published to a room, over connections that are made anew."""

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar, runtime_checkable

from aiohttp import hdrs
from yarl import URL

from mocast.client.analysis_frame import AnalysisFrame
from mocast.client.landmark_frame import LandmarkFrame, PersonLandmarks
from mocast.client.reference import reference_json
from mocast.client.refusals import CameraFault, Unreachable, is_transient
from mocast.client.rig_frame import RigFrame
from mocast.client.room_event import RoomEvent
from mocast.client.room_reader import frames
from mocast.client.room_socket import log
from mocast.errors import MocastError, NotFound, Unauthorized, Unprocessable
from mocast.retry_delays import RetryDelays

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.video.stream import VideoStream

    from mocast.client.camera import CameraInput
    from mocast.client.mocast_client import MocastClient
    from mocast.webrtc.aiortc.camera_connection import CameraConnection, IceServer

CONNECT_TIMEOUT_S: Final = 15.0
"""As long as a server waits, unless its operator says otherwise."""
LAST_FRAMES_S: Final = 0.5
"""How long the server has for what was sent, after a camera's end, until its session is ended."""
CLOSE_S: Final = 2.0

ICE_LINK: Final = re.compile(
    r'<(?P<url>(?:stuns?|turns?):[^>]+)>(?:.*?username="(?P<username>.+?)"; credential="(?P<credential>.+?)")?'
)

LASTING: Final[Mapping[str, type[MocastError]]] = {"limit": Unprocessable, "expired": Unauthorized}
"""The server's notices before an end that another connection would meet, too."""

_Frame = TypeVar("_Frame", AnalysisFrame, LandmarkFrame, RigFrame, RoomEvent)


@runtime_checkable
class FrameSource(Protocol):
    """The frames of an open camera."""

    ended: asyncio.Event
    "There are no more frames."
    codec_name: str | None
    "In which its frames are encoded already; ``None``: they are pictures."

    async def next_frame(self) -> "Packet[VideoStream] | VideoFrame | None":
        """Wait for a frame that was not taken yet; ``None`` when there are no more."""

    def check(self) -> None:
        """Raise where the frames ended by a fault."""

    async def close(self) -> None:
        """Read no more."""


class Publication:
    """A camera in a room, from ``async with client.publish(...)`` to the end of the block.

    A connection that was lost is made anew, with the options that the one before had in the end, and the reference,
    gestures and calibrations that it was given; repetitions are counted from 0. What cannot be mended (a room that is
    taken, a camera that fails) is raised where the publication is used: by ``async with``, ``wait`` and the streams
    ``landmarks``, ``rigs``, ``analyses`` and ``events``.

    Where the server asks for a token, this one needs the grant ``publish``, and ``subscribe`` for the streams.
    """

    def __init__(
        self,
        client: "MocastClient",
        camera: "CameraInput | FrameSource",
        room: str,
        options: Mapping[str, object],
    ) -> None:
        self.room: Final = room
        self._client = client
        self._source = camera
        self._options: Final[Mapping[str, object]] = {**options, "return": "none"}
        self._changed: Final[dict[str, object]] = {}
        "Options that were changed since, in each connection that follows."
        self._url = client.room_url(room) / "publish"
        self._session: URL | None = None
        self._kept: Final[dict[tuple[str, int], Mapping[str, Any] | None]] = {}
        "What each connection is given: by its path below the session's, and the person. ``None``: nothing any more."
        self._started = asyncio.Event()
        "It is live, or has failed before."
        self._camera: FrameSource | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        from mocast.client.camera import Camera  # noqa: PLC0415 (loads PyAV)

        self._camera = self._source if isinstance(self._source, FrameSource) else await Camera.open(self._source)
        self._task = asyncio.create_task(self._run(self._camera), name=f"publish to {self.room}")
        self._task.add_done_callback(self._on_end)
        try:
            await self._started.wait()
            if self._task.done():
                self._task.result()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def wait(self) -> None:
        """Wait until the camera has ended, as a file does. Raises ``MocastError`` where the publication failed."""
        assert self._task is not None, "a publication begins with async with"
        await asyncio.shield(self._task)

    async def change(self, **options: object) -> None:
        """Change options of ``publish`` while the camera is live: ``await camera.change(quality="fast")``.

        Where the connection was lost, the next one has them. Raises ``NotFound`` where the publication has ended.
        """
        session: URL | None = None
        while session != self._live_session:  # another connection may have begun meanwhile, without them
            session = self._live_session
            try:
                await self._patch(session, options)
            except NotFound:
                self._require_running()
        self._changed.update(options)

    async def _patch(self, session: URL, options: Mapping[str, object]) -> None:
        async with self._client.call(hdrs.METH_PATCH, session, json=options):
            pass

    @property
    def id(self) -> str:
        """The session's id, another one after each connection that was lost: for calls of the HTTP API at it."""
        return self._live_session.name

    async def reset_analysis(self) -> None:
        """Begin ranges of motion and counts of repetitions anew."""
        async with self._client.call(hdrs.METH_POST, self._live_session / "reset"):
            pass

    async def set_reference(
        self, reference: PersonLandmarks | Sequence[LandmarkFrame] | None, *, mirrored: bool = False
    ) -> None:
        """Have the person compared with a pose, or with a motion; ``None``: with nothing.

        A motion is given by its frames, of 0.1 to 30 s. Analyses then have the ``similarity``. Raises ``ValueError``
        where no body is in it.
        """
        value = None if reference is None else reference_json(reference) | {"mirrored": mirrored}
        await self._keep("reference", value)

    async def set_gestures(self, gestures: Sequence[Mapping[str, object]]) -> None:
        """Have these gestures told apart, and no others, besides the server's own.

        Each has ``name``, ``features`` and ``radius``, and may have ``hand`` and ``oriented``: docs/analysis.md.
        """
        await self._keep("gestures", {"gestures": [*gestures]})

    async def calibrate(self, seconds: float = 2, *, t_pose: bool = False, person: int = 0) -> Mapping[str, Any]:
        """Measure the person for so long, and return what was measured, to be kept for ``set_calibration``.

        The person has to be before the camera already, and keep a neutral face. ``t_pose``: the body is measured as
        well, which stands in the T-pose. ``person``: the index, where several are tracked. Raises ``Conflict`` where
        no face is seen, or not for long enough.
        """
        wanted = {"seconds": seconds, "t_pose": t_pose, "person": person}
        url = self._live_session / "calibration"
        async with self._client.call(hdrs.METH_POST, url, json=wanted) as answer:
            measured: Mapping[str, Any] = (await answer.json())["calibration"]
        self._kept["calibration", person] = measured
        return measured

    async def set_calibration(self, calibration: Mapping[str, Any] | None, *, person: int = 0) -> None:
        """Use what ``calibrate`` measured of this person before, of any session; ``None``: nothing."""
        await self._keep("calibration", calibration, person)

    async def _keep(self, what: str, value: Mapping[str, Any] | None, person: int = 0) -> None:
        """Give a value to the session and those that follow it; ``None``: take it away."""
        before = self._kept.get((what, person))
        self._kept[what, person] = value
        try:
            await self._give(what, person)
        except NotFound:
            self._require_running()  # the connection was lost: the next one is given it
        except BaseException:
            if self._kept[what, person] is value:  # and not a later one
                self._kept[what, person] = before
            raise

    async def _give(self, what: str, person: int) -> None:
        value = self._kept[what, person]
        method, body = (hdrs.METH_DELETE, {}) if value is None else (hdrs.METH_PUT, {"json": value})
        query = {"person": person} if person else {}
        async with self._client.call(method, self._live_session / what, query, **body):
            pass

    def _require_running(self) -> None:
        """Raise ``NotFound`` where there will be no other connection."""
        if self._task is None or self._task.done():
            raise NotFound(f"The publication to the room {self.room} has ended.") from None

    @property
    def _live_session(self) -> URL:
        assert self._session is not None, "a publication begins with async with"
        return self._session

    def landmarks(self, *, people: int = 1) -> AsyncIterator[LandmarkFrame]:
        """Return the room's landmarks, as ``MocastClient.landmarks`` does, until the camera has ended."""
        return self._frames("landmarks", LandmarkFrame, people)

    def rigs(self, *, people: int = 1) -> AsyncIterator[RigFrame]:
        """Return the room's rigs, as ``MocastClient.rigs`` does, until the camera has ended."""
        return self._frames("rig", RigFrame, people)

    def analyses(self, *, people: int = 1) -> AsyncIterator[AnalysisFrame]:
        """Return the room's analyses, as ``MocastClient.analyses`` does, until the camera has ended."""
        return self._frames("analysis", AnalysisFrame, people)

    def events(self) -> AsyncIterator[RoomEvent]:
        """Return what happens in the room, as ``MocastClient.events`` does, until the camera has ended."""
        return self._frames("events", RoomEvent)

    async def _frames(self, stream: str, kind: type[_Frame], people: int = 1) -> AsyncIterator[_Frame]:
        assert self._task is not None, "a publication begins with async with"
        reader = self._client.reader(self.room, stream, people=people)

        def close(task: "asyncio.Task[None]") -> None:
            error = None if task.cancelled() else task.exception()
            reader.close(error)

        self._task.add_done_callback(close)
        try:
            async for frame in frames(reader, kind):
                yield frame
        finally:
            self._task.remove_done_callback(close)

    def _on_end(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None and self._started.is_set():
            log.error("%s The publication to the room %s has ended.", error, self.room)  # it may be that nobody waits
        self._started.set()

    async def _run(self, camera: FrameSource) -> None:
        """Publish until the camera has ended. Raises ``MocastError`` where another connection would be in vain."""
        delays = RetryDelays()
        try:
            while not camera.ended.is_set():
                try:
                    await self._publish(camera, delays)
                except MocastError as error:
                    if not is_transient(error):
                        raise
                    self._client.on_connection(error)
                    await asyncio.sleep(delays.next_s(error.retry_after_s or 0))
            camera.check()
        finally:
            await self._end_session()

    async def _publish(self, camera: FrameSource, delays: RetryDelays) -> None:
        """Publish over one connection. Raises ``MocastError`` where it ends before the camera does."""
        from mocast.webrtc.aiortc.camera_connection import CameraConnection  # noqa: PLC0415 (loads aiortc)

        connection = CameraConnection(camera.next_frame, await self._ice_servers(), camera.codec_name)
        try:
            await self._connect(connection)
            for what, person in [key for key, value in self._kept.items() if value is not None]:
                with suppress(NotFound):  # it has ended again: the connection tells
                    await self._give(what, person)
            delays.reset()
            self._started.set()
            await _first(connection.wait_ended(), camera.ended.wait())
            _check(connection)
            if not camera.ended.is_set():
                raise _loss(connection.notices)
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_FRAMES_S):
                    await connection.wait_ended()
        finally:
            await connection.close()

    async def _ice_servers(self) -> "list[IceServer]":
        from mocast.webrtc.aiortc.camera_connection import IceServer  # noqa: PLC0415 (loads aiortc)

        async with self._client.call(hdrs.METH_OPTIONS, self._url) as answer:
            links = map(ICE_LINK.match, answer.headers.getall(hdrs.LINK, ()))
            return [IceServer(**link.groupdict()) for link in links if link is not None]

    async def _connect(self, connection: "CameraConnection") -> None:
        """Make a session, in place of the one before. Raises ``MocastError``."""
        changed = dict(self._changed)
        options = {**self._options, **changed, **({"replace": self._session.name} if self._session is not None else {})}
        body: dict[str, Any] = {"data": await connection.offer(), "headers": {hdrs.CONTENT_TYPE: "application/sdp"}}
        async with self._client.call(hdrs.METH_POST, self._url, options, **body) as answer:
            self._session = self._url.join(URL(answer.headers[hdrs.LOCATION]))
            await connection.accept(await answer.text())
        if self._changed != changed:  # meanwhile, in the session before
            with suppress(NotFound):  # it has ended again: the connection tells
                await self._patch(self._session, self._changed)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                is_connected = await connection.wait_connected()
        except TimeoutError:
            is_connected = False
        _check(connection)
        if not is_connected:
            raise Unreachable("The server answers, but no connection for the video comes about.")

    async def _end_session(self) -> None:
        if self._session is not None:
            with suppress(MocastError, TimeoutError):  # it may have ended by itself
                async with asyncio.timeout(CLOSE_S), self._client.call(hdrs.METH_DELETE, self._session):
                    pass

    async def _close(self) -> None:
        assert self._task is not None
        assert self._camera is not None
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._camera.close()


def _check(connection: "CameraConnection") -> None:
    """Raise ``CameraFault`` where no frame can be sent any more."""
    if (fault := connection.fault) is not None:
        raise CameraFault(f"The camera failed: {str(fault) or type(fault).__name__}.") from fault


def _loss(notices: Mapping[str, str]) -> MocastError:
    """Return the error that a connection's end is, from what the server told before."""
    for notice, kind in LASTING.items():
        if notice in notices:
            return kind(f"The server ended the publication: {notices[notice].rstrip('.')}.")
    return Unreachable(f"The connection was lost: {notices.get('closing', 'it ended without a word').rstrip('.')}.")


async def _first(*ends: Coroutine[Any, Any, object]) -> None:
    """Wait until one of them is done, and cancel the others."""
    tasks = [asyncio.create_task(end) for end in ends]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
