"""Jobs over HTTP: videos in, at once or by tus; progress as server-sent events; results out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import PurePosixPath
from typing import Final

import orjson
from aiohttp import hdrs, web

from mocast.analysis.exercise_files import Exercises
from mocast.analysis.repetitions import require_exercises
from mocast.api import tus
from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer
from mocast.api.client_address import client_of
from mocast.api.download import Download
from mocast.api.gathered import lists_merged
from mocast.api.job_request import JobRequest
from mocast.api.route import Gathered, Route, route
from mocast.errors import BodyTooLarge, RequestError, TooSlow, Unprocessable, UnsupportedMedia
from mocast.jobs.job import Job
from mocast.jobs.registry import Jobs
from mocast.jobs.writers.result_writer import require_formats
from mocast.limiter import Limiter
from mocast.model.options import JobOptions, TrackerName
from mocast.model.principal import Principal
from mocast.rooms.expiry import wait_expired
from mocast.validation import read_query, to_json

STALLED_S: Final = 30.0
LEAST_BYTES: Final = 16_384
"""A video of which less than so much comes in ``STALLED_S`` is given up; by tus it may be gone on with."""

HEARTBEAT_S: Final = 15.0
"""Without news a comment is sent, so that proxies keep the connection and the server notices who is gone."""
RETRY_MS: Final = 2_000
"""After how long a reader whose connection was lost asks again."""

BODY_TYPES: Final = ("application/octet-stream", "application/ogg", "application/mp4", "image/gif")
"""Types of a video in a body, beside ``video/*``."""

RESULT_TYPES: Final[Mapping[str, str]] = {
    ".mp4": "video/mp4",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".bvh": "text/plain",
    ".vrma": "model/gltf-binary",
    ".trc": "text/tab-separated-values",
    ".json": "application/json",
}
"""By their names' endings; others are bytes."""

NAMELESS: Final = "video"


Require = Callable[[JobOptions], None]
"""Raises ``Unprocessable`` where options ask for what there is not here."""


def job_routes(
    jobs: Jobs, limiter: Limiter, exercises: Exercises, require_people: Callable[[TrackerName, int], None]
) -> list[Route]:
    """``/v1/jobs`` and what is below it. ``exercises``: those that options may name.

    ``require_people`` raises ``Unprocessable`` where a tracker cannot track so many people.
    """

    def require(options: JobOptions) -> None:
        require_exercises(options.analysis.exercises, exercises)
        require_formats(options.formats)
        require_people(options.tracker, options.people)

    return [*_upload_routes(jobs, limiter, require), *_progress_routes(jobs, limiter)]


def _upload_routes(jobs: Jobs, limiter: Limiter, require: Require) -> list[Route]:

    async def options(_: web.Request) -> web.Response:
        return web.Response(status=204, headers=tus.server_headers(jobs.limits.upload_bytes))

    async def create(request: web.Request) -> web.Response:
        wanted = read_query(JobRequest, request.query)
        require(wanted.options)
        speaks_tus = tus.require_version(request, is_needed=False)
        client, principal = client_of(request), request[PRINCIPAL]
        metadata, named = tus.metadata_of(request) if speaks_tus else ("", {})
        length = _declared_length(request) if speaks_tus else _body_length(request)
        name = wanted.name or named.get("filename") or named.get("name") or NAMELESS
        with limiter.lease("job_uploads", client):
            job = await jobs.create(
                name[:128], to_json(wanted.options), length, principal=principal, client=client, metadata=metadata
            )
            try:
                if not speaks_tus or request.content_type == tus.CHUNK_TYPE:
                    await jobs.receive(job, 0, _pieces(request))
                if not speaks_tus:
                    await jobs.finish(job)
            except BaseException:
                await jobs.delete(job)  # nobody was told of it
                raise
        answer = json_answer(jobs.list.snapshot(job), status=201)
        answer.headers[hdrs.LOCATION] = f"jobs/{job.id}"
        answer.headers.update(upload_headers(job))
        return answer

    async def show(request: web.Request) -> web.Response:
        tus.require_version(request, is_needed=False)
        job = _found(jobs, request)
        answer = json_answer(jobs.list.snapshot(job))
        answer.headers.update(upload_headers(job))
        if job.metadata:
            answer.headers[tus.METADATA] = job.metadata
        return answer

    async def append(request: web.Request) -> web.Response:
        tus.require_version(request, is_needed=True)
        tus.require_chunk(request)
        job, offset = _found(jobs, request), tus.number_of(request, tus.OFFSET)
        if job.length is not None and offset + (request.content_length or 0) > job.length:
            raise BodyTooLarge(f"The video was said to have {job.length} bytes.")
        with limiter.lease("job_uploads", client_of(request)):
            await jobs.receive(job, offset, _pieces(request))
        return web.Response(status=204, headers=upload_headers(job))

    async def delete(request: web.Request) -> web.Response:
        tus.require_version(request, is_needed=False)
        await jobs.delete(_found(jobs, request))
        return web.Response(status=204)

    async def override(request: web.Request) -> web.Response:
        """For clients that can send POST alone (tus, "X-HTTP-Method-Override")."""
        methods = {"PATCH": append, "DELETE": delete, "HEAD": show}
        handler = methods.get(request.headers.get(tus.OVERRIDE, "").upper())
        if handler is None:
            raise RequestError(f"{tus.OVERRIDE} has to be one of {', '.join(methods)}.")
        return await handler(request)

    def upload_headers(job: Job) -> dict[str, str]:
        length = {} if job.length is None else {tus.LENGTH: str(job.length)}
        until = tus.expires(jobs.list.expires_at(job)) if job.state == "uploading" else {}
        return {tus.OFFSET: str(job.received), **length, **until}

    return [
        route("OPTIONS", "/v1/jobs", options, grant="jobs"),
        route("POST", "/v1/jobs", create, grant="jobs"),
        route("GET", "/v1/jobs/{id}", show, grant="jobs"),
        route("PATCH", "/v1/jobs/{id}", append, grant="jobs"),
        route("DELETE", "/v1/jobs/{id}", delete, grant="jobs"),
        route("POST", "/v1/jobs/{id}", override, grant="jobs"),
    ]


def _progress_routes(jobs: Jobs, limiter: Limiter) -> list[Route]:
    async def show_all(request: web.Request) -> web.Response:
        return json_answer({"jobs": jobs.list.snapshots(jobs.list.visible_to(request[PRINCIPAL]))})

    async def events(request: web.Request) -> web.StreamResponse:
        job = _found(jobs, request)
        known = request.headers.get("Last-Event-ID", "")
        if job.has_ended and known == _event_id(jobs, job):
            return web.Response(status=204)  # readers ask no more after it (HTML, "Server-sent events")
        with limiter.lease("job_events", client_of(request)):
            headers = {hdrs.CONTENT_TYPE: "text/event-stream", "X-Accel-Buffering": "no"}
            answer = web.StreamResponse(headers=headers)
            await answer.prepare(request)
            await answer.write(b"retry: %d\n\n" % RETRY_MS)
            await _tell(answer, jobs, job, known, request[PRINCIPAL])
        return answer

    async def result(request: web.Request) -> web.StreamResponse:
        job, name = _found(jobs, request), request.match_info["name"]
        path = jobs.result_path(job, name)
        headers: dict[str, str] = {
            hdrs.CONTENT_TYPE: RESULT_TYPES.get(path.suffix, "application/octet-stream"),
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{PurePosixPath(name).name}"',
        }
        return Download(path, headers, limiter, client_of(request))

    return [
        route("GET", "/v1/jobs", show_all, grant="jobs", gathers=Gathered("nodes", lists_merged("jobs"))),
        route("GET", "/v1/jobs/{id}/events", events, grant="jobs", head=False),
        route("GET", "/v1/jobs/{id}/results/{name:.+}", result, grant="jobs"),
    ]


def _found(jobs: Jobs, request: web.Request) -> Job:
    return jobs.list.find(request.match_info["id"], request[PRINCIPAL])


def _declared_length(request: web.Request) -> int:
    """The video's length as tus says it."""
    if "Upload-Defer-Length" in request.headers:
        raise RequestError(f"The length has to be known from the start: send {tus.LENGTH}.")
    length = tus.number_of(request, tus.LENGTH)
    if length == 0:
        raise Unprocessable("The video is empty.")
    return length


def _body_length(request: web.Request) -> int | None:
    """The video's length as the request's body says it; ``None``: it does not. Raises ``UnsupportedMedia``."""
    kind = request.content_type
    if not kind.startswith("video/") and kind not in BODY_TYPES:
        raise UnsupportedMedia('Send the video itself as the body, as "Content-Type: video/mp4" or such.')
    if request.content_length == 0:
        raise Unprocessable("The video is empty.")
    return request.content_length


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    """A body's bytes as they come. Raises ``TooSlow`` where they come too slowly."""
    loop = asyncio.get_running_loop()
    came, since = 0, loop.time()
    while True:
        try:
            async with asyncio.timeout_at(since + STALLED_S):
                piece = await request.content.readany()
        except TimeoutError as error:
            raise TooSlow(f"Less than {LEAST_BYTES} bytes came in {STALLED_S:g} s.") from error
        if not piece:
            return
        yield piece
        came += len(piece)
        if came >= LEAST_BYTES:
            came, since = 0, loop.time()


async def _tell(answer: web.StreamResponse, jobs: Jobs, job: Job, known: str, principal: Principal) -> None:
    """Send a job's state whenever it changes, until it has ended; the first one only where it is not ``known``."""
    ends = [asyncio.ensure_future(jobs.closing.wait()), asyncio.ensure_future(wait_expired(principal))]
    try:
        while not job.is_deleted:
            revision, event_id = job.revision, _event_id(jobs, job)
            if event_id != known:
                known = event_id
                data = orjson.dumps(jobs.list.snapshot(job))
                await answer.write(b"id: %b\nevent: job\ndata: %b\n\n" % (event_id.encode(), data))
            if job.has_ended or any(end.done() for end in ends):
                return
            changed = asyncio.ensure_future(job.changed(revision))
            try:
                done, _ = await asyncio.wait([changed, *ends], timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            finally:
                changed.cancel()
            if not done:
                await answer.write(b":\n\n")
        await answer.write(b"event: deleted\ndata: {}\n\n")
    finally:
        for end in ends:
            end.cancel()


def _event_id(jobs: Jobs, job: Job) -> str:
    return f"{jobs.epoch}-{job.revision}"
