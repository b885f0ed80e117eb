"""The composition root: builds and runs a server from its settings. Only the command line imports this."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

import cv2
import structlog
from aiohttp import web

from mocast import __version__, memory
from mocast.api.authentication import REFUSALS, authentication
from mocast.api.bodies import plain_bodies
from mocast.api.client_address import TRUSTED_PROXIES
from mocast.api.connections import Connections, HttpSite
from mocast.api.cors import Origins, cors
from mocast.api.hosts import machine_names, only_own_hosts
from mocast.api.ice_servers import IceServers, turn_secret
from mocast.api.loop_lag import LoopLag
from mocast.api.metrics import (
    BuildCollector,
    ConnectionsCollector,
    LimitsCollector,
    PoolCollector,
    RecordingsCollector,
    RoomsCollector,
    registry,
)
from mocast.api.problems import REFUSED, problems
from mocast.api.request_rate import address_rate, principal_rate
from mocast.api.response_headers import response_headers
from mocast.api.route import require_stated
from mocast.api.routes.animations import animation_routes
from mocast.api.routes.calibrate import calibration_routes
from mocast.api.routes.images import BODY_LIMIT, image_routes
from mocast.api.routes.outputs import output_routes
from mocast.api.routes.page import page_routes
from mocast.api.routes.probes import probe_routes
from mocast.api.routes.publish import publish_routes
from mocast.api.routes.recordings import recording_routes
from mocast.api.routes.rooms import room_routes
from mocast.api.routes.sessions import session_routes
from mocast.api.routes.socket import socket_routes
from mocast.api.routes.subscribe import subscribe_routes
from mocast.api.routes.tokens import token_routes
from mocast.api.tls import Tls
from mocast.auth.authenticator import Authenticator
from mocast.auth.setup import make_authenticator
from mocast.certificate import fingerprint, keep_certificate
from mocast.errors import Forbidden
from mocast.headroom import Headroom, raise_descriptor_limit
from mocast.invitation import invitation
from mocast.limiter import LIMIT_NAMES, Kind, Limit, Limiter, Rates
from mocast.model.options import OverlayName, Quality, Returns, TrackerName
from mocast.model.principal import Principal
from mocast.outputs.destination import parse_networks
from mocast.outputs.output_options import parse_output_url
from mocast.outputs.registry import Outputs
from mocast.outputs.vts_tokens import Tokens
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.picture_driver import PictureDriver
from mocast.recordings.exporter import Exporter
from mocast.recordings.registry import RECORDING_LIMITS, RecordingLimits, Recordings
from mocast.rendering.renderer import Renderer
from mocast.rigging.solver import Solver
from mocast.rooms.client_limits import CLIENT_LIMITS, ClientLimits
from mocast.rooms.publisher import PublisherDependencies
from mocast.rooms.registry import Rooms
from mocast.settings import Settings, bracketed, is_loopback, split
from mocast.tracking.cores import usable_cores
from mocast.tracking.face_task import load_face_shapes
from mocast.tracking.pool import MOST_HUNG, TrackerPool
from mocast.webrtc.aiortc import installation
from mocast.webrtc.aiortc.aiortc_transport import AiortcTransport
from mocast.webrtc.aiortc.gathering import Gathering, host_addresses
from mocast.webrtc.offer import OFFER_LIMITS, OfferLimits
from mocast.webrtc.video_encoder import EncoderFactory, EncoderLimits

if TYPE_CHECKING:
    from mocast.tracing import Tracing

log = structlog.get_logger(__name__)

MOST_EXPORTS, MOST_EXPORTS_EACH = 4, 2
"""Exports that may be in progress (queued, running or being downloaded), of which one runs at a time; and those of one
principal or address, which may take minutes to download."""

MOST_DOWNLOADS, MOST_DOWNLOADS_EACH = 16, 8
"""Downloads of recordings at a time, in all and of one principal or address: each has one of ``FILE_THREADS`` wait for
the disk."""

Shared = Literal["sessions", "viewers", "sockets", "uploads"]
"""Kinds that settings limit for the server, for each principal and for each address."""

DISK_THREADS = 2
"""Of the recordings' files: to find and to delete them. What writes and exports has threads of its own."""

FILE_THREADS = 32
"""That read files for downloads and the page. A recording's disk may hang ``MOST_DOWNLOADS`` of them."""

INVITATION_S = 12 * 3600
"""How long the token in an address for phones is valid: an evening, or a day's work."""

