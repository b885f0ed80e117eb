"""The limiter of all that clients hold and ask for, as the settings bound it; and what is bounded whatever they say."""

from dataclasses import replace
from typing import Literal, get_args

from mocast.api.routes.images import BODY_LIMIT
from mocast.cluster.worker_counts import WorkerCounts
from mocast.cluster.worker_place import WorkerPlace
from mocast.limiter import Kind, Limit, Limiter, Rates
from mocast.settings.settings import Settings

MOST_EXPORTS, MOST_EXPORTS_EACH = 4, 2
"""Exports in progress (queued, running or being downloaded, which may take minutes) at a time, in all and of one
principal or address. One of them runs at a time."""

MOST_UPLOAD_BYTES, MOST_UPLOAD_BYTES_EACH = 8 * BODY_LIMIT, 4 * BODY_LIMIT
"""Bytes of still pictures on their way, in all and of one principal or address: each may take two minutes to arrive."""

MANY_UPLOADS = "As many pictures are on their way as may be; try again in a moment."
TRACKERS_BUSY = "All trackers for pictures are busy; try again in a moment."
NO_MEMORY = "Pictures on their way fill the memory that there is for them; try again in a moment."

MOST_DOWNLOADS, MOST_DOWNLOADS_EACH = 16, 8
"""Downloads of recordings at a time, in all and of one principal or address: each has one of ``FILE_THREADS`` wait for
the disk."""

MOST_JOB_UPLOADS, MOST_JOB_UPLOADS_EACH = 16, 4
"""Videos on their way at a time, in all and of one principal or address."""

MOST_JOB_EVENTS, MOST_JOB_EVENTS_EACH = 64, 16
"""Readers of jobs' progress at a time: a page has one for each job that it shows."""

Shared = Literal["sessions", "viewers", "sockets", "uploads", "jobs"]
"""Kinds that settings limit for the server, for each principal and for each address."""


def make_limiter(settings: Settings, place: WorkerPlace | None = None) -> Limiter:
    """Return the limiter of all that clients hold and ask for. Raises ``OSError``: the workers' table is gone."""
    limits: dict[Kind, Limit] = {
        kind: Limit(
            server=getattr(settings, "session_limit" if kind == "sessions" else f"max_{kind}"),
            principal=getattr(settings, f"max_{kind}_per_principal"),
            address=getattr(settings, f"max_{kind}_per_address"),
        )
        for kind in get_args(Shared)
    }
    uploads = limits["uploads"]
    limits["uploads"] = replace(uploads, refusal=MANY_UPLOADS, retry_after_s=2)
    limits["pictures"] = replace(
        uploads, server=settings.image_workers + settings.image_queue, refusal=TRACKERS_BUSY, retry_after_s=2
    )
    limits["upload_bytes"] = Limit(
        server=MOST_UPLOAD_BYTES,
        principal=MOST_UPLOAD_BYTES_EACH,
        address=MOST_UPLOAD_BYTES_EACH,
        refusal=NO_MEMORY,
        retry_after_s=2,
    )
    transfers: dict[Kind, tuple[int, int]] = {
        "exports": (MOST_EXPORTS, MOST_EXPORTS_EACH),
        "downloads": (MOST_DOWNLOADS, MOST_DOWNLOADS_EACH),
        "job_uploads": (MOST_JOB_UPLOADS, MOST_JOB_UPLOADS_EACH),
        "job_events": (MOST_JOB_EVENTS, MOST_JOB_EVENTS_EACH),
    }
    for kind, (most, each) in transfers.items():
        refusal = f"Too many {kind.replace('_', ' ')} at a time; try again in a moment."
        limits[kind] = Limit(server=most, principal=each, address=each, refusal=refusal, retry_after_s=5)
    rates = Rates(principal=settings.request_rate_per_principal, address=settings.request_rate_per_address)
    counts = WorkerCounts(place.counts_path, place.index, place.secret) if place is not None else None
    return Limiter(limits, rates, counts=counts)
