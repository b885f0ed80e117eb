"""The web application: the middlewares in their order, and every route."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from mocast.analysis.exercise_files import Exercises
from mocast.api.authentication import authentication
from mocast.api.bodies import plain_bodies
from mocast.api.client_address import TRUSTED_PROXIES
from mocast.api.cors import Origins, cors
from mocast.api.forwarding import forwarding, from_nodes
from mocast.api.hosts import machine_names, only_own_hosts
from mocast.api.ice_servers import IceServers
from mocast.api.problems import REFUSED, problems
from mocast.api.proxy import Proxy
from mocast.api.refusal_log import REFUSAL_LOG, RefusalLog
from mocast.api.request_rate import address_rate, principal_rate
from mocast.api.response_headers import response_headers
from mocast.api.route import Route, require_stated
from mocast.api.routes.animations import animation_routes
from mocast.api.routes.calibrate import calibration_routes
from mocast.api.routes.images import image_routes
from mocast.api.routes.inputs import input_routes
from mocast.api.routes.job_uploads import job_upload_routes
from mocast.api.routes.jobs import job_routes
from mocast.api.routes.mixer import mixer_routes
from mocast.api.routes.offers import Signaling
from mocast.api.routes.outputs import output_routes
from mocast.api.routes.page import page_routes
from mocast.api.routes.publish import publish_routes
from mocast.api.routes.recordings import recording_routes
from mocast.api.routes.rooms import room_routes
from mocast.api.routes.session_gestures import gesture_routes
from mocast.api.routes.session_reference import reference_routes
from mocast.api.routes.session_reset import reset_routes
from mocast.api.routes.sessions import session_routes
from mocast.api.routes.socket import socket_routes
from mocast.api.routes.subscribe import subscribe_routes
from mocast.api.routes.tokens import token_routes
from mocast.api.routes.whep import whep_routes
from mocast.api.routes.whip import whip_routes
from mocast.api.tus import tus_version
from mocast.auth.authenticator import Authenticator
from mocast.cluster.node import Node
from mocast.events.event_targets import EventTargets
from mocast.inputs.registry import Inputs
from mocast.jobs.registry import Jobs
from mocast.limiter import Limiter
from mocast.model.options import TrackerName
from mocast.outputs.destination import parse_networks
from mocast.outputs.registry import Outputs
from mocast.pipeline.picture_driver import PictureDriver
from mocast.recordings.exporter import Exporter
from mocast.recordings.registry import Recordings
from mocast.rooms.registry import Rooms
from mocast.settings.settings import Settings
from mocast.settings.text import split
from mocast.sources.registry import Sources
from mocast.webrtc.offer import OfferLimits

if TYPE_CHECKING:
    from mocast.tracing import Tracing


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the routes and middlewares need of a server."""

    authenticator: Authenticator
    limiter: Limiter
    refused: Counter[str]
    ice: IceServers
    rooms: Rooms
    recordings: Recordings
    jobs: Jobs
    outputs: Outputs
    inputs: Inputs
    sources: Sources
    events: EventTargets
    exercises: Exercises
    require_people: Callable[[TrackerName, int], None]
    "Raises ``Unprocessable`` where a tracker cannot track so many."
    pictures: PictureDriver
    probes: list[Route]
    tracing: "Tracing | None"
    node: Node | None
    "This process, where it is one of several."


def web_app(settings: Settings, parts: WebParts) -> web.Application:
    """Return the application that answers every request."""
    origins = Origins(split(settings.allowed_origins))
    hosts = (settings.host, *machine_names(), *split(settings.allowed_hosts))
    node = parts.node
    proxy = Proxy(node.signature, node.rooms.is_alive, parts.rooms.closing) if node else None
    app = web.Application(
        middlewares=[
            *([parts.tracing.request] if parts.tracing else ()),
            problems,
            *((from_nodes(node.signature),) if node else ()),
            address_rate(parts.limiter),
            only_own_hosts(hosts),
            cors(origins),
            authentication(parts.authenticator),
            principal_rate(parts.limiter),
            plain_bodies,
            *((forwarding(parts.rooms, node.rooms, proxy),) if node and proxy else ()),
        ]
    )
    app.on_response_prepare.append(response_headers(origins, strict_transport=not settings.tls_self_signed))
    app[TRUSTED_PROXIES] = parse_networks(split(settings.trusted_proxies))
    app[REFUSED] = parts.refused
    app[REFUSAL_LOG] = RefusalLog()
    for routes in _routes(settings, parts):
        app.add_routes(routes)
    require_stated(app.router)
    app.on_response_prepare.append(tus_version)
    app.on_shutdown.append(parts.jobs.end_waits)
    # The targets of events first: rooms that open tell them.
    started = (parts.events, parts.recordings, parts.jobs, parts.outputs, parts.inputs, parts.sources)
    app.cleanup_ctx.extend(part.running for part in started)
    if node and proxy:
        app.cleanup_ctx.extend((node.running, proxy.running))
    if parts.tracing:
        app.cleanup_ctx.append(parts.tracing.running)
    return app


def _routes(settings: Settings, parts: WebParts) -> Sequence[list[Route]]:
    signaling = Signaling(limits=OfferLimits(settings.max_offer_bytes, settings.max_candidates), ice=parts.ice)
    return (
        publish_routes(parts.rooms, signaling),
        subscribe_routes(parts.rooms, signaling),
        whip_routes(parts.rooms, signaling),
        whep_routes(parts.rooms, signaling),
        session_routes(parts.rooms),
        calibration_routes(parts.rooms),
        gesture_routes(parts.rooms),
        reference_routes(parts.rooms),
        reset_routes(parts.rooms),
        room_routes(parts.rooms),
        socket_routes(parts.rooms, settings.max_message_rate),
        input_routes(parts.rooms),
        mixer_routes(parts.rooms),
        image_routes(parts.pictures, parts.limiter),
        recording_routes(parts.recordings, parts.limiter),
        animation_routes(parts.recordings, Exporter(parts.limiter)),
        job_upload_routes(parts.jobs, parts.limiter, parts.exercises, parts.require_people),
        job_routes(parts.jobs, parts.limiter),
        output_routes(parts.outputs),
        token_routes(parts.authenticator),
        parts.probes,
        page_routes(),
    )
