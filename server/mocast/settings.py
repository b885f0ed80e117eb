"""Everything an operator may set, once: flags, environment variables and the documentation's table come from here."""

import difflib
import importlib.util
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from mocast.auth.authenticator import AuthMode
from mocast.auth.setup import AuthOptions
from mocast.events import mqtt as event_broker
from mocast.events.target_address import TargetKind, parse_targets, signing_key
from mocast.inputs.input_options import check_no_loop, parse_input_url
from mocast.model.options import MAX_PEOPLE
from mocast.outputs.destination import parse_networks
from mocast.outputs.mapping_file import read_triggers
from mocast.outputs.output_options import parse_output_url
from mocast.rigging.retargeting.avatar_fitter import read_avatar
from mocast.rooms.client_limits import CAMERA_BITRATE
from mocast.sources.camera_address import parse_sources
from mocast.tracking.cores import usable_cores
from mocast.tracking.engines import DeviceSetting, PrecisionSetting
from mocast.tracking.face_task import FaceShapesChoice
from mocast.webrtc.ice import (
    Credentials,
    IceOptions,
    parse_interfaces,
    parse_port_range,
    parse_public_addresses,
    parse_turn_url,
)

KUBERNETES_FORMS: Final = {
    "SERVICE_HOST": r"[0-9a-fA-F.:]+",
    r"SERVICE_PORT(_[A-Z0-9_]+)?": r"\d+",
    r"PORT(_\d+_(TCP|UDP|SCTP))?": r"(tcp|udp|sctp)://\S+:\d+",
    r"PORT_\d+_(TCP|UDP|SCTP)_PROTO": r"tcp|udp|sctp",
    r"PORT_\d+_(TCP|UDP|SCTP)_PORT": r"\d+",
    r"PORT_\d+_(TCP|UDP|SCTP)_ADDR": r"[0-9a-fA-F.:]+",
}
"""What Kubernetes injects for a Service into every pod of its namespace, after the Service's name: the rest of the
variable's name, and the form of its value."""

CLUSTER_SECRET_CHARACTERS: Final = 32

