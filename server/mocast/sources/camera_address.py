"""The address of a camera: by RTSP or HTTP, a device, the screen or a file; options follow a ``#``. Loads no PyAV."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from annotated_types import Interval, doc
from pydantic import StringConstraints

from mocast.errors import Unprocessable
from mocast.hosts import address_name
from mocast.model.options import ROOM_NAME, SessionOptions
from mocast.validation import read_query

CameraKind = Literal["rtsp", "http", "device", "screen", "file"]

SCHEMES: Final[dict[str, CameraKind]] = {
    "rtsp": "rtsp",
    "rtsps": "rtsp",
    "http": "http",
    "https": "http",
    "file": "file",
}
SCREEN: Final = "screen"

_DEVICE: Final = re.compile(r"/dev/video\d+")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?=//)")
"""Two letters or more: ``C:\\`` is a folder of Windows."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CameraOptions:
    """How a camera is read."""

    loop: Annotated[bool, doc("A file begins again at its end.")] = False
    transport: Annotated[Literal["tcp", "udp"], doc("What carries the packets of RTSP.")] = "tcp"
    size: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[1-9]\d{1,3}x[1-9]\d{1,3}$")] | None,
        doc("Size of a device's picture, or of the part of the screen at its top left: 1280x720. Without it: its own."),
    ] = None
    fps: Annotated[
        Annotated[float, Interval(ge=1, le=120)] | None,
        doc("Frames a second of a device or the screen. Without it: the device's own, or 30."),
    ] = None


@dataclass(frozen=True, slots=True)
class CameraAddress:
    """Where a camera is, and how it is read."""

    kind: CameraKind
    url: str = field(repr=False)
    "As FFmpeg takes it; it may hold a password."
    options: CameraOptions = field(default_factory=CameraOptions)

    @property
    def name(self) -> str:
        """The camera for a log: scheme and host, as user, path and query may hold passwords; a file's own name."""
        if self.kind in ("device", "screen"):
            return self.url
        if self.kind == "file":
            return re.split(r"[/\\@]", self.url)[-1]  # an address with a mistake in it is taken for a file
        return address_name(self.url)

    @property
    def is_remote(self) -> bool:
        """Whether it comes by the network."""
        return self.kind in ("rtsp", "http")


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What may follow the ``#`` of a source's address."""

    camera: CameraOptions = field(default_factory=CameraOptions)
    session: SessionOptions = field(default_factory=SessionOptions)


@dataclass(frozen=True, slots=True)
class CameraSource:
    """A camera that feeds a room."""

    room: str
    camera: CameraAddress
    session: SessionOptions = field(default_factory=SessionOptions)


def parse_sources(text: str) -> tuple[CameraSource, ...]:
    """Return the sources of ``ROOM=ADDRESS#options ...``, separated by spaces.

    Raises ``ValueError`` with a sentence, which quotes no address: there may be a password in it.
    """
    sources = tuple(_source(number, one) for number, one in enumerate(text.split(), 1))
    rooms = [source.room for source in sources]
    for room in rooms:
        if rooms.count(room) > 1:
            raise ValueError(f'Room "{room}" has two sources.')
    return sources


def _source(number: int, text: str) -> CameraSource:
    room, _, address = text.partition("=")
    if not ROOM_NAME.fullmatch(room) or not address:
        raise ValueError(f"Source {number} is not written ROOM=ADDRESS.")
    try:
        camera, query = parse_camera(address)
        options = _read(SourceOptions, query)
    except ValueError as error:
        raise ValueError(f'Source of room "{room}": {error}') from None
    return CameraSource(room, CameraAddress(camera.kind, camera.url, options.camera), options.session)


def parse_camera(text: str) -> tuple[CameraAddress, dict[str, str]]:
    """Return a camera without its options, and those, unread, that follow the ``#``.

    Raises ``ValueError`` with a sentence that does not quote the address.
    """
    url, _, fragment = text.partition("#")
    if "@" in fragment:
        raise ValueError('A "#" in a user\'s name or password is written %23, a "/" %2F.')
    return CameraAddress(*_kind_and_url(url)), dict(parse_qsl(fragment, keep_blank_values=True))


def read_camera_options(camera: CameraAddress, options: dict[str, str]) -> CameraAddress:
    """Return a camera with its options. Raises ``ValueError`` where one is unknown or impossible."""
    return CameraAddress(camera.kind, camera.url, _read(CameraOptions, options))


def _kind_and_url(url: str) -> tuple[CameraKind, str]:
    if url == SCREEN:
        return "screen", url
    if _DEVICE.fullmatch(url):
        return "device", url
    scheme = _SCHEME.match(url)
    if scheme is None:
        return "file", url
    kind = SCHEMES.get(scheme[1].lower())
    if kind is None:
        raise ValueError(f"A camera's address begins with {', '.join(SCHEMES)}, or it is a device, {SCREEN} or a file.")
    if kind == "file":
        return kind, unquote(urlsplit(url).path)
    _check_host(url)
    return kind, url


def _check_host(url: str) -> None:
    """Raise ``ValueError`` where a URL has no host, or a password breaks it."""
    try:
        address = urlsplit(url)
        port, host = address.port, address.hostname
    except ValueError:
        port, host = 0, None
    if not host or port == 0 or "@" in address.path + address.query:
        raise ValueError('A camera\'s address is scheme://USER:PASSWORD@HOST:PORT/..., a "/" in a password being %2F.')


def _read(kind: type[T], query: dict[str, str]) -> T:
    try:
        return read_query(kind, query)
    except Unprocessable as error:
        raise ValueError(str(error)) from None
