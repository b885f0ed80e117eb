"""Traces by OpenTelemetry: requests, sessions, and one frame in many. Imported only where the operator wants them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, set_span_in_context

from mocast import __version__
from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.rooms.session import Session

EXPORT_TIMEOUT_S: Final = 2.0
"""Of a batch that is sent. It also holds up the stop, once."""

UNTRACED: Final = frozenset(("/healthz", "/readyz", "/metrics"))

SESSION_CHARACTERS: Final = 6
"""Of a session's id, as in the log: whoever has the whole of it controls the session."""


class Tracing:
    """Makes spans and sends them in a thread of its own. They name no room, as ``/metrics`` does not.

    A collector that is slow or gone costs spans, which its library counts and drops, and nothing else.
    """

    def __init__(self, exporter: SpanExporter, frames_every: int) -> None:
        """``frames_every``: of so many frames of a session, one is traced."""
        resource = Resource.create({"service.name": "mocast", "service.version": __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("mocast", __version__)
        self._frames_every = frames_every

    @web.middleware
    async def request(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Trace a request until its answer begins; a session that begins in it is below it."""
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "(none)"
        if route in UNTRACED:
            return await handler(request)
        attributes = {"http.request.method": request.method, "http.route": route}
        with self._tracer.start_as_current_span(
            f"{request.method} {route}", kind=SpanKind.SERVER, attributes=attributes
        ) as span:
            answer = await handler(request)
            span.set_attribute("http.response.status_code", answer.status)
            return answer

    @contextmanager
    def session(self, session: Session) -> Iterator[None]:
        """Trace a session's life, from its answer to the last port closed."""
        attributes = {"mocast.role": session.role, "mocast.session": session.id[:SESSION_CHARACTERS]}
        with self._tracer.start_as_current_span(f"{session.role} session", attributes=attributes) as span:
            try:
                yield
            finally:
                span.set_attribute("mocast.reason", session.reason)
                span.set_attributes({f"mocast.{name}": value for name, value in session.stats().items()})

    def frame(self, session_id: str, frame: Frame, tracked: Tracked) -> None:
        """Trace a frame that is done now, if it is the turn of its number. Called on any thread."""
        if frame.number % self._frames_every or tracked.frame != frame.number:
            return
        done_ns = time.monotonic_ns()
        epoch_ns = time.time_ns() - done_ns
        began_ns = tracked.tracked_at_ns - tracked.tracking_ns
        stages = {
            "wait": (frame.decoded_at_ns, began_ns),
            "track": (began_ns, tracked.tracked_at_ns),
            "rig and draw": (tracked.tracked_at_ns, done_ns),
        }
        attributes: dict[str, str | int] = {
            "mocast.session": session_id[:SESSION_CHARACTERS],
            "mocast.frame": frame.number,
        }
        whole = self._tracer.start_span("frame", start_time=epoch_ns + frame.decoded_at_ns, attributes=attributes)
        below = set_span_in_context(whole)
        for name, (start_ns, end_ns) in stages.items():
            self._tracer.start_span(name, below, start_time=epoch_ns + start_ns).end(epoch_ns + end_ns)
        whole.end(epoch_ns + done_ns)

    async def running(self, _: web.Application) -> AsyncIterator[None]:
        """Send what is left when the application ends."""
        yield
        await asyncio.to_thread(self._provider.shutdown)


def open_tracing(endpoint: str, frames_every: int) -> Tracing:
    """Return what sends spans to a collector: OTLP over HTTP, as JSON."""
    return Tracing(OTLPSpanExporter(endpoint, timeout=EXPORT_TIMEOUT_S), frames_every)
