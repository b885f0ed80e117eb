"""The parts of a server, built from its settings."""

import secrets
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mocast.analysis.exercise_files import ExerciseError, Exercises, load_exercises
from mocast.analysis.repetitions import require_exercises
from mocast.api.authentication import REFUSALS
from mocast.api.connections import Connections
from mocast.api.ice_servers import IceServers, turn_secret
from mocast.auth.setup import SetupError
from mocast.errors import Unprocessable
from mocast.events.event_targets import EventTargets
from mocast.events.target_address import parse_targets, signing_key
from mocast.inputs.input_options import check_no_loop, parse_input_url
from mocast.inputs.registry import Inputs
from mocast.jobs.job_list import JOB_LIMITS, JobLimits
from mocast.jobs.job_worker import WorkerOptions
from mocast.jobs.registry import Jobs
from mocast.limiter import LIMIT_NAMES, Limiter
from mocast.outputs.destination import parse_networks
from mocast.outputs.output_options import OutputOptions, parse_output_url
from mocast.outputs.registry import Outputs
from mocast.outputs.vts_tokens import Tokens
from mocast.recordings.recording_files import NODE
from mocast.recordings.recording_list import RECORDING_LIMITS, RecordingLimits
from mocast.recordings.registry import Recordings
from mocast.rooms.client_limits import CLIENT_LIMITS, ClientLimits
from mocast.rooms.registry import Rooms
from mocast.rooms.room_mixer import RoomMixer
from mocast.settings.settings import Settings
from mocast.settings.text import split
from mocast.sources.camera_address import parse_sources
from mocast.sources.registry import Sources
from mocast.tracking.cores import usable_cores
from mocast.tracking.pool import TrackerPool
from mocast.webrtc.offer import OFFER_LIMITS
from mocast.webrtc.video_encoder import EncoderFactory, EncoderLimits

if TYPE_CHECKING:
    from mocast.tracing import Tracing

MOST_JOB_PROCESSES = 4
"""Of a job, where the operator has not said: each takes some hundred megabytes."""


def tracker_pool(settings: Settings) -> TrackerPool:
    """Return the pool of the engine that is set. Raises ``TrackingError`` where it does not load."""
    return TrackerPool(
        settings.engine,
        settings.engine_options,
        warm=[(name, "balanced") for name in split(settings.warm)],  # type: ignore[misc]
        timeout_s=settings.tracker_timeout_s,
        max_people=settings.max_people,
    )


def encoder_factory(settings: Settings) -> EncoderFactory:
    """Return the factory of video encoders, with threads of its own."""
    limits = EncoderLimits(
        min_bitrate=settings.min_bitrate,
        start_bitrate=settings.start_bitrate,
        max_bitrate=settings.max_bitrate,
        threads=settings.encoder_threads,
        h264_preset=settings.h264_preset,
    )
    return EncoderFactory(limits, ThreadPoolExecutor(max(2, usable_cores()), "mocast-encoder"))


def ice_servers(settings: Settings) -> IceServers:
    """Return the ICE servers that clients are told of."""
    return IceServers(
        stun_urls=split(settings.stun_urls),
        turn_urls=split(settings.turn_urls),
        turn_secret=turn_secret(settings.turn_secret, settings.turn_secret_file),
        turn_ttl_s=settings.turn_ttl_s,
    )


def http_connections(settings: Settings) -> Connections:
    """Return the counter of HTTP connections."""
    return Connections(
        settings.max_connections,
        settings.max_connections_per_address,
        parse_networks(split(settings.trusted_proxies)),
    )


def client_limits(settings: Settings) -> ClientLimits:
    """Return what each client may send, and for how long it may stay."""
    return ClientLimits(
        session_s=settings.max_session_s,
        message_bytes=settings.max_message_bytes,
        message_rate=settings.max_message_rate,
        input_fps=settings.max_input_fps,
        input_pixels=settings.max_input_pixels,
        input_bitrate=settings.max_input_bitrate,
        camera_bitrate=settings.camera_bitrate,
    )


def refusal_counts() -> Counter[str]:
    """Return the counts of what limits and tokens refused, by the limit's name; all of them 0."""
    return Counter(
        dict.fromkeys((*LIMIT_NAMES, *CLIENT_LIMITS, *OFFER_LIMITS, *RECORDING_LIMITS, *JOB_LIMITS, *REFUSALS), 0)
    )


def node_folder(folder: Path | None, tag: str) -> Path | None:
    """Return the folder below an operator's that one node keeps its files in; without a tag it is alone."""
    return folder if folder is None or not tag else folder / f"{NODE}{tag}"


