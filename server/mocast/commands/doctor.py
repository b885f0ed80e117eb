"""``mocast doctor``: whether this machine has what Mocast needs, and how fast it tracks."""

import asyncio
import contextlib
import datetime
import errno
import os
import shutil
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
from av import Packet

from mocast.api.ice_servers import IceServers, shared_secret, turn_secret
from mocast.api.routes.page import WEB
from mocast.api.tls import Tls
from mocast.certificate import expiry
from mocast.errors import MocastError
from mocast.headroom import machine_bytes
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import OfflineQuality, TrackerName
from mocast.model.topology import FACE_COUNT
from mocast.model.tracked import Face
from mocast.settings.settings import Settings
from mocast.settings.text import split
from mocast.sources.camera_address import CameraSource, parse_sources
from mocast.sources.opened_camera import CameraError, OpenedCamera
from mocast.tracking.cores import usable_cores
from mocast.tracking.engines import FAST
from mocast.tracking.face_task import choose_face_shapes
from mocast.tracking.networks_folder import HEAVY
from mocast.tracking.pool import TrackerPool
from mocast.webrtc.aiortc import installation
from mocast.webrtc.aiortc.gathering import Gathering, host_addresses
from mocast.webrtc.ice import parse_interfaces, parse_port_range
from mocast.webrtc.video_decoder import TIME_BASE, open_decoder
from mocast.webrtc.video_encoder import EncoderLimits, VideoEncoder

TIMED_FRAMES = 20
"""Enough frames for a stable median, in a second of tracking at most."""


class ProblemFound(Exception):
    """A check failed; the message says what to do."""


def examine(settings: Settings) -> int:
    """Print one line for each check; return 0 when all passed, else 1."""
    picture = _picture()
    checks: list[tuple[str, Callable[[], str]]] = [
        ("processors", lambda: _processors(settings)),
        ("memory", _memory),
        ("web app", _web_app),
        ("WebRTC", _webrtc),
        ("VP8", lambda: _codec("VP8", picture)),
        ("H.264", lambda: _codec("H264", picture)),
        ("TCP port", lambda: _tcp_port(settings)),
        ("UDP ports", lambda: _udp_ports(settings)),
        ("TURN", lambda: _turn(settings)),
        ("relay", lambda: _relay(settings)),
        *_certificate_checks(settings),
        *_folder_checks(settings),
        *_camera_checks(settings),
    ]
    failed = 0
    for name, check in checks:
        failed += _report(name, check)
    failed += _examine_tracking(settings, picture)
    print(f"\n{failed} of the checks failed" if failed else "\nall is well")
    return 1 if failed else 0


def _examine_tracking(settings: Settings, picture: RgbImage) -> int:
    try:
        trackers = TrackerPool(settings.engine, settings.engine_options)
    except MocastError as problem:
        return _tell("engine", str(problem), failed=True)
    try:
        failed = _report("engine", lambda: f"{trackers.engine_name}: {trackers.describe()}")
        failed += _examine_networks(trackers)
        failed += _report("face shapes", partial(_face_shapes, settings, trackers.engine_name))
        failed += _report("heavy pose network", partial(_heavy_network, trackers.engine_name))
        for tracker, quality in _kinds():
            failed += _report(f"{tracker} {quality}", partial(_speed, trackers, tracker, quality, picture))
    finally:
        trackers.close()
    return failed


def _examine_networks(trackers: TrackerPool) -> int:
    """Report what each network that a quality may reduce computes with, on what, and why."""
    try:
        choices = trackers.choices()
    except MocastError as problem:
        return _tell("precision", str(problem), failed=True)
    for network, choice in choices.items():
        form, _, device = choice.form.partition("@")
        _tell(network.replace("_", " "), f"{form} on {device or 'the processor'}: {choice.why}")
    return 0


def _face_shapes(settings: Settings, engine: str) -> str:
    network = choose_face_shapes(engine, settings.face_shapes, settings.face_task_path, settings.cache_folder)
    if network is None:
        asked = "as set" if settings.face_shapes == "geometry" else "the network is not installed, or does not run"
        return f"by geometry alone: {asked}"
    face, times_ms = Face(np.random.default_rng(0).random((FACE_COUNT, 3), np.float32)), []
    with contextlib.closing(network):
        for _ in range(TIMED_FRAMES):
            started = time.perf_counter()
            network.shape(face, (640, 480))
            times_ms.append(1e3 * (time.perf_counter() - started))
    return f"by MediaPipe's network, {statistics.median(times_ms):.1f} ms a face, and geometry"


