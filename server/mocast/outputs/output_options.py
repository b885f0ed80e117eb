"""The options of an output: its protocol, destination, and the parts of the rig to send. Imports nothing heavy."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, TypeVar, get_args
from urllib.parse import SplitResult, parse_qsl, urlsplit

from annotated_types import Interval, Len, doc
from pydantic import StringConstraints

from mocast.errors import Unprocessable
from mocast.hosts import host_and_port
from mocast.model.options import MAX_PEOPLE, ROOM_NAME
from mocast.validation import read_query

OutputKind = Literal["vmc", "vts", "ifacialmocap", "livelinkface", "vrchat", "osc"]
"""The VMC protocol, VTube Studio's plugin API, iFacialMocap's text, Live Link Face's packets, VRChat's OSC, and OSC
with addresses of our own."""
ShapeNames = Literal["vrm0", "vrm1", "arkit"]
RigPart = Literal["head", "hands", "arms", "body", "face"]
VrchatTracker = Literal["hip", "chest", "feet", "knees", "elbows"]

KINDS: Final[tuple[OutputKind, ...]] = get_args(OutputKind)
SHAPE_NAMES: Final[tuple[ShapeNames, ...]] = get_args(ShapeNames)
PARTS: Final[tuple[RigPart, ...]] = get_args(RigPart)
TRACKERS: Final[tuple[VrchatTracker, ...]] = get_args(VrchatTracker)

PORTS: Final[dict[OutputKind, int]] = {
    "vmc": 39539,
    "vts": 8001,
    "ifacialmocap": 49983,
    "livelinkface": 11111,
    "vrchat": 9000,
    "osc": 10000,
}
"""Where the apps listen unless told otherwise; of plain OSC, which has no port of its own, TouchDesigner's."""

OWN_OPTIONS: Final[dict[str, tuple[OutputKind, ...]]] = {
    "names": ("vmc", "vrchat"),
    "camera": ("vmc",),
    "trackers": ("vrchat",),
    "height": ("vrchat",),
    "prefix": ("vrchat", "osc"),
    "landmarks": ("osc",),
}
"""The options that only some kinds have, and which; to all others they mean nothing."""

REST_HEIGHT_M: Final = 1.65
"""How tall the skeleton of ``mocast.model.humanoid`` is, which is not loaded for this."""

MAX_OUTPUTS: Final = 4
"""Outputs of one room that may be set over the API."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionOptions:
    """What of the rig is sent, and how. ``parts`` come in the order of ``PARTS``."""

    parts: Annotated[
        tuple[RigPart, ...],
        Len(1),
        doc("What is sent (all of it); the app is free to move the rest by other means."),
    ] = PARTS
    mirror: Annotated[bool, doc("Moves the avatar as a mirror image.")] = False
    person: Annotated[int, Interval(ge=0, lt=MAX_PEOPLE), doc("Whose motion, where several people are tracked.")] = 0
    names: Annotated[
        ShapeNames,
        doc("Of the blend shapes. VMC; VRChat, where all but `arkit` are VRCFaceTracking's."),
    ] = "vrm0"
    # The protocol wants every sender to know VRM 0's names, and receivers of VRM 1 to understand them.
    camera: Annotated[bool, doc("Sends a camera before the avatar, too. VMC only.")] = False
    trackers: Annotated[tuple[VrchatTracker, ...], doc("What is a tracker of VRChat's. VRChat only.")] = ("hip", "feet")
    # VRChat's own advice: with fewer its inverse kinematics makes more of trackers that are less than exact.
    height: Annotated[float, Interval(ge=0.5, le=2.5), doc("How tall the person is, in metres. VRChat only.")] = (
        REST_HEIGHT_M
    )
    prefix: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)*/?$", max_length=64),
        doc("Begins the names of VRChat's avatar parameters, or OSC's addresses (`mocast`). VRChat and OSC only."),
    ] = ""
    landmarks: Annotated[bool, doc("Sends landmarks, too. OSC only.")] = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(part for part in PARTS if part in self.parts))
        object.__setattr__(self, "trackers", tuple(one for one in TRACKERS if one in self.trackers))


@dataclass(frozen=True, slots=True)
class OutputOptions(MotionOptions):
    """One output of a room. Without a port it is the app's own."""

    kind: OutputKind
    host: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9._:%-]+$", max_length=253),
        doc("An address, or a name that the server looks up."),
    ]
    port: Annotated[
        int,
        Interval(ge=1, le=65535),
        doc(f"Where it is not given: {', '.join(f'{port} ({kind})' for kind, port in PORTS.items())}."),
    ] = 0

    def __post_init__(self) -> None:
        MotionOptions.__post_init__(self)
        object.__setattr__(self, "port", self.port or PORTS[self.kind])


