"""How many workers there are, and the part of the operator's settings that each of them has."""

import os
from typing import Any, Final

from pydantic import SecretStr

from mocast.cluster.worker_place import WorkerPlace
from mocast.settings.settings import Settings
from mocast.tracking.cores import usable_cores
from mocast.webrtc.ice import parse_port_range

CORES_PER_WORKER: Final = 4
"""What one process keeps busy before its event loop and interpreter lock are: docs/scaling.md."""

SHARED_OUT: Final = (
    "max_viewers",
    "max_sockets",
    "max_uploads",
    "image_queue",
    "image_workers",
    "recordings_kept",
    "recordings_max_mb",
    "jobs_running",
    "max_jobs",
    "jobs_max_mb",
    "jobs_kept",
)
"""Limits of the server, of which each worker gets its part. The limits of a principal or an address hold for all
workers together (``cluster/worker_counts.py``), except those of rates, recordings and bytes of jobs, which hold for
each."""

OF_THE_FIRST: Final[dict[str, Any]] = {"sources": SecretStr(""), "inputs": "", "outputs": ""}
"""Settings of the first worker alone, as a port or a camera is opened once; these are the values of all others."""


def worker_count(settings: Settings) -> int:
    """Return how many processes serve."""
    if os.name == "nt":  # where listening sockets are not handed on
        return 1
    count = round(usable_cores() / CORES_PER_WORKER) if settings.workers == "auto" else int(settings.workers)
    most = len(parse_port_range(settings.udp_ports)) if settings.udp_ports else count
    return max(1, min(count, most))


def own_settings(settings: Settings, place: WorkerPlace) -> Settings:
    """Return the settings of one worker."""
    own: dict[str, Any] = {name: place.share(getattr(settings, name)) for name in SHARED_OUT}
    own["max_sessions"] = place.share(settings.session_limit)
    own["tracking_threads"] = place.share(settings.tracking_threads or usable_cores())
    own |= _ports(settings, place)
    if place.index > 0:
        own |= OF_THE_FIRST
    return settings.model_copy(update=own)


def fed_rooms(settings: Settings) -> frozenset[str]:
    """Return the rooms that the settings name, which are where their cameras, inputs and outputs are."""
    from mocast.inputs.input_options import parse_input_url  # noqa: PLC0415
    from mocast.outputs.output_options import parse_output_url  # noqa: PLC0415
    from mocast.sources.camera_address import parse_sources  # noqa: PLC0415

    return frozenset(
        [source.room for source in parse_sources(settings.sources.get_secret_value())]
        + [parse_input_url(url).room for url in settings.inputs.split()]
        + [parse_output_url(url).room for url in settings.outputs.split()]
    )


def _ports(settings: Settings, place: WorkerPlace) -> dict[str, Any]:
    """A worker's ports of media: datagrams that come to one port cannot be shared out by session."""
    if settings.udp_port:
        return {"udp_port": settings.udp_port + place.index}
    if not settings.udp_ports:
        return {}
    ports = parse_port_range(settings.udp_ports)
    size = len(ports) // place.count
    first = ports[place.index * size]
    return {"udp_ports": f"{first}-{first + size - 1}"}