def _heavy_network(engine: str) -> str:
    if engine != FAST:
        return f"not used by the engine {engine}, whose quality best is exact"
    if not HEAVY.is_file():
        return "not installed: quality best finds bodies with the full one (docs/tracking.md says how to install it)"
    return "installed: quality best finds bodies with it"


def _report(name: str, check: Callable[[], str]) -> int:
    """Do a check and print what it says; return how many have failed, 0 or 1."""
    try:
        return _tell(name, check())
    except (ProblemFound, MocastError, OSError) as problem:
        return _tell(name, str(problem), failed=True)


def _tell(name: str, detail: str, *, failed: bool = False) -> int:
    print(f"{'FAIL' if failed else 'ok  '}  {name:<18} {detail}", flush=True)
    return int(failed)


def _picture() -> RgbImage:
    """A person at 640x480: part of a NASA portrait of Eileen Collins, in the public domain."""
    data = (files("mocast.commands") / "doctor.jpg").read_bytes()
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)


def _kinds() -> Iterator[tuple[TrackerName, OfflineQuality]]:
    for tracker in get_args(TrackerName):
        for quality in get_args(OfflineQuality):
            yield tracker, quality


def _processors(settings: Settings) -> str:
    cores, workers = usable_cores(), 0 if settings.workers == "auto" else int(settings.workers)
    shared = f"; {workers} workers share them" if workers > cores else ""
    return f"{cores} to use, {os.cpu_count()} in the machine{shared}"


def _memory() -> str:
    machine = machine_bytes()
    if machine is None:
        return "not known on this system"
    total = machine / 2**30
    if total < 1:
        raise ProblemFound(f"{total:.1f} GiB; one session needs about half of one, and the system as much again")
    return f"{total:.1f} GiB"


def _web_app() -> str:
    if not (WEB / "index.html").is_file():
        raise ProblemFound("not built: run `make setup`")
    return f"{sum(path.stat().st_size for path in WEB.rglob('*') if path.is_file()) / 1024:.0f} KiB"


def _codec(name: str, picture: RgbImage) -> str:
    encoder, decoder = VideoEncoder(name, EncoderLimits()), open_decoder(name)
    encode_ms, decoded = [], 0
    for number in range(TIMED_FRAMES):
        shifted = np.roll(picture, 2 * number, axis=1)
        started = time.perf_counter()
        encoded = encoder.encode(shifted, 3_000 * number)
        encode_ms.append(1e3 * (time.perf_counter() - started))
        packet = Packet(encoded.data)
        packet.pts, packet.time_base = encoded.pts, TIME_BASE
        decoded += len(decoder.decode(packet))
    if decoded < TIMED_FRAMES - 1:
        raise ProblemFound(f"only {decoded} of {TIMED_FRAMES} pictures came back from the codec: PyAV is broken")
    return f"{statistics.median(encode_ms):.1f} ms to encode 640x480"


def _webrtc() -> str:
    if missing := installation.missing_names():
        raise ProblemFound(f"aiortc or aioice is of another version than Mocast's: it lacks {', '.join(missing)}")
    return installation.versions()


def _tcp_port(settings: Settings) -> str:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        if sys.platform != "win32":  # where it would let two programs have the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            other = "another --port" + (", or 0 where the server runs" if error.errno == errno.EADDRINUSE else "")
            raise ProblemFound(f"{settings.host}:{settings.port}: {error.strerror}; choose {other}") from error
    return f"{settings.host}:{settings.port} is free"


def _udp_ports(settings: Settings) -> str:
    if settings.ice_policy == "relay":
        return "none of this machine's: video comes by the relay"
    addresses = host_addresses(parse_interfaces(split(settings.ice_interfaces)))
    if not addresses:
        raise ProblemFound(f"no address is in ice_interfaces {settings.ice_interfaces}")
    kinds = (socket.SOCK_DGRAM, socket.SOCK_STREAM) if settings.ice_tcp else (socket.SOCK_DGRAM,)
    for address in addresses:
        for kind in kinds:
            _bind(address, settings.udp_port, kind)
    public = f", from outside {settings.public_ips}" if settings.public_ips else ""
    return f"video will use {', '.join(addresses)}{public}: {_which_ports(settings)}"