def recordings(settings: Settings, rooms: Rooms, disk: Executor, tag: str) -> Recordings:
    """Return the recordings, whose files are found and deleted on ``disk``. ``tag``: of this node."""
    limits = RecordingLimits(
        max_s=settings.recording_max_s,
        max_bytes=min(settings.recording_max_mb, settings.recordings_max_mb or settings.recording_max_mb) * 2**20,
        kept=settings.recordings_kept,
        keep_s=settings.recordings_keep_s,
        kept_per_principal=settings.recordings_per_principal,
        total_bytes=settings.recordings_max_mb * 2**20,
    )
    folder = settings.recordings_folder
    return Recordings(rooms, limits, node_folder(folder, tag), disk, tag, folder if tag else None)


def jobs(settings: Settings, limiter: Limiter, rooms: Rooms, tag: str) -> Jobs:
    """Return the jobs; in a temporary folder, where the settings name none. ``tag``: of this node."""
    limits = JobLimits(
        running=settings.jobs_running,
        kept=settings.jobs_kept,
        upload_bytes=settings.job_max_mb * 2**20,
        total_bytes=settings.jobs_max_mb * 2**20,
        principal_bytes=settings.jobs_max_mb_per_principal * 2**20,
        keep_s=settings.jobs_keep_s,
        upload_keep_s=settings.job_upload_keep_s,
        live_bytes_s=settings.job_upload_mbit * 1e6 / 8,
    )
    worker = WorkerOptions(
        memory_bytes=settings.job_memory_mb * 2**20,
        seconds=settings.job_max_s,
        processes=settings.job_processes or min(usable_cores(), MOST_JOB_PROCESSES),
        environment={
            "MOCAST_ENGINE": settings.engine,
            "MOCAST_PRECISION": settings.precision,
            "MOCAST_DEVICE": settings.device,
            "MOCAST_CACHE_DIR": settings.cache_dir,
            "MOCAST_FACE_SHAPES": settings.face_shapes,
            **({"MOCAST_FACE_TASK_PATH": str(settings.face_task_path)} if settings.face_task_path else {}),
            **({"MOCAST_EXERCISES_FOLDER": str(settings.exercises_folder)} if settings.exercises_folder else {}),
        },
    )
    temporary = (settings.cache_folder or Path(tempfile.gettempdir())) / f"jobs-{secrets.token_hex(8)}"
    return Jobs(
        node_folder(settings.jobs_folder, tag) or temporary,
        limits,
        limiter,
        worker,
        lambda: bool(rooms.sessions.publishers),
        is_temporary=settings.jobs_folder is None,
        tag=tag,
    )


def outputs(settings: Settings, rooms: Rooms) -> Outputs:
    """Return the outputs, those that the settings name among them."""
    heard = [parse_input_url(url) for url in settings.inputs.split()]

    def check(room: str, output: OutputOptions) -> None:
        check_no_loop(output, (one.options for one in heard if one.room == room))

    return Outputs(
        lambda name: rooms.lease(name, "output"),
        parse_networks(split(settings.output_networks)),
        Tokens(settings.vts_tokens_file),
        [parse_output_url(url) for url in settings.outputs.split()],
        check,
    )


def inputs(settings: Settings, rooms: Rooms) -> Inputs:
    """Return the inputs that the settings name."""

    @contextmanager
    def lease(name: str) -> Iterator[RoomMixer]:
        with rooms.lease(name, "input") as room:
            yield room.mixer

    return Inputs(lease, [parse_input_url(url) for url in settings.inputs.split()])


def event_targets(settings: Settings) -> EventTargets:
    """Return the targets of events that the settings name. Raises ``SetupError`` where a file has no secret."""
    webhooks = parse_targets("webhook", settings.webhooks.get_secret_value())
    brokers = parse_targets("mqtt", settings.mqtt.get_secret_value())
    try:
        key = signing_key(settings.webhook_secret, settings.webhook_secret_file)
    except ValueError as error:
        raise SetupError(str(error)) from error
    return EventTargets((*webhooks, *brokers), key)


def exercises(settings: Settings) -> Exercises:
    """Return the exercises that options may name.

    Raises ``SetupError`` where a file of the operator's is broken, or a source's options name an exercise that there is
    not; ``OSError`` where a file cannot be read.
    """
    try:
        exercises = load_exercises(settings.exercises_folder)
    except ExerciseError as error:
        raise SetupError(str(error)) from error
    for source in parse_sources(settings.sources.get_secret_value()):
        try:
            require_exercises(source.session.analysis.exercises, exercises)
        except Unprocessable as error:
            raise SetupError(f'Source of room "{source.room}": {error}') from error
    return exercises


def sources(settings: Settings, rooms: Rooms) -> Sources:
    """Return the cameras that the settings name."""
    return Sources(rooms, parse_sources(settings.sources.get_secret_value()))


def tracing(settings: Settings) -> "Tracing | None":
    """What sends traces, where the operator wants any; only then its library is imported."""
    if not settings.otel_endpoint:
        return None
    from mocast.tracing import open_tracing  # noqa: PLC0415

    return open_tracing(settings.otel_endpoint, settings.otel_frames_every)