@dataclass(frozen=True, slots=True)
class OutputsRequest:
    """All outputs of a room that are set over the API."""

    outputs: Annotated[tuple[OutputOptions, ...], Len(0, MAX_OUTPUTS)]


class OperatorOutput(NamedTuple):
    """An output that the operator sets."""

    room: str
    options: OutputOptions
    mapping: Path | None = None
    "File of triggers (``mocast.outputs.mapping_file``), which clients cannot name."
    vrm: Path | None = None
    "File of the avatar that the app shows, of VMC alone, which clients cannot name either."


@dataclass(frozen=True, slots=True)
class _UrlQuery(MotionOptions):
    room: Annotated[str, StringConstraints(pattern=f"^{ROOM_NAME.pattern}$")] = "main"
    mapping: str = ""
    vrm: str = ""


def parse_output_url(url: str) -> OperatorOutput:
    """Return the output of ``vmc://127.0.0.1:39539?room=main&names=vrm1&parts=head,face&mirror=true&mapping=FILE&vrm=FILE``.

    Room: ``main`` where it is not named. Raises ``ValueError`` with a sentence that says what is wrong.
    """
    try:
        return _output_of(urlsplit(url))
    except ValueError as error:
        raise ValueError(f"{url}: {error}") from error


def _output_of(address: SplitResult) -> OperatorOutput:
    kind = parse_kind(address.scheme)
    if not address.netloc or address.path not in ("", "/") or address.fragment:
        raise ValueError(f"An output is written {kind}://HOST:PORT?room=NAME.")
    host, port = parse_target(address.netloc, kind)
    query = parse_qsl(address.query, keep_blank_values=True, strict_parsing=bool(address.query))
    motion = asdict(parse_options(dict(query), _UrlQuery))
    room, mapping, vrm = (motion.pop(name) for name in ("room", "mapping", "vrm"))
    if vrm and kind != "vmc":
        raise ValueError(f"Only vmc is sent for an avatar: {kind} takes no vrm.")
    files = (Path(name) if name else None for name in (mapping, vrm))
    return OperatorOutput(room, OutputOptions(kind, host, port, **motion), *files)


def parse_kind(word: str) -> OutputKind:
    """Return the kind of that name. Raises ``ValueError`` where there is none."""
    for kind in KINDS:
        if kind == word:
            return kind
    raise ValueError(f'There is no output "{word}"; there are {", ".join(KINDS)}.')


def parse_options(query: Mapping[str, str], kind: type[T]) -> T:
    """Return the options that a URL's query, or flags, name. Raises ``ValueError`` with a sentence."""
    try:
        return read_query(kind, query)
    except Unprocessable as error:
        raise ValueError(str(error)) from error


def parse_target(text: str, kind: OutputKind) -> tuple[str, int]:
    """Return host and port of ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``; without a port it is the app's own.

    Raises ``ValueError`` with a sentence.
    """
    found = host_and_port(text)
    if found is None or found[1] == 0:
        raise ValueError(f"An app's address is written HOST:PORT, the port being 1 to 65535, not {text}.")
    host, port = found
    return checked_host(host), port or PORTS[kind]


def checked_host(host: str) -> str:
    """Return the host unchanged. Raises ``ValueError`` where it cannot be a host's name."""
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise ValueError(f'"{host}" cannot be a host\'s name.') from error
    if re.search(r"\s", host):
        raise ValueError(f'"{host}" has a space in it.')
    return host