def _bind(address: str, port: int, kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) as probe:
        try:
            probe.bind((address, port))
        except OSError as error:
            name = "TCP" if kind is socket.SOCK_STREAM else "UDP"
            raise ProblemFound(
                f"{name} port {port} at {address}: {error.strerror}; choose another --udp-port"
            ) from error


def _which_ports(settings: Settings) -> str:
    if settings.udp_port:
        return f"port {settings.udp_port}, UDP and TCP" if settings.ice_tcp else f"port {settings.udp_port}"
    ports = parse_port_range(settings.udp_ports)
    if not ports:
        return "any ports"
    if len(ports) < settings.session_limit:
        raise ProblemFound(
            f"{len(ports)} ports in udp_ports {settings.udp_ports}; max_sessions is {settings.session_limit}, "
            "and each publisher takes one"
        )
    many = settings.session_limit + settings.max_viewers
    return f"{len(ports)} ports for up to {many} publishers and viewers" + (
        "; those that find none get 503" if len(ports) < many else ""
    )


def _turn(settings: Settings) -> str:
    if not settings.turn_urls:
        return "none set: fine on this machine and in its network, not through NAT"
    if settings.turn_secret_file is not None and not shared_secret(settings.turn_secret_file):
        raise ProblemFound(f"{settings.turn_secret_file} is empty")
    return settings.turn_urls


def _relay(settings: Settings) -> str:
    if not settings.ice_turn_url:
        return "none: clients reach this machine itself"
    secret = turn_secret(settings.turn_secret, settings.turn_secret_file)
    servers = IceServers(turn_secret=secret, turn_ttl_s=settings.turn_ttl_s)
    address = asyncio.run(Gathering(settings.ice_options(servers.credentials)).relayed_address())
    return f"{settings.ice_turn_url} relays at {address}"


def _certificate_checks(settings: Settings) -> Iterator[tuple[str, Callable[[], str]]]:
    certificate = settings.tls_files
    if certificate is not None:
        yield "certificate", partial(_certificate, *certificate, is_made=settings.tls_self_signed)


def _certificate(certificate: Path, key: Path, *, is_made: bool) -> str:
    if is_made and not certificate.exists():
        return f"{certificate}: is made at the start"
    try:
        Tls(certificate, key)
        ends_at = expiry(certificate)
    except OSError as error:
        raise ProblemFound(f"{error.filename}: {error.strerror}") from error
    except ValueError as error:  # such as OpenSSL's TRUSTED CERTIFICATE
        raise ProblemFound(f"{certificate}: it cannot be read: {error}") from error
    if ends_at < datetime.datetime.now(datetime.UTC) and not is_made:  # one that is made is made anew
        raise ProblemFound(f"{certificate}: it has expired on {ends_at:%Y-%m-%d}")
    return f"{certificate}: until {ends_at:%Y-%m-%d}"


def _folder_checks(settings: Settings) -> Iterator[tuple[str, Callable[[], str]]]:
    for name, folder in (("recordings", settings.recordings_folder), ("jobs", settings.jobs_folder)):
        if folder is not None:
            yield name, partial(_folder, folder.absolute())


def _folder(folder: Path) -> str:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ProblemFound(f"{there} is no folder that can be written")
    return f"{folder}: {shutil.disk_usage(there).free / 1e9:.0f} GB free"


def _camera_checks(settings: Settings) -> Iterator[tuple[str, Callable[[], str]]]:
    for source in parse_sources(settings.sources.get_secret_value()):
        yield f"camera {source.room}", partial(_camera, source)


def _camera(source: CameraSource) -> str:
    try:
        with contextlib.closing(OpenedCamera(source.camera)) as camera:
            return f"{source.camera.name}: {camera.video}"
    except CameraError as error:
        raise ProblemFound(f"{source.camera.name}: {error}") from None


def _speed(trackers: TrackerPool, name: TrackerName, quality: OfflineQuality, picture: RgbImage) -> str:
    started = time.perf_counter()
    tracker = trackers.acquire(name, quality)
    built_ms = 1e3 * (time.perf_counter() - started)
    try:
        times_ms = []
        for number in range(TIMED_FRAMES):
            frame = Frame(number, 3_000 * number, time.monotonic_ns(), np.roll(picture, number % 4, axis=1))
            times_ms.append(tracker.track(frame).tracking_ns / 1e6)
    finally:
        trackers.release(tracker)
    # The mean, not the median: what is left out in some frames is time that other sessions have.
    return f"{statistics.fmean(times_ms[3:]):5.1f} ms a frame, {built_ms:.0f} ms to build"
