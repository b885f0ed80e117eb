"""The options of an input: its protocol, where it listens, who may send, and what is taken. Imports nothing heavy."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, Final, Literal, NamedTuple, get_args
from urllib.parse import SplitResult, parse_qsl, urlsplit

from annotated_types import Len, doc
from pydantic import StringConstraints

from mocast.hosts import host_and_port
from mocast.model.mixed_parts import PARTS, MixedPart, SourceName
from mocast.model.options import ROOM_NAME
from mocast.outputs.destination import Networks, parse_networks
from mocast.outputs.output_options import OutputOptions, checked_host, parse_options

InputKind = Literal["vmc", "ifacialmocap", "livelinkface", "meowface"]
"""The VMC protocol; iFacialMocap's text; Live Link Face's packets; the JSON of MeowFace and of VTube Studio's app."""

INPUT_KINDS: Final[tuple[InputKind, ...]] = get_args(InputKind)
INPUT_PORTS: Final[dict[InputKind, int]] = {
    "vmc": 39539,
    "ifacialmocap": 49983,
    "livelinkface": 11111,
    "meowface": 12345,
}
"""Where apps send to unless told otherwise."""
INPUT_SOURCES: Final[dict[InputKind, SourceName]] = {
    "vmc": "vmc",
    "ifacialmocap": "phone",
    "livelinkface": "phone",
    "meowface": "phone",
}
ASKED_KINDS: Final[tuple[InputKind, ...]] = ("ifacialmocap", "meowface")
"""Those whose apps can be asked to send."""

PRIVATE_NETWORKS: Final = (
    *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
    *("::1/128", "fc00::/7", "fe80::/10"),
)
"""Who may send where it is not said: machines of the same house (RFC 1918, 3927, 4193, 4291)."""


@dataclass(frozen=True, slots=True)
class InputOptions:
    """One input of a room."""

    kind: InputKind
    host: str
    "The address of this machine that it listens at; ``0.0.0.0``: all of them."
    port: int
    networks: Networks
    "Whose datagrams are read; others are counted and dropped."
    phone: str = ""
    "The address of a phone that is asked to send; empty: it sends by itself."
    parts: tuple[MixedPart, ...] = PARTS
    "What is taken of it."


class OperatorInput(NamedTuple):
    """An input that the operator sets."""

    room: str
    options: InputOptions


@dataclass(frozen=True, slots=True)
class _UrlQuery:
    room: Annotated[str, StringConstraints(pattern=f"^{ROOM_NAME.pattern}$")] = "main"
    from_: Annotated[tuple[str, ...], Len(1), doc("Networks whose datagrams are read.")] = PRIVATE_NETWORKS
    phone: str = ""
    parts: Annotated[tuple[MixedPart, ...], Len(1), doc("What is taken.")] = PARTS


def parse_input_url(url: str) -> OperatorInput:
    """Return the input of ``vmc://0.0.0.0:39539?room=main&from=192.168.1.0/24&parts=arms,body``.

    Room: ``main`` where it is not named. Raises ``ValueError`` with a sentence that says what is wrong.
    """
    try:
        return _input_of(urlsplit(url))
    except ValueError as error:
        raise ValueError(f"{url}: {error}") from error


def _input_of(address: SplitResult) -> OperatorInput:
    kind = next((kind for kind in INPUT_KINDS if kind == address.scheme), None)
    if kind is None:
        raise ValueError(f'There is no input "{address.scheme}"; there are {", ".join(INPUT_KINDS)}.')
    if not address.netloc or address.path not in ("", "/") or address.fragment:
        raise ValueError(f"An input is written {kind}://ADDRESS:PORT?room=NAME.")
    query = dict(parse_qsl(address.query, keep_blank_values=True, strict_parsing=bool(address.query)))
    asked = parse_options(query, _UrlQuery)
    return OperatorInput(asked.room, input_options(kind, address.netloc, asked.from_, asked.phone, asked.parts))


def input_options(
    kind: InputKind,
    listen: str,
    networks: tuple[str, ...] = PRIVATE_NETWORKS,
    phone: str = "",
    parts: tuple[MixedPart, ...] = PARTS,
) -> InputOptions:
    """Return an input's options. ``listen``: ``ADDRESS``, ``ADDRESS:PORT`` or ``[IPV6]:PORT``.

    Raises ``ValueError`` with a sentence.
    """
    found = host_and_port(listen)
    if found is None:
        raise ValueError(f"An input listens at ADDRESS:PORT, the port being 1 to 65535, not at {listen}.")
    host, port = found
    if phone and kind not in ASKED_KINDS:
        raise ValueError(f"A phone is asked to send by {' and '.join(ASKED_KINDS)} alone.")
    port = INPUT_PORTS[kind] if port is None else port
    return InputOptions(kind, host, port, parse_networks(networks), phone and checked_host(phone), parts)


def check_no_loop(output: OutputOptions, inputs: Iterable[InputOptions]) -> None:
    """Raise ``ValueError``, a sentence, where what an output of a room sends comes in again as that room's input.

    Addresses are compared as they are written, and one machine may have several.
    """
    for one in inputs:
        if output.kind == one.kind and output.port == one.port and _is_here(output.host, one.host):
            raise ValueError(
                f"The {one.kind} output to port {output.port} of this machine would come in again at the {one.kind}"
                " input that listens there, and the room would follow itself: give one of them another port."
            )


def _is_here(host: str, listens_at: str) -> bool:
    """Whether what is sent to a host comes to where an input listens."""
    if host == listens_at:
        return True
    try:
        address = ip_address("127.0.0.1" if host == "localhost" else host)
        listens = ip_address("127.0.0.1" if listens_at == "localhost" else listens_at)
    except ValueError:
        return False
    return address.is_loopback and (listens.is_loopback or listens.is_unspecified)
