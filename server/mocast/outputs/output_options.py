"""What one output does: which app it speaks to, and what of the rig it sends. Imports nothing heavy."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar, get_args
from urllib.parse import parse_qsl, urlsplit

Kind = Literal["vmc", "vts", "ifacialmocap"]
"""The VMC protocol, VTube Studio's plugin API, iFacialMocap's text."""
Names = Literal["vrm0", "vrm1", "arkit"]
"""Of the blend shapes that VMC carries."""
Part = Literal["head", "hands", "arms", "body", "face"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
NAMES: Final[tuple[Names, ...]] = get_args(Names)
PARTS: Final[tuple[Part, ...]] = get_args(Part)

PORTS: Final[dict[Kind, int]] = {"vmc": 39539, "vts": 8001, "ifacialmocap": 49983}
"""Where the apps listen unless told otherwise."""

MAX_OUTPUTS: Final = 4
"""Of one room, set over the API."""


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """One output of a room."""

    kind: Kind
    host: str
    "An address or a name."
    port: int
    parts: tuple[Part, ...] = PARTS
    "What of the rig is sent; the app is free to move the rest by other means."
    mirror: bool = False
    "Whether the avatar is the subject's mirror image."
    names: Names = "vrm0"
    "VMC only. The protocol wants every sender to know VRM 0's names, and receivers of VRM 1 to understand them."
    camera: bool = False
    "VMC only: whether a camera before the avatar's bust is sent, too."


ROOM_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUERY: Final = ("room", "names", "parts", "mirror", "camera")

Word = TypeVar("Word", bound=str)


def parse_output_url(url: str) -> tuple[str, OutputOptions]:
    """Return room and output of ``vmc://127.0.0.1:39539?room=main&names=vrm1&parts=head,face&mirror=true``.

    Room: ``main`` where it is not named. Raises ``ValueError`` with a sentence that says what is wrong.
    """
    try:
        address = urlsplit(url)
        query = dict(parse_qsl(address.query, keep_blank_values=True, strict_parsing=bool(address.query)))
    except ValueError as error:
        raise ValueError(f"{url}: {error}") from error
    kind = _one_of(KINDS, address.scheme, "output")
    if not address.netloc or address.path not in ("", "/") or address.fragment:
        raise ValueError(f"{url}: an output is written {kind}://HOST:PORT?room=NAME")
    host, port = parse_target(address.netloc, kind)
    if unknown := sorted(query.keys() - set(_QUERY)):
        raise ValueError(f"{url}: there is no {', '.join(unknown)}; there are {', '.join(_QUERY)}")
    options = OutputOptions(
        kind=kind,
        host=host,
        port=port,
        parts=parse_parts(query.get("parts", ",".join(PARTS))),
        mirror=_flag(query.get("mirror", "false"), "mirror"),
        names=_one_of(NAMES, query.get("names", "vrm0"), "names"),
        camera=_flag(query.get("camera", "false"), "camera"),
    )
    room = query.get("room", "main")
    if not ROOM_NAME.fullmatch(room):
        raise ValueError(f'{url}: "{room}" cannot be a room\'s name')
    return room, options


def parse_target(text: str, kind: Kind) -> tuple[str, int]:
    """Return host and port of ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``; without a port it is the app's own.

    Raises ``ValueError`` with a sentence.
    """
    try:
        address = urlsplit(f"//{text}")
        host, port = address.hostname, address.port
    except ValueError:
        host = port = None
    if not host or address.netloc != text or "@" in text or port == 0:
        raise ValueError(f"{text}: an app's address is written HOST:PORT, the port being 1 to 65535")
    return checked_host(host), port or PORTS[kind]


def checked_host(host: str) -> str:
    """Return a host as it is. Raises ``ValueError`` where it cannot be a host's name."""
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise ValueError(f"{host} cannot be a host's name") from error
    if re.search(r"\s", host):
        raise ValueError(f'"{host}" has a space in it')
    return host


def parse_parts(text: str) -> tuple[Part, ...]:
    """Return comma-separated parts in the order of ``PARTS``. Raises ``ValueError`` for an unknown one, or none."""
    words = {_one_of(PARTS, word.strip(), "part") for word in text.split(",") if word.strip()}
    if not words:
        raise ValueError(f"parts: name some of {', '.join(PARTS)}")
    return tuple(part for part in PARTS if part in words)


def _one_of(known: Iterable[Word], word: str, what: str) -> Word:
    for name in known:
        if name == word:
            return name
    raise ValueError(f'"{word}" is no {what}; there are {", ".join(known)}')


def _flag(text: str, name: str) -> bool:
    return _one_of(("false", "true"), text, name) == "true"