EVERYWHERE = ("0.0.0.0", "::")
"""Addresses to listen on that stand for all of the machine's."""

EXIT_GRACE_S = 3.0
"""How much longer than ``shutdown_timeout_s`` a process may take to end."""


class Server:
    """One process of Mocast."""

    def __init__(self, settings: Settings, *, owns_process: bool = False) -> None:
        """``owns_process``: nothing else runs in it, so what concerns all of it may be set."""
        self._settings = settings
        self._owns_process = owns_process
        self._authenticator = make_authenticator(settings.auth_options)
        self._workers = ThreadPoolExecutor(4 + settings.session_limit, "mocast-worker")
        self._disk = ThreadPoolExecutor(DISK_THREADS, "mocast-disk")
        self._picture_workers = ThreadPoolExecutor(settings.image_workers, "mocast-picture")
        self._trackers = TrackerPool(
            settings.engine,
            threads=settings.tracking_threads or None,
            cache_folder=settings.cache_folder,
            precision=settings.precision,
            warm=[(name, "balanced") for name in split(settings.warm)],  # type: ignore[misc]
            timeout_s=settings.tracker_timeout_s,
        )
        self._scheduler = FrameScheduler(settings.tracking_threads or usable_cores())
        limits = EncoderLimits(
            min_bitrate=settings.min_bitrate,
            start_bitrate=settings.start_bitrate,
            max_bitrate=settings.max_bitrate,
            threads=settings.encoder_threads,
            h264_preset=settings.h264_preset,
        )
        self._encoders = EncoderFactory(limits, ThreadPoolExecutor(max(2, usable_cores()), "mocast-encoder"))
        task = settings.face_task_path
        self._face_shaper = load_face_shapes(self._trackers.engine_name, task) if task else None
        self._limiter = make_limiter(settings)
        self._refused = Counter(
            dict.fromkeys((*LIMIT_NAMES, *CLIENT_LIMITS, *OFFER_LIMITS, *RECORDING_LIMITS, *REFUSALS), 0)
        )
        self._ice_servers = IceServers(
            stun_urls=split(settings.stun_urls),
            turn_urls=split(settings.turn_urls),
            turn_secret=turn_secret(settings.turn_secret, settings.turn_secret_file),
            turn_ttl_s=settings.turn_ttl_s,
        )
        self._gathering = Gathering(settings.ice_options(self._ice_servers.credentials))
        self._lag = LoopLag()
        self._connections = Connections(
            settings.max_connections,
            settings.max_connections_per_address,
            parse_networks(split(settings.trusted_proxies)),
        )
        self._tracing = _tracing(settings)
        self._precision: str = settings.precision
        self.is_building = False
        "Whether it has stopped while a thread still built trackers."
        self._not_warm: str | None = "The trackers are being built."

    async def drain(self) -> None:
        """Take no new session, tell the clients, and wait until no publisher is left, for ``drain_s`` at most."""
        log.info("draining", sessions=len(self._rooms.publishers), seconds=self._settings.drain_s)
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
            self._publisher_dependencies(), self._limiter, headroom.require, on_idle=self._return_memory, **trace
        )
        self._rooms = rooms
        tls = self._tls()
        await self._gathering.start()
        try:
            runner = await self._listening(rooms, tls)
        except OSError:
            self._gathering.close()
            raise
        # After the port is ours: nothing has to be stopped where it is not.
        warmed = self._start_warming()
        async with self._lag.measured(), tls.watched() if tls else contextlib.nullcontext():
            try:
                port = runner.addresses[0][1]
                self._say_where(port)
                yield port
            finally:
                await self._stop(rooms, runner, warmed)

    def _tls(self) -> Tls | None:
        """The certificate to serve with. Raises ``OSError`` where it cannot be used."""
        files = self._settings.tls_files
        if files is None:
            return None
        if self._settings.tls_self_signed and keep_certificate(*files, own_names(self._settings)):
            log.info("certificate made", file=str(files[0]))
        return Tls(*files)

    def _say_where(self, port: int) -> None:
        settings, files = self._settings, self._settings.tls_files
        url = f"{'https' if files else 'http'}://{_display_host(settings.host)}:{port}"
        engine, auth = self._trackers.engine_name, self._authenticator.mode
        log.info("serving", url=url, version=__version__, engine=engine, auth=auth)
        if files is None or not settings.tls_self_signed:
            return
        sha256 = fingerprint(files[0])
        log.info("self-signed certificate", file=str(files[0]), sha256=sha256)
        # A token is in it: for eyes, not for logs.
        if sys.stderr.isatty() and not is_loopback(settings.host):
            urls, expires = invitation_urls(settings.host, port, self._authenticator)
            print(invitation(urls, sha256, expires=expires), file=sys.stderr)

    def _return_memory(self) -> None:
        """Give back what ended sessions leave to the allocator; some milliseconds in which allocating waits."""
        with contextlib.suppress(RuntimeError):  # the server has stopped
            self._workers.submit(memory.return_free)

    async def _listening(self, rooms: Rooms, tls: Tls | None) -> web.AppRunner:
        """Return what answers on the port. Raises ``OSError`` where the port is taken."""
        runner = web.AppRunner(
            self._web_app(rooms),
            # Taken twice: until requests end by themselves, and until they are cancelled. Sessions have the rest.
            shutdown_timeout=self._settings.shutdown_timeout_s / 4,
            handler_cancellation=True,  # a publisher that went away before its answer holds no place
        )
        await runner.setup()
        try:
            context = tls.context if tls else None
            await HttpSite(runner, self._settings.host, self._settings.port, self._connections, context).start()
        except OSError:
            await runner.cleanup()
            raise
        return runner

    async def _stop(self, rooms: Rooms, runner: web.AppRunner, warmed: asyncio.Event) -> None:
        timeout_s = self._settings.shutdown_timeout_s
        deadline_s = asyncio.get_running_loop().time() + timeout_s
        log.info("stopping", sessions=len(rooms.publishers), viewers=len(rooms.viewers))
        try:
            async with asyncio.timeout(timeout_s / 2):
                await rooms.close()
        except TimeoutError:
            log.warning("sessions did not end in time", left=len(rooms.publishers) + len(rooms.viewers))
        await runner.cleanup()
        self._gathering.close()
        await self._close_trackers(warmed, deadline_s)
        for executor in (self._workers, self._picture_workers, self._encoders.executor, self._disk):
            executor.shutdown()
        log.info("stopped")

    def _recordings(self, rooms: Rooms) -> Recordings:
        settings = self._settings
        limits = RecordingLimits(
            max_s=settings.recording_max_s,
            max_bytes=min(settings.recording_max_mb, settings.recordings_max_mb or settings.recording_max_mb) * 2**20,
            kept=settings.recordings_kept,
            keep_s=settings.recordings_keep_s,
            kept_per_principal=settings.recordings_per_principal,
            total_bytes=settings.recordings_max_mb * 2**20,
        )
        return Recordings(rooms, limits, settings.recordings_folder, self._disk)

    def _outputs(self, rooms: Rooms) -> Outputs:
        settings = self._settings
        return Outputs(
            lambda name: rooms.lease(name, "output"),
            parse_networks(split(settings.output_networks)),
            Tokens(settings.vts_tokens_file),
            [parse_output_url(url) for url in settings.outputs.split()],
        )

    def _publisher_dependencies(self) -> PublisherDependencies:
        return PublisherDependencies(
            trackers=self._trackers,
            rigger=partial(Solver, face_shaper=self._face_shaper),
            renderer=Renderer,
            scheduler=self._scheduler,
            workers=self._workers,
            transport=partial(AiortcTransport, codecs=split(self._settings.video_codecs), gathering=self._gathering),
            encoders=self._encoders,
            decoder_threads=self._settings.decoder_threads,
            connect_timeout_s=self._settings.connect_timeout_s,
            media_timeout_s=self._settings.media_timeout_s,
            limits=client_limits(self._settings),
            refused=self._refused,
            trace_frame=self._tracing.frame if self._tracing else None,
        )

    def _web_app(self, rooms: Rooms) -> web.Application:
        settings, ice = self._settings, self._ice_servers
        pictures = PictureDriver(
            self._trackers,
            Renderer,
            self._picture_workers,
            self._scheduler,
            self._limiter,
        )
        offers = OfferLimits(settings.max_offer_bytes, settings.max_candidates)
        recordings, outputs = self._recordings(rooms), self._outputs(rooms)
        metrics = registry(
            BuildCollector(self._build),
            RoomsCollector(rooms, self._lag, settings.metrics_rooms),
            PoolCollector(self._trackers, self._encoders.faults),
            LimitsCollector(self._limiter, self._refused),
            RecordingsCollector(recordings),
            ConnectionsCollector(self._connections),
        )
        origins = Origins(split(settings.allowed_origins))
        hosts = (settings.host, *machine_names(), *split(settings.allowed_hosts))
        app = web.Application(
            middlewares=[
                *([self._tracing.request] if self._tracing else ()),
                problems,
                address_rate(self._limiter),
                only_own_hosts(hosts),
                cors(origins),
                authentication(self._authenticator),
                principal_rate(self._limiter),
                plain_bodies,
            ]
        )
        app.on_response_prepare.append(response_headers(origins, strict_transport=not settings.tls_self_signed))
        app[TRUSTED_PROXIES] = parse_networks(split(settings.trusted_proxies))
        app[REFUSED] = self._refused
        for routes in (
            publish_routes(rooms, ice, offers),
            subscribe_routes(rooms, ice, offers),
            session_routes(rooms),
            calibration_routes(rooms),
            room_routes(rooms),
            socket_routes(rooms, settings.max_message_rate),
            image_routes(pictures, self._limiter),
            recording_routes(recordings, self._limiter),
            animation_routes(recordings, Exporter(self._limiter)),
            output_routes(outputs),
            token_routes(self._authenticator),
            probe_routes(metrics, self._why_unhealthy, partial(self._why_not_ready, rooms), partial(self._info, rooms)),
            page_routes(),
        ):
            app.add_routes(routes)
        require_stated(app.router)
        app.cleanup_ctx.extend((recordings.running, outputs.running))
        if self._tracing:
            app.cleanup_ctx.append(self._tracing.running)
        return app

    def _why_unhealthy(self) -> str | None:
        if self._trackers.hanging >= MOST_HUNG:
            return f"{MOST_HUNG} trackers hang; the server must be started again."
        return None

    def _why_not_ready(self, rooms: Rooms) -> str | None:
        """Not that all places are taken: out of its Service, a full server's live sessions could not be changed."""
        return "The server is shutting down." if rooms.draining.is_set() else self._not_warm

    def _build(self) -> Mapping[str, str]:
        return {"version": __version__, "engine": self._trackers.engine_name, "precision": self._precision}

    def _info(self, rooms: Rooms) -> Mapping[str, Any]:
        return {
            "version": __version__,
            "engine": self._trackers.engine_name,
            "trackers": get_args(TrackerName),
            "qualities": get_args(Quality),
            "overlays": get_args(OverlayName),
            "return": get_args(Returns),
            "max_sessions": rooms.max_sessions,
            "sessions": len(rooms.publishers),
            "max_viewers": rooms.max_viewers,
            "viewers": len(rooms.viewers),
            "max_sockets": self._limiter.most("sockets"),
            "sockets": rooms.readers,
            "auth": self._authenticator.mode,
            "outputs": bool(split(self._settings.output_networks)),
            "ready": self._why_not_ready(rooms) is None,
        }

    def _start_warming(self) -> asyncio.Event:
        """Build trackers in a daemon thread: compiling cannot be interrupted and must not delay the process's exit."""
        loop, warmed = asyncio.get_running_loop(), asyncio.Event()

        def warm() -> None:
            self._warm_up()
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(warmed.set)

        threading.Thread(target=warm, name="mocast-warming", daemon=True).start()
        return warmed

    async def _close_trackers(self, warmed: asyncio.Event, deadline_s: float) -> None:
        """Free the networks. Those still being built at the deadline are left to the process's exit."""
        try:
            async with asyncio.timeout_at(deadline_s):
                await warmed.wait()
        except TimeoutError:
            self.is_building = True
            log.warning("trackers are still being built; stopping without them")
        else:
            await asyncio.get_running_loop().run_in_executor(self._workers, self._trackers.close)

    def _warm_up(self) -> None:
        try:
            self._trackers.warm()
        except Exception as error:  # or it would be said for ever that they are being built
            log.exception("trackers cannot be built; see mocast doctor")
            self._not_warm = f"The trackers cannot be built: {error}."
        else:
            memory.return_free()  # compiling leaves tens of megabytes
            if self._owns_process:
                memory.keep_what_is()
            if self._owns_process:
                memory.keep_what_is()
            if self._settings.warm:  # or what is faster is not known before a session asks for it
                self._precision = "bf16" if self._trackers.uses_bf16() else "f32"
            self._not_warm = None