_HOST_PATTERN = re.compile(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
"""A name, ``*.`` and a name, or ``*``."""


class Settings(BaseSettings):
    """Flags of ``mocast serve`` (``--max-sessions 8``) and environment variables (``MOCAST_MAX_SESSIONS=8``)."""

    model_config = SettingsConfigDict(
        env_prefix="MOCAST_",
        extra="forbid",
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_hide_none_type=True,
        cli_avoid_json=True,
        cli_enforce_required=False,
    )

    host: str = Field("127.0.0.1", description="Address to listen on. `0.0.0.0`: every network (set in the container).")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on. 0: any free one.")
    auth: AuthMode = Field(
        "none",
        description="What everybody is asked for. `none`: nothing, on this machine only. `token`: a shared secret, or "
        "a token that was made with it. `jwt`: a JSON Web Token.",
    )
    published_on: str = Field(
        "",
        description="Addresses and names at which a container, or a proxy before it, is reached, comma-separated. "
        "These and not `host` decide who gets in then.",
    )
    insecure: bool = Field(False, description="Serve other machines without asking anybody for a token.")
    token: SecretStr | None = Field(
        None, description="The secret of `auth=token`: 16 characters or more, such as `openssl rand -hex 16` gives."
    )
    token_file: Path | None = Field(
        None,
        description="File that holds the secret, in place of `token`; created where it is missing. Where both are "
        "empty: `mocast/token` in the user's own configuration folder.",
    )
    jwt_secret: SecretStr | None = Field(
        None, description="Secret of tokens signed with HS256, for `auth=jwt`: 32 characters or more."
    )
    jwt_secret_file: Path | None = Field(None, description="File that holds the secret, in place of `jwt_secret`.")
    jwt_key_file: Path | None = Field(
        None,
        description="File with the issuer's public keys for tokens signed with RS256 or EdDSA: one in PEM, or a JSON "
        "Web Key Set. Read again when it changes.",
    )
    jwt_issuer: str = Field("", description="What the claim `iss` must be. Empty: anything.")
    jwt_audience: str = Field("", description="What the claim `aud` must hold. Empty: there must be none.")
    engine: Literal["auto", "openvino", "mediapipe"] = Field(
        "auto",
        description="What tracks. `openvino`: fast. `mediapipe`: the reference. `auto`: the fast one where it loads, "
        "else the reference.",
    )
    precision: PrecisionSetting = Field(
        "auto",
        description="What `openvino` computes with. `f32`: 32-bit floats. `f16`, `bf16`: 16-bit ones for the hands, "
        "except in `exact`, and for the body in `fast`. `int8`: 8-bit integers there. `auto`: of each network what is "
        "fastest here and near enough to `f32`, by a measurement at the first start.",
    )
    device: DeviceSetting = Field(
        "cpu",
        description="Where `openvino` computes. `cpu`: the processor. `gpu`, `npu`: an Intel GPU or NPU with its "
        "driver, for all that it computes near enough to the processor. `auto`: what `precision` may reduce where it "
        "is fastest, by the same measurement.",
    )
    max_sessions: int = Field(
        0,
        ge=0,
        description="Publishers at a time; more get 503. One that has several people tracked counts as so many. "
        "0: two for each usable core.",
    )
    max_people: int = Field(MAX_PEOPLE, ge=1, le=MAX_PEOPLE, description="People tracked in a picture, at most.")
    max_sessions_per_principal: int = Field(
        0, ge=0, description="Publishers of one principal at a time; more get 429. 0: as many as there may be."
    )
    max_sessions_per_address: int = Field(
        16,
        ge=0,
        description="Publishers from one address at a time; more get 429. 0: as many as there may be. IPv6 "
        "addresses count by their first 64 bits, this machine's own do not count.",
    )
    max_viewers: int = Field(64, ge=0, description="Viewers at a time; more get 503.")
    max_viewers_per_principal: int = Field(0, ge=0, description="The same of one principal; more get 429.")
    max_viewers_per_address: int = Field(32, ge=0, description="The same from one address; more get 429.")
    max_sockets: int = Field(64, ge=0, description="WebSocket readers at a time; more get 503.")
    max_sockets_per_principal: int = Field(0, ge=0, description="The same of one principal; more get 429.")
    max_sockets_per_address: int = Field(32, ge=0, description="The same from one address; more get 429.")
    max_uploads: int = Field(
        64, ge=0, description="Still pictures at a time, from the request to the answer; more get 503."
    )
    max_uploads_per_principal: int = Field(0, ge=0, description="The same of one principal; more get 429.")
    max_uploads_per_address: int = Field(8, ge=0, description="The same from one address; more get 429.")
    max_connections: int = Field(2048, ge=16, description="Connections by HTTP at a time; more get 503.")
    max_connections_per_address: int = Field(
        256,
        ge=0,
        description="The same from one address; more get 429. 0: as many as there may be. Those of `trusted_proxies` "
        "and this machine's own do not count.",
    )
    request_rate_per_principal: float = Field(
        0, ge=0, description="Requests a second of one principal, on average over 10 s; more get 429. 0: any number."
    )
    request_rate_per_address: float = Field(
        100, ge=0, description="Requests a second from one address, on average over 10 s; more get 429. 0: any number."
    )
    trusted_proxies: str = Field(
        "127.0.0.0/8,::1",
        description="Proxies whose `X-Forwarded-For` says who the client is, and `X-Forwarded-Prefix` below which path "
        "the server is to it: networks or addresses, comma-separated. Whoever is in them can pretend to be any "
        "address. Empty: none.",
    )
    tracking_threads: int = Field(
        0,
        ge=0,
        description="Frames that are tracked at a time, and threads of the engine. 0: one for each usable core.",
    )
    tracker_timeout_s: float = Field(
        5,
        ge=1,
        le=60,
        description="Seconds after which a tracker that has not returned from a frame counts as hung and is replaced.",
    )
    memory_share: float = Field(
        0.9,
        gt=0,
        le=1,
        description="Part of the container's memory limit above which new clients get 503. 1: they are always taken.",
    )
    cache_dir: str = Field(
        "auto",
        description="Folder where compiled networks are kept, which makes the next start fast. `auto`: `mocast` in the "
        "user's own cache folder. Empty: nowhere.",
    )
    face_shapes: FaceShapesChoice = Field(
        "auto",
        description="What a face's blend shapes are made from. `auto`: MediaPipe's network and geometry together, "
        "where the network is installed. `network`: the same, or the server does not start. `geometry`: that alone.",
    )
    face_task_path: Path | None = Field(
        None,
        description="A `face_landmarker.task` of MediaPipe's, whose network of blend shapes is used in place of the "
        "one that is installed. Never downloaded.",
    )
    warm: str = Field(
        "holistic", description="Trackers built at the start, before a session needs them, comma-separated."
    )
    video_codecs: str = Field(
        "", description="Video codecs to accept, best first, of `vp8`, `h264`. Empty: both, in the client's order."
    )
    audio: bool = Field(
        True,
        description="Pass a publisher's audio (Opus) on to the room's viewers. Without it, audio is answered as "
        "inactive and thrown away.",
    )
    min_bitrate: int = Field(150_000, ge=50_000, description="Least bitrate of the returned video, bits per second.")
    start_bitrate: int = Field(
        2_000_000, ge=50_000, description="Bitrate until the network's speed is known, bits per second."
    )
    max_bitrate: int = Field(
        4_000_000, ge=50_000, description="Greatest bitrate of the returned video, bits per second."
    )
    encoder_threads: int = Field(1, ge=1, le=16, description="Threads of each video encoder.")
    decoder_threads: int = Field(1, ge=1, le=16, description="Threads of each video decoder.")
    h264_preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"] = Field(
        "superfast", description="x264's preset: the slower, the better the picture."
    )
    connect_timeout_s: float = Field(15, gt=0, le=120, description="Seconds that a session may take to connect.")
    media_timeout_s: float = Field(
        30, gt=0, le=600, description="Seconds without a picture from a publisher after which its session ends."
    )
    max_session_s: float = Field(
        0, ge=0, description="Longest session of a publisher or viewer, in seconds. 0: any length."
    )
    max_offer_bytes: int = Field(65_536, ge=4_096, description="Largest SDP offer, in bytes; larger ones get 413.")
    max_candidates: int = Field(
        64, ge=1, le=256, description="ICE candidates of a session, in the offer and later; more get 422."
    )
    max_message_bytes: int = Field(
        16_384, ge=1_024, le=65_536, description="Largest message on the data channel `control`; larger ones get 413."
    )
    max_message_rate: float = Field(
        50,
        gt=0,
        description="Messages a second from a client, on data channels or a WebSocket; more are refused (429), four "
        "times as many end the session.",
    )
    max_input_pixels: int = Field(
        9_437_184,
        ge=4_096,
        le=33_554_432,
        description="Largest picture of a camera, width times height (at first 4096x2304); a larger one ends it.",
    )
    max_input_fps: float = Field(
        60,
        ge=1,
        description="Frames of a camera that are tracked a second; more are dropped, four times as many end it.",
    )
    max_input_bitrate: int = Field(
        20_000_000,
        ge=100_000,
        description="Bits a second that a client is told to send at most; a quarter more for seconds ends its session.",
    )
    camera_bitrate: int = Field(
        CAMERA_BITRATE,
        ge=100_000,
        description="Bits a second of video that a client is asked to send at most (in the answer, and by REMB). "
        "[More finds nothing more](benchmarks.md#what-a-camera-needs); the picture that viewers see is made of it.",
    )
    image_workers: int = Field(
        1, ge=1, le=64, description="Still pictures processed at a time; they take turns with rooms."
    )
    image_queue: int = Field(16, ge=0, le=1024, description="Still pictures that may wait; more get 503.")
    recordings_folder: Path | None = Field(
        None,
        description="Folder of the recordings, for this server alone. Empty: a temporary one, deleted when the "
        "server ends.",
    )
    recording_max_s: float = Field(600, gt=0, le=14_400, description="Longest recording, in seconds.")
    recording_max_mb: int = Field(512, ge=1, description="Largest recording, in MB; a minute is about 40 MB.")
    recordings_kept: int = Field(
        8,
        ge=0,
        le=256,
        description="Recordings kept at a time; a new one replaces one that has ended. 0: nobody may record.",
    )
    recordings_per_principal: int = Field(
        0,
        ge=0,
        description="Recordings kept of one principal; a new one replaces its oldest that has ended, else it gets 429. "
        "0: as many as there may be.",
    )
    recordings_max_mb: int = Field(
        0,
        ge=0,
        description="All recordings together, in MB, a running one counted with `recording_max_mb`; a new one replaces "
        "its owner's oldest, else it gets 503. 0: no limit but the number.",
    )
    recordings_keep_s: float = Field(
        86_400, gt=0, le=31_536_000, description="Seconds after its end until a recording is deleted."
    )
    jobs_folder: Path | None = Field(
        None,
        description="Folder of [jobs](jobs.md): their list, the videos that came and what is made of them, for this "
        "server alone. Empty: a temporary one in `cache_dir`, made for the first job, deleted when the server ends.",
    )
    jobs_running: int = Field(1, ge=1, le=64, description="Jobs that are worked on at a time; live rooms come first.")
    max_jobs: int = Field(
        32, ge=0, le=256, description="Jobs that have not ended at a time; more get 503. 0: none is taken."
    )
    max_jobs_per_principal: int = Field(0, ge=0, description="The same of one principal; more get 429.")
    max_jobs_per_address: int = Field(16, ge=0, description="The same from one address; more get 429.")
    job_max_mb: int = Field(4096, ge=1, description="Largest video of a job, in MB; a larger one gets 413.")
    jobs_max_mb: int = Field(
        32_768, ge=1, description="All videos and results of jobs together, in MB; what is above it gets 507."
    )
    jobs_max_mb_per_principal: int = Field(
        0, ge=0, description="The same of one principal; more get 429. 0: as much as there may be."
    )
    jobs_kept: int = Field(
        128, ge=1, le=256, description="Jobs kept at a time; a new one replaces the oldest of whoever has the most."
    )
    jobs_keep_s: float = Field(
        86_400, gt=0, le=31_536_000, description="Seconds after its end until a job and its results are deleted."
    )
    job_upload_keep_s: float = Field(
        86_400, gt=0, le=31_536_000, description="Seconds for which a video of which only a part came may be resumed."
    )
    job_processes: int = Field(
        0,
        ge=0,
        le=64,
        description="Processes of a job that track, at the lowest priority. 0: one for each usable core, 4 at most.",
    )
    job_upload_mbit: float = Field(
        64,
        ge=0,
        description="Mbit/s at which all jobs' videos together may come while somebody publishes. 0: any rate.",
    )
    job_max_s: float = Field(14_400, gt=0, description="Longest that a job may be worked on, in seconds.")
    job_memory_mb: int = Field(4096, ge=256, description="Memory that each process of a job may take, in MB.")
    exercises_folder: Path | None = Field(
        None,
        description="Folder with [exercises of one's own](analysis.md#exercises-of-your-own), a YAML file each; one "
        "with the name of one of Mocast's takes its place.",
    )
    outputs: str = Field(
        "",
        description="Apps that rooms' avatars are sent to from the start, separated by spaces: "
        "`vmc://127.0.0.1:39539?room=main&names=vrm1&parts=head,face`, `vts://...`, `ifacialmocap://...`, "
        "`livelinkface://...`, `vrchat://...`, `osc://...`. "
        "`mapping=FILE`: [gestures for hotkeys and blend shapes](events.md#the-mapping-file). "
        "`vrm=FILE`: [the avatar that a VMC app shows](avatars.md#hands-and-body-of-this-avatar).",
    )
    inputs: str = Field(
        "",
        description="Ports at which other programs' motion comes in and is [mixed](mixing.md) with rooms' cameras, "
        "separated by spaces: `vmc://0.0.0.0:39539?room=main&from=192.168.1.0/24&parts=body,arms`, "
        "`ifacialmocap://...`, `livelinkface://...`, `meowface://...?phone=192.168.1.20`.",
    )
    webhooks: SecretStr = Field(
        SecretStr(""),
        description="Addresses that [events](events.md#webhooks) are posted to, separated by spaces: "
        "`https://home.example/hook#room=studio&events=gesture,fall`.",
    )
    webhook_secret: SecretStr | None = Field(
        None,
        description="Secret that webhooks are signed with: `whsec_` and what `openssl rand -base64 32` gives. "
        "Empty: they are not signed.",
    )
    webhook_secret_file: Path | None = Field(
        None, description="File that holds the secret, in place of `webhook_secret`."
    )
    mqtt: SecretStr = Field(
        SecretStr(""),
        description="MQTT brokers that [events](events.md#mqtt) are published to, separated by spaces: "
        '`mqtts://USER:PASSWORD@broker.example/mocast#room=studio`; needs `pip install "mocast[mqtt]"`.',
    )
    sources: SecretStr = Field(
        SecretStr(""),
        description="Cameras that the server opens itself and that feed rooms, separated by spaces: "
        "`studio=rtsp://USER:PASSWORD@HOST/PATH#tracker=pose`; also `/dev/video0`, `screen` and files. "
        "[What may follow the `#`](connect.md#an-ip-camera).",
    )
    output_networks: str = Field(
        "",
        description="Where clients of the API may have avatars sent to: networks (`192.168.1.0/24`) or addresses, "
        "comma-separated. Empty: nowhere.",
    )
    vts_tokens_file: Path | None = Field(
        None,
        description="File with the permissions that VTube Studio's users gave. Empty: they are asked at every start.",
    )
    stun_urls: str = Field("", description="STUN servers for clients, comma-separated (`stun:host:3478`).")
    turn_urls: str = Field(
        "",
        description="TURN servers for clients, comma-separated; `{host}` becomes the page's own host name "
        "(`turn:{host}:3478?transport=udp`).",
    )
    turn_secret: SecretStr | None = Field(
        None, description="Secret shared with the TURN server (coturn's `static-auth-secret`)."
    )
    turn_secret_file: Path | None = Field(
        None, description="File that holds the secret, in place of `turn_secret`; created where it is missing."
    )
    turn_ttl_s: int = Field(3600, ge=60, description="How long TURN credentials last.")
    tls_cert: Path | None = Field(
        None, description="Certificate for HTTPS, in PEM, with its chain; read again when it changes. Empty: HTTP."
    )
    tls_key: Path | None = Field(None, description="The certificate's key, in PEM, without a password.")
    tls_self_signed: bool = Field(
        False,
        description="HTTPS with a certificate of the server's own making, for this machine's addresses. It is kept in "
        "`tls_cert` and `tls_key`; where these are empty, in `mocast` in the user's own configuration folder.",
    )
    allowed_hosts: str = Field(
        "",
        description="Names of this server in the DNS or at a proxy, comma-separated; requests to others get 421. "
        "`localhost`, IP addresses and the machine's own name are always among them. `*.example.org`: all below. "
        "`*`: any, which lets any web page in (DNS rebinding).",
    )
    workers: str = Field(
        "1",
        pattern=r"auto|[1-9][0-9]?",
        description="Processes that serve, each with rooms of its own. `auto`: "
        "[one for about four usable cores](deployment.md#all-cores-of-a-machine).",
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        description="Redis in which [several servers that are one](deployment.md#several-machines) keep where each "
        'room is (`redis://:PASSWORD@HOST:6379/0`); needs `pip install "mocast[redis]"`. Empty: this server is alone.',
    )
    node_name: str = Field(
        "", description="Name of this server among them, the same after a restart. Empty: the host's name."
    )
    node_url: str = Field(
        "",
        description="Address at which the others reach this server (`http://10.0.0.5:8080`). Empty: the machine's own "
        "that leads to Redis, and `port`.",
    )
    cluster_secret: SecretStr | None = Field(
        None, description="Secret that they share, by which they know each other: 32 characters or more."
    )
    cluster_secret_file: Path | None = Field(
        None,
        description="File that holds the secret, in place of `cluster_secret`; created where it is missing.",
    )
    udp_port: int = Field(
        0, ge=0, le=65535, description="One UDP port for all sessions' media. 0: each session has ports of its own."
    )
    ice_tcp: bool = Field(
        False, description="Take media by TCP, too, on `udp_port`'s number, for clients whose network blocks UDP."
    )
    udp_ports: str = Field(
        "",
        description="UDP ports of the sessions, one each for every address (`50000-50100`); without a free one: 503. "
        "Empty: any that the system hands out.",
    )
    public_ips: str = Field(
        "",
        description="Addresses that 1:1 NAT maps to this machine's, comma-separated: `203.0.113.7`, or with the local "
        "one behind it `203.0.113.7/10.0.0.5`; IPv6, too. Clients are told them beside the local ones.",
    )
    ice_interfaces: str = Field(
        "",
        description="Where media may come in: interfaces (`eth0`) and networks (`192.168.1.0/24`), comma-separated. "
        "Empty: every address but loopback's.",
    )
    ice_policy: Literal["all", "relay"] = Field(
        "all", description="`relay`: clients reach the server by `ice_turn_url` alone; it tells them no other address."
    )
    ice_turn_url: str = Field(
        "",
        description="TURN server by which clients may reach this server (`turn:relay.example.org:3478?transport=tcp`, "
        "`turns:`). It must take `turn_secret`.",
    )
    ice_denied_networks: str = Field(
        "",
        description="Networks to which no connectivity check is sent, whatever address a client names, "
        "comma-separated: on the Internet those behind the server (`10.0.0.0/8`), if no TURN server is there.",
    )
    allowed_origins: str = Field(
        "", description="Web origins whose pages may call the API, comma-separated; `*`: any. Empty: only our own page."
    )
    drain_s: float = Field(
        0,
        ge=0,
        le=86_400,
        description="Seconds that running sessions may go on after SIGTERM; new ones get 503. 0: they end at once.",
    )
    metrics_rooms: int = Field(
        0,
        ge=0,
        le=256,
        description="Rooms that `/metrics` has series of their own for, labelled by name: the oldest. 0: none, "
        "and no names.",
    )
    otel_endpoint: str = Field(
        "",
        description="Collector of OpenTelemetry that traces are sent to (`http://collector:4318/v1/traces`); needs "
        '`pip install "mocast[otel]"`. Empty: no traces, nowhere.',
    )
    otel_frames_every: int = Field(
        300, ge=1, description="Of so many frames of a session, one is traced, with its stages."
    )
    shutdown_timeout_s: float = Field(10, gt=0, description="Seconds that a graceful stop may take after draining.")
    log_format: Literal["console", "json"] = Field("console", description="How logs are written.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: Any,
        env_settings: Any,
        dotenv_settings: Any,
        file_secret_settings: Any,
    ) -> tuple[Any, ...]:
        """Read flags, then the environment, but for what Kubernetes injects into it."""
        injected = {name.lower() for name in kubernetes_variables(os.environ)}
        env_settings.env_vars = {
            name: value for name, value in env_settings.env_vars.items() if name.lower() not in injected
        }
        return init_settings, env_settings

    @field_validator("outputs")
    @classmethod
    def _are_outputs(cls, text: str) -> str:
        for url in text.split():
            output = parse_output_url(url)
            try:
                read_triggers(output)
                if output.vrm is not None:
                    read_avatar(output.vrm)
            except ValueError as error:
                raise ValueError(f"{url}: {error}") from error
        return text

    @field_validator("inputs")
    @classmethod
    def _are_inputs(cls, text: str, info: ValidationInfo) -> str:
        inputs = [parse_input_url(url) for url in text.split()]
        for output in map(parse_output_url, info.data.get("outputs", "").split()):
            check_no_loop(output.options, (one.options for one in inputs if one.room == output.room))
        return text

    @field_validator("webhooks", "mqtt")
    @classmethod
    def _are_targets(cls, text: SecretStr, info: ValidationInfo) -> SecretStr:
        kind: TargetKind = "mqtt" if info.field_name == "mqtt" else "webhook"
        targets = parse_targets(kind, text.get_secret_value())
        if kind == "mqtt" and targets and not event_broker.is_installed():
            raise ValueError('it needs aiomqtt: pip install "mocast[mqtt]"')
        return text

    @field_validator("sources")
    @classmethod
    def _are_sources(cls, text: SecretStr) -> SecretStr:
        parse_sources(text.get_secret_value())
        return text

    @field_validator("otel_endpoint")
    @classmethod
    def _can_be_sent_to(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError(f"{url} is no address: it begins with http:// or https://")
        try:
            missing = bool(url) and importlib.util.find_spec("opentelemetry.exporter.otlp.json.http") is None
        except ModuleNotFoundError:  # of what it is in
            missing = True
        if missing:
            raise ValueError('traces need OpenTelemetry: pip install "mocast[otel]"')
        return url

    @field_validator("jobs_folder")
    @classmethod
    def _can_be_confined(cls, folder: Path | None) -> Path | None:
        if folder is not None and os.name == "nt":
            raise ValueError("a job's processes cannot be bounded on Windows; mocast process runs there")
        return folder

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, text: str) -> str:
        for name in split(text):
            if _HOST_PATTERN.fullmatch(name) is None:
                raise ValueError(f"{name} is not the name of a host: write it without scheme and port")
        return text

    @field_validator("output_networks", "trusted_proxies", "ice_denied_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        parse_networks(split(text))
        return text

    @field_validator("turn_urls")
    @classmethod
    def _are_turn_urls(cls, text: str) -> str:
        for url in split(text):
            parse_turn_url(url)
        return text

    @field_validator("ice_turn_url")
    @classmethod
    def _is_turn_url(cls, text: str) -> str:
        if text and parse_turn_url(text).host == "{host}":
            raise ValueError("the server itself needs the TURN server's name in place of {host}")
        return text

    @field_validator("udp_ports")
    @classmethod
    def _is_port_range(cls, text: str) -> str:
        parse_port_range(text)
        return text

    @field_validator("public_ips")
    @classmethod
    def _are_public_addresses(cls, text: str) -> str:
        parse_public_addresses(split(text))
        return text

    @field_validator("ice_interfaces")
    @classmethod
    def _are_interfaces(cls, text: str) -> str:
        parse_interfaces(split(text))
        return text

    @model_validator(mode="after")
    def _signs(self) -> "Settings":
        if self.webhook_secret is not None and self.webhook_secret_file is not None:
            raise ValueError("webhook_secret and webhook_secret_file exclude each other")
        if self.webhook_secret is not None:
            signing_key(self.webhook_secret, None)
        return self

    @model_validator(mode="after")
    def _ice(self) -> "Settings":
        if self.udp_port and self.udp_ports:
            raise ValueError("udp_port and udp_ports exclude each other")
        if self.ice_tcp and not self.udp_port:
            raise ValueError("ice_tcp needs udp_port, whose number it takes")
        if self.ice_policy == "relay" and not self.ice_turn_url:
            raise ValueError("ice_policy relay needs ice_turn_url")
        if self.ice_turn_url and not self.turn_secret and not self.turn_secret_file:
            raise ValueError("ice_turn_url needs turn_secret or turn_secret_file")
        return self

    @model_validator(mode="after")
    def _cluster(self) -> "Settings":
        if self.redis_url.get_secret_value():
            if (self.cluster_secret is None) == (self.cluster_secret_file is None):
                raise ValueError("redis_url needs one of cluster_secret and cluster_secret_file")
            if importlib.util.find_spec("redis") is None:
                raise ValueError('redis_url needs the Redis client: pip install "mocast[redis]"')
        secret = self.cluster_secret.get_secret_value() if self.cluster_secret else None
        if secret is not None and len(secret) < CLUSTER_SECRET_CHARACTERS:
            raise ValueError(f"cluster_secret must have {CLUSTER_SECRET_CHARACTERS} characters or more")
        if self.node_url and not self.node_url.startswith(("http://", "https://")):
            raise ValueError(f"node_url: {self.node_url} begins with neither http:// nor https://")
        return self

    @model_validator(mode="after")
    def _bounds(self) -> "Settings":
        if not self.min_bitrate <= self.start_bitrate <= self.max_bitrate:
            raise ValueError("min_bitrate <= start_bitrate <= max_bitrate does not hold")
        for name, allowed in (("video_codecs", {"vp8", "h264"}), ("warm", {"holistic", "pose", "hands", "face"})):
            unknown = set(split(getattr(self, name))) - allowed
            if unknown:
                raise ValueError(f"{name}: {', '.join(sorted(unknown))} is not one of {', '.join(sorted(allowed))}")
        if self.turn_urls and not self.turn_secret and not self.turn_secret_file:
            raise ValueError("turn_urls needs turn_secret or turn_secret_file")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key need each other")
        if self.tls_self_signed and self.tls_files is None:
            raise ValueError("tls_self_signed needs tls_cert and tls_key, as the user has no home folder")
        return self

    @property
    def is_open(self) -> bool:
        """Whether other machines are served, and nobody is asked for a token."""
        return self.auth == "none" and not all(map(is_loopback, self.reached_at))

    @property
    def reached_at(self) -> tuple[str, ...]:
        """Addresses and names at which clients reach the server, as far as the operator has said."""
        return split(self.published_on) or (self.host,)

    @property
    def auth_options(self) -> AuthOptions:
        """How tokens are checked."""
        return AuthOptions(
            mode=self.auth,
            token=self.token.get_secret_value() if self.token else "",
            token_file=self.kept_token_file,
            jwt_secret=self.jwt_secret.get_secret_value() if self.jwt_secret else "",
            jwt_secret_file=self.jwt_secret_file,
            jwt_key_file=self.jwt_key_file,
            jwt_issuer=self.jwt_issuer,
            jwt_audience=self.jwt_audience,
        )

    @property
    def session_limit(self) -> int:
        """Publishers at a time, with the default worked out."""
        return self.max_sessions or 2 * usable_cores()

    def ice_options(self, relay_credentials: Callable[[], Credentials]) -> IceOptions:
        """Return how the server takes part in ICE."""
        return IceOptions(
            udp_port=self.udp_port,
            tcp=self.ice_tcp,
            udp_ports=parse_port_range(self.udp_ports),
            public_addresses=parse_public_addresses(split(self.public_ips)),
            interfaces=parse_interfaces(split(self.ice_interfaces)),
            relay_only=self.ice_policy == "relay",
            relay=parse_turn_url(self.ice_turn_url) if self.ice_turn_url else None,
            relay_credentials=relay_credentials,
            denied=parse_networks(split(self.ice_denied_networks)),
        )

    @property
    def kept_token_file(self) -> Path | None:
        """The file that holds the shared secret, with the default worked out; ``None``: no file does."""
        if self.token_file is not None or self.auth != "token" or self.token is not None:
            return self.token_file
        folder = _user_folder("XDG_CONFIG_HOME", ".config")
        return folder / "token" if folder is not None else None

    @property
    def cache_folder(self) -> Path | None:
        """Where compiled networks are kept, with the default worked out; ``None``: nowhere."""
        if self.cache_dir != "auto":
            return Path(self.cache_dir) if self.cache_dir else None
        return _user_folder("XDG_CACHE_HOME", ".cache")

    @property
    def tls_files(self) -> tuple[Path, Path] | None:
        """The certificate and its key, with the default worked out; ``None``: HTTP."""
        if self.tls_cert is not None and self.tls_key is not None:
            return self.tls_cert, self.tls_key
        folder = _user_folder("XDG_CONFIG_HOME", ".config") if self.tls_self_signed else None
        return (folder / "certificate.pem", folder / "key.pem") if folder is not None else None


def _user_folder(variable: str, usual: str) -> Path | None:
    """A folder of ours in the user's own. Source: the XDG Base Directory Specification; it ignores relative paths."""
    base = Path(os.environ.get(variable, ""))
    if base.is_absolute():
        return base / "mocast"
    try:
        return Path.home() / usual / "mocast"
    except RuntimeError:  # a user without a home
        return None


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Return a sentence for each environment variable that looks like one of ours and is none."""
    known = [f"MOCAST_{name.upper()}" for name in Settings.model_fields]
    names = environment.keys() - kubernetes_variables(environment)
    unknown = sorted(name for name in names if name.upper().startswith("MOCAST_") and name.upper() not in known)
    sentences = []
    for name in unknown:
        nearest = difflib.get_close_matches(name.upper(), known, n=1)
        sentences.append(f"{name} is not a setting" + (f"; did you mean {nearest[0]}?" if nearest else ""))
    return sentences


def kubernetes_variables(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the variables that Kubernetes injects for Services named ``mocast`` or ``mocast-...``.

    Each has its own name and a value of its own form, so ``MOCAST_PORT=9000`` is none.
    Source: Kubernetes documentation, "Service", section "Environment variables".
    """
    services = [name.removesuffix("_SERVICE_HOST") for name in environment if name.endswith("_SERVICE_HOST")]
    ours = [service for service in services if service == "MOCAST" or service.startswith("MOCAST_")]
    return frozenset(
        name
        for name, value in environment.items()
        for service in ours
        for suffix, form in KUBERNETES_FORMS.items()
        if re.fullmatch(f"{service}_{suffix}", name) and re.fullmatch(form, value)
    )


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split(text: str) -> tuple[str, ...]:
    """Return the parts of a comma-separated setting."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def bracketed(host: str) -> str:
    """Return a host as an address needs it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def settings_table() -> str:
    """Return every setting as a Markdown table, as ``docs/settings.md`` holds it."""
    rows = ["| flag | environment | default | what it sets |", "| --- | --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, "", SecretStr("")) else f"`{field.default}`"
        flag = name.replace("_", "-")
        rows.append(f"| `--{flag}` | `MOCAST_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"
