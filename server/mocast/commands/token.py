"""``mocast token``: makes a token for somebody, with the secret that the server has."""

import argparse
import re
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mocast.auth.auth_options import AuthOptions
from mocast.auth.setup import SetupError, make_authenticator
from mocast.auth.signed_tokens import MAX_SUBJECT_CHARACTERS
from mocast.errors import Forbidden
from mocast.model.options import ROOM_NAME_RULE
from mocast.model.principal import GRANTS, ROOM_GRANTS, Principal

_ROOM: Final = re.compile(r"(?!\.)[A-Za-z0-9._*?\[\]!-]+")
"""What a room's name has, and the signs of patterns."""
_TIME: Final = re.compile(r"([1-9][0-9]{0,8})([smhd])")
OUTSIDE_ROOMS: Final = GRANTS.difference(ROOM_GRANTS)
_UNIT_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """What the command line asks for."""

    principal: Principal
    "Without a time."
    ttl_s: int


def parse_arguments(words: Sequence[str]) -> tuple[TokenOrder, list[str]]:
    """Return what to make, and the words that are for the settings. ``SystemExit`` after ``--help``, or an error."""
    parser = argparse.ArgumentParser(
        "mocast token",
        description="Prints a token. Needs the server's settings, as flags or in the environment: auth and its secret.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--room",
        action="append",
        default=[],
        type=_room,
        metavar="NAME",
        help="or a pattern such as 'team-*'; repeatable",
    )
    parser.add_argument("--grant", action="append", required=True, choices=sorted(GRANTS), help="repeatable")
    parser.add_argument("--ttl", default=3600, type=_seconds, metavar="TIME", help="such as 30m, 12h, 7d (1h)")
    parser.add_argument("--subject", type=_subject, help="name of the owner of what the token starts (a new one)")
    given, rest = parser.parse_known_args(words)
    if not given.room and not OUTSIDE_ROOMS.issuperset(given.grant):
        parser.error(f"name a --room: only {', '.join(sorted(OUTSIDE_ROOMS))} are for none")
    subject = given.subject or f"operator/{secrets.token_hex(6)}"
    return TokenOrder(Principal(subject, frozenset(given.grant), tuple(given.room)), given.ttl), rest


def make_token(order: TokenOrder, options: AuthOptions) -> int:
    """Print a token; return the process's exit status."""
    if options.jwt_key_file is not None:
        print("mocast token: the issuer's private key makes tokens for this server; it is not here", file=sys.stderr)
        return 2
    principal = order.principal
    timed = Principal(principal.subject, principal.grants, principal.rooms, int(time.time()) + order.ttl_s)
    try:
        token = make_authenticator(options).mint(timed)
    except SetupError as error:
        print(f"mocast token: {error}", file=sys.stderr)
        return 1
    except Forbidden as error:
        hint = "Set what the server has, such as MOCAST_AUTH=token and MOCAST_TOKEN_FILE."
        print(f"mocast token: {error} {hint}", file=sys.stderr)
        return 1
    print(token)
    return 0


def _seconds(text: str) -> int:
    match = _TIME.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text} is no time such as 90s, 30m, 12h or 7d")
    return int(match[1]) * _UNIT_S[match[2]]


def _room(text: str) -> str:
    if not _ROOM.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text} fits no room. {ROOM_NAME_RULE}")
    return text


def _subject(text: str) -> str:
    if not text.isprintable() or not 0 < len(text) <= MAX_SUBJECT_CHARACTERS:
        raise argparse.ArgumentTypeError(f"a subject has 1 to {MAX_SUBJECT_CHARACTERS} printable characters")
    return text