def _tracing(settings: Settings) -> "Tracing | None":
    """What sends traces, where the operator wants any; only then its library is imported."""
    if not settings.otel_endpoint:
        return None
    from mocast.tracing import open_tracing  # noqa: PLC0415

    return open_tracing(settings.otel_endpoint, settings.otel_frames_every)


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM, then drain, end every session and stop. SIGINT, or a second signal, ends the draining."""
    stopping, at_once = asyncio.Event(), asyncio.Event()

    def terminate() -> None:
        (at_once if stopping.is_set() else stopping).set()

    def interrupt() -> None:
        stopping.set()
        at_once.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, terminate)
    loop.add_signal_handler(signal.SIGINT, interrupt)
    server = Server(settings, owns_process=True)
    async with server.running():
        await stopping.wait()
        waiting = [asyncio.create_task(server.drain()), asyncio.create_task(at_once.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        _exit_within(settings.shutdown_timeout_s + EXIT_GRACE_S)
    if server.is_building:  # in native code, which nothing interrupts, and which the interpreter's end waits for
        sys.stderr.flush()
        os._exit(0)


def _exit_within(seconds: float) -> None:
    """End the process then, if it has not ended by itself: a thread that hangs would keep it for ever."""

    def leave() -> None:
        log.error("threads do not end; the process ends without", threads=[one.name for one in threading.enumerate()])
        os._exit(1)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


def client_limits(settings: Settings) -> ClientLimits:
    """Return what each client may send, and for how long it may stay."""
    return ClientLimits(
        session_s=settings.max_session_s,
        message_bytes=settings.max_message_bytes,
        message_rate=settings.max_message_rate,
        input_fps=settings.max_input_fps,
        input_pixels=settings.max_input_pixels,
        input_bitrate=settings.max_input_bitrate,
    )


def make_limiter(settings: Settings) -> Limiter:
    """Return the limiter of all that clients hold and ask for."""
    busy = "All trackers for pictures are busy; try again in a moment."
    limits: dict[Kind, Limit] = {
        kind: Limit(
            server=getattr(settings, "session_limit" if kind == "sessions" else f"max_{kind}"),
            principal=getattr(settings, f"max_{kind}_per_principal"),
            address=getattr(settings, f"max_{kind}_per_address"),
        )
        for kind in get_args(Shared)
    }
    limits["uploads"] = uploads = replace(limits["uploads"], refusal=busy, retry_after_s=2)
    limits["pictures"] = replace(uploads, server=settings.image_workers + settings.image_queue)
    limits["upload_bytes"] = Limit(server=8 * BODY_LIMIT, refusal=busy, retry_after_s=2)
    limits["exports"] = Limit(
        server=MOST_EXPORTS,
        principal=MOST_EXPORTS_EACH,
        address=MOST_EXPORTS_EACH,
        refusal="Too many exports at a time; try again in a moment.",
        retry_after_s=5,
    )
    limits["downloads"] = Limit(
        server=MOST_DOWNLOADS,
        principal=MOST_DOWNLOADS_EACH,
        address=MOST_DOWNLOADS_EACH,
        refusal="Too many downloads at a time; try again in a moment.",
        retry_after_s=5,
    )
    rates = Rates(principal=settings.request_rate_per_principal, address=settings.request_rate_per_address)
    return Limiter(limits, rates)


def own_names(settings: Settings) -> list[str]:
    """Return the names and addresses that a certificate of our own is for."""
    names = ["localhost", "127.0.0.1", "::1", *machine_names(), *host_addresses()]
    named = [settings.host, *split(settings.allowed_hosts)]
    return [name for name in [*names, *named] if "*" not in name and name not in EVERYWHERE]


def invitation_urls(host: str, port: int, authenticator: Authenticator) -> tuple[list[str], str]:
    """Return the addresses for a phone, the best first, and until when their token is valid; empty: they have none.

    The token grants what a camera needs. Where tokens are made elsewhere (``auth=jwt``) there is none.
    """
    hosts = [host] if host not in EVERYWHERE else [*host_addresses(), machine_names()[1]]
    urls = [f"https://{bracketed(name)}:{port}/" for name in sorted(hosts, key=lambda name: ":" in name)]
    expires_at = time.time() + INVITATION_S
    principal = Principal("phone", frozenset({"publish", "subscribe"}), ("*",), expires_at)
    try:
        token = authenticator.mint(principal)
    except Forbidden:
        return urls, ""
    return [f"{url}#access_token={token}" for url in urls], time.strftime("%H:%M", time.localtime(expires_at))


def _display_host(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "::1", *EVERYWHERE) else bracketed(host)
