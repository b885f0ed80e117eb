"""A job's video over HTTP: in one body, or in chunks by tus, which can go on after a lost connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from aiohttp import hdrs, web

from mocast.analysis.exercise_files import Exercises
from mocast.analysis.repetitions import require_exercises
from mocast.api import tus
from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer, media_type
from mocast.api.client_address import client_of
from mocast.api.job_request import JobRequest
from mocast.api.route import Route, route
from mocast.api.routes.jobs import find_job
from mocast.errors import BodyTooLarge, RequestError, TooSlow, Unprocessable, UnsupportedMedia
from mocast.jobs.job import Job
from mocast.jobs.registry import Jobs
from mocast.jobs.writers.result_writer import require_formats
from mocast.limiter import Limiter
from mocast.model.options import JobOptions, TrackerName
from mocast.validation import read_query, to_json

STALLED_S: Final = 30.0
LEAST_BYTES: Final = 16_384
"""A video of which less than so much comes in ``STALLED_S`` is given up; by tus it may be gone on with."""

BODY_TYPES: Final = ("application/octet-stream", "application/ogg", "application/mp4", "image/gif")
"""Types of a video in a body, beside ``video/*``."""

NAMELESS: Final = "video"

RequirePeople = Callable[[TrackerName, int], None]
"""Raises ``Unprocessable`` where a tracker cannot track so many people."""


def job_upload_routes(jobs: Jobs, limiter: Limiter, exercises: Exercises, require_people: RequirePeople) -> list[Route]:
    """``POST /v1/jobs``, and ``/v1/jobs/{id}``: how far a job's video and its work are, more of the video, its end.

    ``exercises``: those that options may name.
    """

    async def options(_: web.Request) -> web.Response:
        return web.Response(status=204, headers=tus.server_headers(jobs.limits.upload_bytes))

    async def create(request: web.Request) -> web.Response:
        wanted = read_query(JobRequest, request.query)
        _require_possible(wanted.options, exercises, require_people)
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
                if not speaks_tus or media_type(request.headers) == tus.CHUNK_TYPE:
                    await jobs.receive(job, 0, _pieces(request))
                if not speaks_tus:
                    await jobs.finish(job)
            except BaseException:
                await jobs.delete(job)  # nobody was told of it
                raise
        answer = json_answer(jobs.list.snapshot(job), status=201)
        answer.headers[hdrs.LOCATION] = f"jobs/{job.id}"
        answer.headers.update(_upload_headers(jobs, job))
        return answer

    async def show(request: web.Request) -> web.Response:
        tus.require_version(request, is_needed=False)
        job = find_job(jobs, request)
        answer = json_answer(jobs.list.snapshot(job))
        answer.headers.update(_upload_headers(jobs, job))
        if job.metadata:
            answer.headers[tus.METADATA] = job.metadata
        return answer

    async def append(request: web.Request) -> web.Response:
        tus.require_version(request, is_needed=True)
        tus.require_chunk(request)
        job, offset = find_job(jobs, request), tus.number_of(request, tus.OFFSET)
        if job.length is not None and offset + (request.content_length or 0) > job.length:
            raise BodyTooLarge(f"The video was said to have {job.length} bytes.")
        with limiter.lease("job_uploads", client_of(request)):
            await jobs.receive(job, offset, _pieces(request))
        return web.Response(status=204, headers=_upload_headers(jobs, job))

    async def delete(request: web.Request) -> web.Response:
        tus.require_version(request, is_needed=False)
        await jobs.delete(find_job(jobs, request))
        return web.Response(status=204)

    async def override(request: web.Request) -> web.Response:
        """For clients that can send POST alone (tus, "X-HTTP-Method-Override")."""
        methods = {"PATCH": append, "DELETE": delete, "HEAD": show}
        handler = methods.get(request.headers.get(tus.OVERRIDE, "").upper())
        if handler is None:
            raise RequestError(f"{tus.OVERRIDE} has to be one of {', '.join(methods)}.")
        return await handler(request)

    return [
        route("OPTIONS", "/v1/jobs", options, grant="jobs"),
        route("POST", "/v1/jobs", create, grant="jobs"),
        route("GET", "/v1/jobs/{id}", show, grant="jobs"),
        route("PATCH", "/v1/jobs/{id}", append, grant="jobs"),
        route("DELETE", "/v1/jobs/{id}", delete, grant="jobs"),
        route("POST", "/v1/jobs/{id}", override, grant="jobs"),
    ]


def _require_possible(options: JobOptions, exercises: Exercises, require_people: RequirePeople) -> None:
    """Raise ``Unprocessable`` where options ask for what there is not here."""
    require_exercises(options.analysis.exercises, exercises)
    require_formats(options.formats)
    require_people(options.tracker, options.people)


def _upload_headers(jobs: Jobs, job: Job) -> dict[str, str]:
    length = {} if job.length is None else {tus.LENGTH: str(job.length)}
    until = tus.expires(jobs.list.expires_at(job)) if job.state == "uploading" else {}
    return {tus.OFFSET: str(job.received), **length, **until}


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
    kind = media_type(request.headers)
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
