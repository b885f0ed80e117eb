"""Where the operator has events sent: addresses of webhooks and MQTT brokers; options follow a ``#``."""

import base64
import binascii
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from annotated_types import Interval, doc
from pydantic import SecretStr, StringConstraints

from mocast.errors import Unprocessable
from mocast.hosts import address_name
from mocast.model.analysis import Event, EventType
from mocast.model.options import ROOM_NAME
from mocast.validation import read_query

TargetKind = Literal["webhook", "mqtt"]

SCHEMES: Final[dict[TargetKind, tuple[str, ...]]] = {"webhook": ("http", "https"), "mqtt": ("mqtt", "mqtts")}
MQTT_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
"""As registered with IANA."""
MOST_TARGETS: Final = 16
"""Of one kind; each is a task and a queue."""
DEFAULT_TOPIC: Final = "mocast"

SECRET_PREFIX: Final = "whsec_"
LEAST_SECRET_BYTES: Final = 24
MOST_SECRET_BYTES: Final = 64
"""Prefix and lengths: Standard Webhooks, section "Signature scheme"."""


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """Which events a target is sent."""

    room: Annotated[
        Annotated[str, StringConstraints(pattern=f"^{ROOM_NAME.pattern}$")] | None,
        doc("The room whose events are sent. Without it: those of every room."),
    ] = None
    events: Annotated[tuple[EventType, ...], doc("What is sent, comma-separated. Without it: everything.")] = ()
    qos: Annotated[int, Interval(ge=0, le=1), doc("MQTT's quality of service: 1 is acknowledged by the broker.")] = 1

    def wants(self, event: Event) -> bool:
        """Return whether an event of a room that is wanted is of a type that is."""
        return not self.events or event.type in self.events


@dataclass(frozen=True, slots=True)
class TargetAddress:
    """One target."""

    kind: TargetKind
    url: str = field(repr=False)
    "Without its options; it may hold a password."
    options: TargetOptions = field(default_factory=TargetOptions)

    @property
    def name(self) -> str:
        """The target for a log: scheme, host and port, as user, path and query may hold secrets."""
        return address_name(self.url)

    @property
    def split(self) -> SplitResult:
        """Its address, in parts."""
        return urlsplit(self.url)

    @property
    def topic(self) -> str:
        """Of MQTT: what its topics begin with."""
        return unquote(self.split.path).strip("/") or DEFAULT_TOPIC


def parse_targets(kind: TargetKind, text: str) -> tuple[TargetAddress, ...]:
    """Return the targets of ``ADDRESS#room=NAME&events=gesture,fall ...``, separated by spaces.

    Raises ``ValueError`` with a sentence, which quotes no address: there may be a password in it.
    """
    targets = []
    for number, one in enumerate(text.split(), 1):
        try:
            targets.append(_target(kind, one))
        except (Unprocessable, ValueError) as error:
            raise ValueError(f"{kind} {number}: {error}") from None
    if len(targets) > MOST_TARGETS:
        raise ValueError(f"There are at most {MOST_TARGETS} of them.")
    return tuple(targets)


def _target(kind: TargetKind, text: str) -> TargetAddress:
    url, _, fragment = text.partition("#")
    try:
        address = urlsplit(url)
        is_one = bool(address.hostname) and address.port != 0 and address.scheme in SCHEMES[kind]
    except ValueError:
        is_one = False
    if not is_one or "@" in fragment:
        schemes = " or ".join(f"{scheme}://" for scheme in SCHEMES[kind])
        raise ValueError(f'An address is {schemes}HOST:PORT/...; in a name or password "#", "/" and "@" are escaped.')
    options = read_query(TargetOptions, dict(parse_qsl(fragment, keep_blank_values=True)))
    if kind == "webhook" and "qos" in fragment:
        raise ValueError("Only MQTT has qos.")
    target = TargetAddress(kind, url, options)
    if kind == "mqtt" and any(sign in target.topic for sign in "+#\0"):
        raise ValueError("A topic holds no + and no #.")
    return target


def signing_key(secret: SecretStr | None, file: Path | None) -> bytes | None:
    """Return the key that webhooks are signed with; ``None`` without one. Raises ``ValueError``, ``OSError``."""
    if secret is None and file is None:
        return None
    text = secret.get_secret_value() if secret is not None else file.read_text("utf-8").strip() if file else ""
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not LEAST_SECRET_BYTES <= len(key) <= MOST_SECRET_BYTES:
        raise ValueError(
            f"The webhooks' secret is {SECRET_PREFIX} and {LEAST_SECRET_BYTES} to {MOST_SECRET_BYTES} random bytes in "
            "base64, such as openssl rand -base64 32 gives."
        )
    return key
