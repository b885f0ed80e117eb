"""The composition root: builds and runs a server from its settings. Only what serves imports this."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, get_args

import cv2
import structlog
from aiohttp import web

from mocast import __version__, composition, memory
from mocast.addresses import own_names, server_url, show_links
from mocast.analysis.person_analysers import PersonAnalysers
from mocast.api.http_site import HttpSite
from mocast.api.loop_lag import LoopLag
from mocast.api.metrics import (
    build_metrics,
    connections_metrics,
    events_metrics,
    inputs_metrics,
    jobs_metrics,
    limits_metrics,
    load_metrics,
    pool_metrics,
    recordings_metrics,
    registry,
    rooms_metrics,
    strangers_metrics,
)
from mocast.api.routes.probes import probe_routes
from mocast.api.tls import Tls
from mocast.auth.setup import make_authenticator
from mocast.certificate import keep_certificate
from mocast.cluster.worker_place import WorkerPlace
from mocast.headroom import Headroom, raise_descriptor_limit
from mocast.jobs.registry import Jobs
from mocast.limiter_setup import make_limiter
from mocast.model.options import OverlayName, Quality, Returns, TrackerName
from mocast.node_setup import make_node
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.picture_driver import PictureDriver
from mocast.rendering.renderer import Renderer
from mocast.rigging.person_solvers import PersonSolvers
from mocast.rooms.camera_rate import CameraRates
from mocast.rooms.publisher import PublisherDependencies
from mocast.rooms.registry import Rooms
from mocast.settings.settings import Settings
from mocast.settings.text import split
from mocast.tracking.cores import usable_cores
from mocast.tracking.face_task import choose_face_shapes
from mocast.tracking.pool import MOST_HUNG
from mocast.warming import Warming
from mocast.web_app import WebParts, web_app
from mocast.webrtc.aiortc import installation
from mocast.webrtc.aiortc.aiortc_transport import AiortcTransport
from mocast.webrtc.aiortc.gathering import Gathering

log = structlog.get_logger(__name__)

DISK_THREADS = 2
"""Threads that find and delete recordings' files. Writing and exporting have threads of their own."""

FILE_THREADS = 32
"""Threads that read files for downloads and the page. A disk of recordings that hangs holds ``MOST_DOWNLOADS`` of
them."""


