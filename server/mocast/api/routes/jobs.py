"""Jobs over HTTP: their list, the progress of one as server-sent events, and its results."""

import asyncio
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

import orjson
from aiohttp import hdrs, web

from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer
from mocast.api.client_address import client_of
from mocast.api.download import Download
from mocast.api.gathered import lists_merged
from mocast.api.route import Gathered, Route, route
from mocast.jobs.job import Job
from mocast.jobs.registry import Jobs
from mocast.limiter import Limiter
from mocast.model.principal import Principal
from mocast.rooms.expiry import wait_expired

HEARTBEAT_S: Final = 15.0
"""Without news a comment is sent, so that proxies keep the connection and the server notices who is gone."""
RETRY_MS: Final = 2_000
"""After how long a reader whose connection was lost asks again."""

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


def job_routes(jobs: Jobs, limiter: Limiter) -> list[Route]:
    """``GET /v1/jobs``, and the events and results of one; the rest of ``/v1/jobs`` is in ``job_uploads.py``."""

    async def show_all(request: web.Request) -> web.Response:
        return json_answer({"jobs": jobs.list.snapshots(jobs.list.visible_to(request[PRINCIPAL]))})

    async def events(request: web.Request) -> web.StreamResponse:
        job = find_job(jobs, request)
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
        job, name = find_job(jobs, request), request.match_info["name"]
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


def find_job(jobs: Jobs, request: web.Request) -> Job:
    """Return the job that the request's path names. Raises ``NotFound`` where the principal sees none of that id."""
    return jobs.list.find(request.match_info["id"], request[PRINCIPAL])


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