class Server:
    """One process of Mocast."""

    def __init__(self, settings: Settings, *, owns_process: bool = False, place: WorkerPlace | None = None) -> None:
        """``owns_process``: nothing else runs in the process, so process-wide settings may be changed.

        ``place``: of one of several processes that serve one port; ``settings`` are then this worker's part.
        """
        self._settings = settings
        self._place = place
        self._limiter = make_limiter(settings, place)
        self._node = make_node(settings, self._limiter, place)
        self._tag = self._node.tag if self._node else ""
        links = self._node.signature.derive("links") if self._node else None
        self._authenticator = make_authenticator(settings.auth_options, links)
        self._exercises = composition.exercises(settings)
        self._workers = ThreadPoolExecutor(4 + settings.session_limit, "mocast-worker")
        self._disk = ThreadPoolExecutor(DISK_THREADS, "mocast-disk")
        self._picture_workers = ThreadPoolExecutor(settings.image_workers, "mocast-picture")
        self._trackers = composition.tracker_pool(settings)
        self._scheduler = FrameScheduler(settings.tracking_threads or usable_cores())
        self._camera_rates = CameraRates(self._scheduler)
        self._encoders = composition.encoder_factory(settings)
        self._face_shaper = choose_face_shapes(
            self._trackers.engine_name, settings.face_shapes, settings.face_task_path, settings.cache_folder
        )
        self._refused = composition.refusal_counts()
        self._ice_servers = composition.ice_servers(settings)
        self._gathering = Gathering(settings.ice_options(self._ice_servers.credentials))
        self._lag = LoopLag()
        self._connections = composition.http_connections(settings)
        self._events = composition.event_targets(settings)
        self._tracing = composition.tracing(settings)
        self._warming = Warming(
            self._trackers, settings.precision, owns_process=owns_process, is_eager=bool(settings.warm)
        )

    @property
    def is_building(self) -> bool:
        """Whether it has stopped while a thread still built trackers."""
        return self._warming.is_building

    async def drain(self) -> None:
        """Take no new session, tell the clients, and wait until no publisher is left, for ``drain_s`` at most.

        Where other nodes go on, whoever opens a room from now on has it there, and the rest follow.
        """
        log.info("draining", sessions=len(self._rooms.sessions.publishers), seconds=self._settings.drain_s)
        self._rooms.begin_draining()
        if self._node is not None:
            await self._node.tell_draining()
        await self._rooms.drain(self._settings.drain_s)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Serve while the context lasts; yields the port."""
        cv2.setNumThreads(1)
        installation.install()
        raise_descriptor_limit()
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(FILE_THREADS, "mocast-file"))
        headroom = Headroom(self._settings.memory_share)
        trace = {"trace": self._tracing.session} if self._tracing else {}
        rooms = Rooms(
            self._publisher_dependencies(),
            self._limiter,
            headroom.require,
            on_idle=self._return_memory,
            on_opened=self._events.watch,
            placement=self._node.rooms if self._node else None,
            **trace,
        )
        self._rooms = rooms
        tls = self._tls()
        runner = web.AppRunner(
            self._web_app(rooms),
            # Taken twice: until requests end by themselves, and until they are cancelled. Sessions have the rest.
            shutdown_timeout=self._settings.shutdown_timeout_s / 4,
            handler_cancellation=True,  # a publisher that went away before its answer holds no place
        )
        try:
            await self._gathering.start()
            await runner.setup()
            await self._listen(runner, tls)
        except BaseException:
            self._gathering.close()
            try:
                await runner.cleanup()
            except Exception:  # what kept it from starting is raised, not what came of that
                log.exception("a server that has not started cannot be closed")
            raise
        # After the port is ours: nothing has to be stopped where it is not.
        self._warming.start()
        async with self._lag.measured(), tls.watched() if tls else contextlib.nullcontext():
            try:
                port = runner.addresses[0][1]
                self._say_where(port)
                yield port
            finally:
                await self._stop(rooms, runner)

    def _tls(self) -> Tls | None:
        """Return the certificate to serve with; ``None``: without TLS. Raises ``OSError`` where it cannot be used."""
        files = self._settings.tls_files
        if files is None:
            return None
        if (
            self._settings.tls_self_signed
            and self._place is None
            and keep_certificate(*files, own_names(self._settings))
        ):
            log.info("certificate made", file=str(files[0]))
        return Tls(*files)

    def _say_where(self, port: int) -> None:
        if self._place is not None and self._place.index > 0:
            log.debug("serving", worker=self._place.index)
            return
        engine, auth = self._trackers.engine_name, self._authenticator.mode
        url = server_url(self._settings, port)
        log.info("serving", url=url, version=__version__, engine=engine, auth=auth)
        show_links(self._settings, url, port, self._authenticator)

    def _return_memory(self) -> None:
        """Give back what ended sessions leave to the allocator; some milliseconds in which allocating waits."""
        with contextlib.suppress(RuntimeError):  # the server has stopped
            self._workers.submit(memory.return_free)

    async def _listen(self, runner: web.AppRunner, tls: Tls | None) -> None:
        """Answer on the port, and to the other workers. Raises ``OSError`` where the port is taken."""
        settings, place = self._settings, self._place
        context = tls.context if tls else None
        for listening in place.sockets if place else (None,):
            await HttpSite(runner, settings.host, settings.port, self._connections, context, listening).start()
        if place is not None:
            await HttpSite(runner, place.path, 0, self._connections, None, place.own_socket()).start()

    async def _stop(self, rooms: Rooms, runner: web.AppRunner) -> None:
        timeout_s = self._settings.shutdown_timeout_s
        deadline_s = asyncio.get_running_loop().time() + timeout_s
        log.info("stopping", sessions=len(rooms.sessions.publishers), viewers=len(rooms.sessions.viewers))
        try:
            async with asyncio.timeout(timeout_s / 2):
                await rooms.close()
        except TimeoutError:
            log.warning(
                "sessions did not end in time", left=len(rooms.sessions.publishers) + len(rooms.sessions.viewers)
            )
        await runner.cleanup()
        self._gathering.close()
        await self._warming.close(self._workers, deadline_s)
        for executor in (self._workers, self._picture_workers, self._encoders.executor, self._disk):
            executor.shutdown()
        log.info("stopped")

    def _publisher_dependencies(self) -> PublisherDependencies:
        return PublisherDependencies(
            trackers=self._trackers,
            rigger=partial(PersonSolvers, face_shaper=self._face_shaper),
            analyser=partial(PersonAnalysers, exercises=self._exercises),
            renderer=Renderer,
            scheduler=self._scheduler,
            camera_rates=self._camera_rates,
            workers=self._workers,
            transport=partial(
                AiortcTransport,
                codecs=split(self._settings.video_codecs),
                gathering=self._gathering,
                audio=self._settings.audio,
            ),
            encoders=self._encoders,
            decoder_threads=self._settings.decoder_threads,
            connect_timeout_s=self._settings.connect_timeout_s,
            media_timeout_s=self._settings.media_timeout_s,
            limits=composition.client_limits(self._settings),
            refused=self._refused,
            tag=self._tag,
            trace_frame=self._tracing.frame if self._tracing else None,
        )

    def _web_app(self, rooms: Rooms) -> web.Application:
        recordings = composition.recordings(self._settings, rooms, self._disk, self._tag)
        jobs = composition.jobs(self._settings, self._limiter, rooms, self._tag)
        if self._node is not None:
            self._node.serves(rooms, recordings.end_in)
        inputs = composition.inputs(self._settings, rooms)
        metrics = registry(
            partial(build_metrics, self._build),
            partial(rooms_metrics, rooms, self._lag, self._settings.metrics_rooms),
            partial(pool_metrics, self._trackers, self._encoders.faults),
            partial(load_metrics, self._scheduler, self._camera_rates),
            partial(limits_metrics, self._limiter, self._refused),
            partial(recordings_metrics, recordings),
            partial(jobs_metrics, jobs),
            partial(events_metrics, self._events),
            partial(inputs_metrics, inputs),
            partial(connections_metrics, self._connections),
            partial(strangers_metrics, lambda: self._gathering.strangers),
        )
        parts = WebParts(
            authenticator=self._authenticator,
            limiter=self._limiter,
            refused=self._refused,
            ice=self._ice_servers,
            rooms=rooms,
            recordings=recordings,
            jobs=jobs,
            outputs=composition.outputs(self._settings, rooms),
            inputs=inputs,
            sources=composition.sources(self._settings, rooms),
            events=self._events,
            exercises=self._exercises,
            require_people=self._trackers.require_people,
            pictures=PictureDriver(self._trackers, Renderer, self._picture_workers, self._scheduler, self._limiter),
            probes=probe_routes(
                metrics, self._why_unhealthy, partial(self._why_not_ready, rooms), partial(self._info, rooms, jobs)
            ),
            tracing=self._tracing,
            node=self._node,
        )
        return web_app(self._settings, parts)

    def _why_unhealthy(self) -> str | None:
        if self._trackers.hanging >= MOST_HUNG:
            return f"{MOST_HUNG} trackers hang; the server must be started again."
        return None

    def _why_not_ready(self, rooms: Rooms) -> str | None:
        """A full server is ready: else Kubernetes would send no requests to it, by which its sessions are changed."""
        return "The server is shutting down." if rooms.draining.is_set() else self._warming.why_not_ready

    def _build(self) -> Mapping[str, str]:
        return {"version": __version__, "engine": self._trackers.engine_name, "precision": self._warming.precision}

    def _info(self, rooms: Rooms, jobs: Jobs) -> Mapping[str, Any]:
        return {
            "version": __version__,
            "engine": self._trackers.engine_name,
            "face_shapes": "geometry" if self._face_shaper is None else "network",
            "trackers": get_args(TrackerName),
            "qualities": get_args(Quality),
            "overlays": get_args(OverlayName),
            "return": get_args(Returns),
            "exercises": tuple(self._exercises),
            "max_sessions": rooms.max_sessions,
            "sessions": len(rooms.sessions.publishers),
            "max_viewers": rooms.max_viewers,
            "viewers": len(rooms.sessions.viewers),
            "max_sockets": self._limiter.most("sockets"),
            "sockets": rooms.sessions.readers,
            "auth": self._authenticator.mode,
            "outputs": bool(split(self._settings.output_networks)),
            "jobs": jobs.is_on,
            "ready": self._why_not_ready(rooms) is None,
        }
